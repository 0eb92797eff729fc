#include "backends/postgresql/cutover_objects.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "backends/postgresql/attempt.hpp"
#include "backends/postgresql/catalog.hpp"
#include "backends/postgresql/ddl.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/object_kind.hpp"
#include "backends/postgresql/sql/partition_indexes.sql.hpp"
#include "model/name_list.hpp"

namespace migrate::backends::postgresql {
namespace {

std::string property_of(const SchemaObject& object, const char* name) {
    const auto found = object.properties.find(name);
    return found == object.properties.end() ? std::string() : found->second;
}

std::string named(const SchemaObject& object) {
    return fmt::format("{} {}{}", object.kind, object.name.display(),
                       object.table.empty() ? "" : " on " + object.table);
}

class AfterMove {
  public:
    AfterMove(session::PostgresqlSession& session, const Schema& schema, std::vector<Finding>& findings)
        : m_session(session), m_schema(schema), m_findings(findings) {}

    std::vector<SchemaObject> run() {
        m_session.execute("SET LOCAL check_function_bodies = off", "preparing for functions");
        partition_indexes();
        each([](const SchemaObject& one) { return one.kind == "schema"; });
        each([](const SchemaObject& one) {
            return !is_code(one) && (one.kind == "statistics" || one.kind == "policy");
        });
        row_security();
        // A root's default goes to its partitions, whose own are settings.
        defaults(false);
        details(false);
        default_privileges();
        privileges(false);
        code();
        defaults(true);
        details(true);
        privileges(true);
        return std::move(m_refused);
    }

  private:
    template <typename Wanted>
    void each(Wanted wanted) {
        for (const SchemaObject& object : m_schema.objects) {
            if (wanted(object)) {
                leave_out_on(attempt(m_session, object.native_sql, named(object)), named(object),
                             object.kind);
            }
        }
    }

    /// A view or trigger, or a check or an index that calls functions: there once all code is.
    [[nodiscard]] bool describes_code(const SchemaObject& detail) const {
        constexpr std::array<std::string_view, 8> k_kinds{
            "view", "materialized view", "function", "procedure", "aggregate", "operator", "trigger", "rule"};
        const std::string kind = property_of(detail, property::k_about_kind);
        if (std::find(k_kinds.begin(), k_kinds.end(), kind) != k_kinds.end()) {
            return true;
        }
        const std::vector<std::string> needs = model::read_name_list(property_of(detail, property::k_needs));
        return std::any_of(m_schema.objects.begin(), m_schema.objects.end(), [&](const SchemaObject& object) {
            return is_code(object) && !is_detail(object) && !object.table.empty() &&
                   object.table == detail.table && object.name.schema == detail.name.schema &&
                   std::find(needs.begin(), needs.end(), object.name.name) != needs.end();
        });
    }

    [[nodiscard]] bool is_wanted(const SchemaObject& one, std::string_view kind, bool of_code) const {
        return is_detail(one) && one.kind == kind && describes_code(one) == of_code &&
               !(of_code && describes_refused(one));
    }

    /// Settings and comments of code, or of all else.
    void details(bool of_code) {
        each([&](const SchemaObject& one) { return is_wanted(one, "setting", of_code); });
        each([&](const SchemaObject& one) { return is_wanted(one, "comment", of_code); });
    }

    /// Code runs with what its owner may do: those of tables come before it. An owner must have been allowed
    /// into the schema before anything can be given to it.
    void privileges(bool of_code) {
        const auto about = [&](const SchemaObject& one, std::string_view kind) {
            return is_wanted(one, kind, of_code);
        };
        const auto of_schema = [](const SchemaObject& one) {
            return property_of(one, property::k_about_kind) == "schema";
        };
        each([&](const SchemaObject& one) { return about(one, "privilege") && of_schema(one); });
        each([&](const SchemaObject& one) { return about(one, "owner"); });
        each([&](const SchemaObject& one) { return about(one, "privilege") && !of_schema(one); });
    }

    /// Views may be listed before what they were later made to read: those that fail are tried again as long
    /// as others succeed.
    void code() {
        std::vector<const SchemaObject*> left;
        for (const SchemaObject& object : m_schema.objects) {
            if (is_code(object) && !is_detail(object)) {
                left.push_back(&object);
            }
        }
        for (std::size_t before = left.size() + 1; left.size() < before;) {
            before = left.size();
            std::vector<const SchemaObject*> failed;
            m_reasons.clear();
            for (const SchemaObject* object : left) {
                const std::string run_as = property_of(*object, property::k_run_as);
                if (auto reason = attempt(m_session, object->native_sql, named(*object), run_as)) {
                    failed.push_back(object);
                    m_reasons.push_back(*reason);
                }
            }
            left = std::move(failed);
        }
        for (std::size_t i = 0; i < left.size(); ++i) {
            leave_out_on(m_reasons[i], named(*left[i]), left[i]->kind);
            m_refused.push_back(*left[i]);
        }
        take_back_triggers_of_others();
    }

    /// Of code that was refused, because its name is taken perhaps: what has the name is not touched.
    [[nodiscard]] bool describes_refused(const SchemaObject& detail) const {
        const std::string kind = property_of(detail, property::k_about_kind);
        const std::string about = property_of(detail, property::k_about);
        const std::vector<std::string> needs = model::read_name_list(property_of(detail, property::k_needs));
        const auto needs_one = [&](std::string_view what, const std::string& name) {
            for (std::size_t i = 0; i + 1 < needs.size(); i += 2) {
                if (needs[i] == what && needs[i + 1] == name) {
                    return true;
                }
            }
            return false;
        };
        return std::any_of(m_refused.begin(), m_refused.end(), [&](const SchemaObject& refused) {
            if (refused.name.schema != detail.name.schema) {
                return false;
            }
            if (!refused.table.empty()) {
                return refused.table == detail.table && needs_one(refused.kind, refused.name.name);
            }
            if (const std::string signature = property_of(refused, property::k_signature);
                !signature.empty()) {
                return needs_one(refused.kind == "operator" ? "operator" : "routine", signature);
            }
            return kind.ends_with("view") &&
                   (about == refused.name.name || detail.table == refused.name.name);
        });
    }

    /// A function that was refused may be there all the same, as another's: what would call that one was
    /// meant to call ours.
    void take_back_triggers_of_others() {
        std::vector<std::string> refused;
        for (const SchemaObject& object : m_refused) {
            refused.push_back(property_of(object, property::k_signature));
        }
        for (const SchemaObject& object : m_schema.objects) {
            const bool was_made =
                object.kind == "trigger" && !is_detail(object) &&
                std::none_of(m_refused.begin(), m_refused.end(), [&](const auto& one) {
                    return one.kind == object.kind && one.name == object.name && one.table == object.table;
                });
            if (!was_made || refused.empty()) {
                continue;
            }
            const QualifiedName table{object.name.schema, object.table};
            const auto calls = m_session.query(
                "SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = $1::pg_catalog.regclass AND tgname = $2 "
                "AND "
                "tgfoid::pg_catalog.regprocedure::pg_catalog.text = ANY ($3::pg_catalog.text[])",
                {quote_name(table), object.name.name, session::array_literal(refused)},
                "looking what a trigger calls");
            if (calls.size() > 0) {
                m_session.execute(fmt::format("DROP TRIGGER {} ON {}", quote_identifier(object.name.name),
                                              quote_name(table)),
                                  "taking a trigger back");
                leave_out_on(
                    "The function that it calls could not be made; one of the same name that is there "
                    "is another.",
                    named(object), object.kind);
                m_refused.push_back(object);
            }
        }
    }

    void defaults(bool calling_code) {
        for (const Table& table : m_schema.tables) {
            for (const Column& column : table.columns) {
                const std::string sql = ddl::set_default(table, column);
                if (!sql.empty() && column.properties.contains(property::k_calls_code) == calling_code) {
                    const std::string object =
                        fmt::format("default of table {}, column {}", table.name.display(), column.name);
                    leave_out_on(attempt(m_session, sql, object), object, "default");
                }
            }
        }
    }

    /// The server names the indexes that partitions get by their root's; they are given the source's names.
    void partition_indexes() {
        for (const SchemaObject& object : m_schema.objects) {
            const std::string list = property_of(object, property::k_partition_indexes);
            if (object.kind != "partition" || list.empty()) {
                continue;
            }
            const auto wanted = split_names(list);
            const auto rows =
                m_session.query(sql::partition_indexes, {session::array_literal({object.name.schema})},
                                "looking for the indexes of a partition");
            for (int row = 0; row < rows.size(); ++row) {
                for (std::size_t i = 0; i + 1 < wanted.size() && rows.view(row, 1) == object.name.name;
                     i += 2) {
                    const std::string name = parse_name(wanted[i + 1]).name;
                    if (parse_name(wanted[i]).name == rows.view(row, 2) && name != rows.view(row, 3)) {
                        const std::string what = "index " + name + " of partition " + object.name.display();
                        leave_out_on(attempt(m_session,
                                             fmt::format("ALTER INDEX {} RENAME TO {}",
                                                         quote_name(object.name.schema, rows.text(row, 3)),
                                                         quote_identifier(name)),
                                             what),
                                     what, "partition index name");
                    }
                }
            }
        }
    }

    void row_security() {
        for (const Table& table : m_schema.tables) {
            const auto found = table.properties.find(property::k_row_security);
            if (found == table.properties.end()) {
                continue;
            }
            const std::string alter = "ALTER TABLE " + quote_name(table.name);
            m_session.execute(alter + " ENABLE ROW LEVEL SECURITY", "enabling row-level security");
            if (found->second == "forced") {
                m_session.execute(alter + " FORCE ROW LEVEL SECURITY", "enabling row-level security");
            }
        }
    }

    /// ALTER … SET SCHEMA keeps the privileges of the staging schema: those that the destination gives to new
    /// tables are granted here.
    void default_privileges() {
        for (const Table& table : m_schema.tables) {
            const auto rows = m_session.query(
                "SELECT pg_catalog.format('GRANT %s ON TABLE %s TO %s%s', acl.privilege_type, "
                "$2::pg_catalog.text, CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE "
                "pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(acl.grantee)) END, "
                "CASE WHEN acl.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) "
                "FROM pg_catalog.pg_default_acl d "
                "LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace "
                "CROSS JOIN LATERAL pg_catalog.aclexplode(d.defaclacl) acl "
                "WHERE d.defaclobjtype = 'r' AND pg_catalog.pg_get_userbyid(d.defaclrole) = current_user "
                "AND acl.grantee <> d.defaclrole AND (d.defaclnamespace = 0 OR n.nspname = $1)",
                {table.name.schema, quote_name(table.name)}, "reading default privileges");
            for (int row = 0; row < rows.size(); ++row) {
                m_session.execute(rows.text(row, 0), "granting default privileges");
            }
        }
    }

    void leave_out_on(const std::optional<std::string>& reason, const std::string& object, std::string kind) {
        if (reason) {
            std::replace(kind.begin(), kind.end(), ' ', '-');
            m_findings.push_back(
                {Severity::left_out, kind + "-left-out", object, *reason, "Create it by hand.", 0});
        }
    }

    session::PostgresqlSession& m_session;
    const Schema& m_schema;
    std::vector<Finding>& m_findings;
    std::vector<std::string> m_reasons;
    std::vector<SchemaObject> m_refused;
};

}  // namespace

std::vector<SchemaObject> create_after_move(session::PostgresqlSession& session, const Schema& schema,
                                            std::vector<Finding>& findings) {
    return AfterMove(session, schema, findings).run();
}

std::vector<std::string> after_move_statements(const Schema& schema) {
    std::vector<std::string> statements;
    for (const SchemaObject& object : schema.objects) {
        const bool after = is_code(object) || is_detail(object) || object.kind == "schema" ||
                           object.kind == "statistics" || object.kind == "policy";
        if (after) {
            statements.push_back(object.native_sql);
        }
    }
    for (const Table& table : schema.tables) {
        for (const Column& column : table.columns) {
            if (std::string sql = ddl::set_default(table, column); !sql.empty()) {
                statements.push_back(std::move(sql));
            }
        }
    }
    return statements;
}

}  // namespace migrate::backends::postgresql
