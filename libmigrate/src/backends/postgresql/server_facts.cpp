#include "backends/postgresql/server_facts.hpp"

#include "backends/postgresql/sql/comments.sql.hpp"
#include "backends/postgresql/sql/privileges.sql.hpp"
#include "backends/postgresql/sql/server_facts.sql.hpp"

namespace migrate::backends::postgresql {

ServerFacts read_server_facts(session::PostgresqlSession& session) {
    const auto rows = session.query(sql::server_facts, "asking what the server has");
    ServerFacts facts;
    for (int row = 0; row < rows.size(); ++row) {
        const std::string_view kind = rows.view(row, 0);
        const std::string name = rows.text(row, 1);
        if (kind == "type") {
            facts.types.insert(name);
            facts.objects.insert(name);
        } else if (kind == "object") {
            facts.objects.insert(name);
        } else if (kind == "schema") {
            facts.schemas.insert(name);
        } else if (kind == "extension") {
            facts.extensions.insert(name);
        } else if (kind == "creatable") {
            facts.creatable.insert(name);
        } else if (kind == "role") {
            facts.roles[name] = {rows.boolean(row, 2), rows.boolean(row, 3)};
        } else {
            facts.role = name;
            facts.superuser = rows.boolean(row, 2);
        }
    }
    return facts;
}

std::set<std::string> read_said_of_schemas(session::PostgresqlSession& session,
                                           const std::set<std::string>& schemas) {
    std::set<std::string> statements;
    const std::string list = session::array_literal({schemas.begin(), schemas.end()});
    for (const std::string_view sql : {sql::privileges, sql::comments}) {
        const auto rows = session.query(sql, {list}, "asking what is said of schemas");
        for (int row = 0; row < rows.size(); ++row) {
            if (rows.view(row, 5) == "schema") {
                statements.insert(rows.text(row, 4));
            }
        }
    }
    return statements;
}

}  // namespace migrate::backends::postgresql
