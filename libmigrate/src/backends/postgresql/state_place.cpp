#include "backends/postgresql/state_place.hpp"

#include "backends/postgresql/identifier.hpp"

namespace migrate::backends::postgresql::state {

std::string Place::sql(std::string_view text) const {
    constexpr std::string_view k_own = "_migrate.";
    std::string out(text);
    if (own_schema()) {
        return out;
    }
    const std::string there = quote_identifier(m_schema) + "._migrate_";
    for (std::size_t at = out.find(k_own); at != std::string::npos; at = out.find(k_own, at + there.size())) {
        out.replace(at, k_own.size(), there);
    }
    return out;
}

std::optional<Place> known_place(session::PostgresqlSession& session) {
    const auto rows = session.query(
        "SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
        "c.relnamespace "
        "WHERE c.relkind = 'r' AND (n.nspname = '_migrate' AND c.relname = 'provenance' OR c.relname = "
        "'_migrate_provenance') AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND "
        "pg_catalog.has_table_privilege(c.oid, 'SELECT') ORDER BY pg_catalog.pg_has_role(c.relowner, "
        "'MEMBER') DESC, "
        "n.nspname = '_migrate' DESC, n.nspname LIMIT 1",
        "looking for earlier migrations");
    if (rows.size() == 0) {
        return std::nullopt;
    }
    return rows.view(0, 0) == "_migrate" ? Place() : Place(rows.text(0, 0));
}

Place find_place(session::PostgresqlSession& session) {
    return known_place(session).value_or(Place());
}

bool may_create_schemas(session::PostgresqlSession& session) {
    return session
        .query("SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')",
               "asking what the role may do")
        .boolean(0, 0);
}

}  // namespace migrate::backends::postgresql::state
