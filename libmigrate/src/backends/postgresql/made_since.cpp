#include "backends/postgresql/made_since.hpp"

#include <algorithm>
#include <set>
#include <string>

#include <fmt/format.h>

#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/sql/dependents.sql.hpp"
#include "backends/postgresql/undo_log.hpp"

namespace migrate::backends::postgresql {
namespace {

constexpr const char* k_doing = "looking for what others have made on the tables";

/// $1: the tables, quoted; each with its name as things.sql has it.
constexpr const char* k_staged =
    "WITH staged AS (SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) AS display FROM "
    "pg_catalog.unnest($1::pg_catalog.text[]) AS wanted(name) JOIN pg_catalog.pg_class c ON c.oid = "
    "pg_catalog.to_regclass(wanted.name) JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace) ";

Finding blocker(const std::string& object, const std::string& message) {
    return {Severity::blocker,
            "made-by-others",
            object,
            message,
            "Drop it or take the change back first; or undo the migration whole: leave --to-checkpoint out.",
            0};
}

/// One check after another, of the tables that go back to where they were staged.
class Search {
  public:
    Search(session::PostgresqlSession& session, const backend::TargetPlan& plan)
        : m_session(session), m_plan(plan), m_steps(undo::steps(session, plan.migration)) {
        for (const Table& table : plan.schema.tables) {
            if (table.placement != Placement::load) {
                m_tables.push_back(quote_name(table.name));
            }
        }
        for (const SchemaObject& object : plan.schema.objects) {
            if (object.kind == "partition") {
                m_tables.push_back(quote_name(object.name));
            }
        }
    }

    std::vector<Finding> run(const backend::RecordedThings& recorded, const backend::Things& now) {
        if (recorded.after.empty()) {
            m_findings.push_back(blocker("migration " + m_plan.migration,
                                         "was made by a version that did not record what it left, so that "
                                         "what others have made on its tables cannot be told from it"));
            return std::move(m_findings);
        }
        name_things(recorded.after, now);
        name_foreign_keys();
        name_dependents();
        return std::move(m_findings);
    }

  private:
    session::PostgresqlRows of_tables(const std::string& sql) {
        return m_session.query(k_staged + sql, {session::array_literal(m_tables)}, k_doing);
    }

    void name_things(const backend::Things& after, const backend::Things& now) {
        read_names();
        std::set<std::string> named;
        for (const auto& [key, says] : now) {
            if (key.first == backend::k_sequences || !is_of_tables(key.second)) {
                continue;
            }
            const auto left = after.find(key);
            if ((left == after.end() || left->second != says) && named.insert(key.second).second) {
                m_findings.push_back(
                    blocker(key.second, "was made or changed by others since the migration"));
            }
        }
    }

    /// Indexes and statistics do not have their table's name in theirs.
    void read_names() {
        const auto rows = of_tables(
            "SELECT true, display FROM staged UNION ALL SELECT false, pg_catalog.format('relation %I.%I', "
            "n.nspname, c.relname) FROM staged s JOIN pg_catalog.pg_index i ON i.indrelid = s.oid JOIN "
            "pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = "
            "c.relnamespace UNION ALL SELECT false, pg_catalog.format('statistics %I.%I', n.nspname, "
            "e.stxname) FROM staged s JOIN pg_catalog.pg_statistic_ext e ON e.stxrelid = s.oid JOIN "
            "pg_catalog.pg_namespace n ON n.oid = e.stxnamespace");
        for (int row = 0; row < rows.size(); ++row) {
            (rows.boolean(row, 0) ? m_displays : m_parts).insert(rows.text(row, 1));
        }
    }

    /// The table itself, or "column schema.table.name" and the like.
    [[nodiscard]] bool is_of_tables(const std::string& thing) const {
        const std::size_t space = thing.find(' ');
        if (m_parts.contains(thing) || space == std::string::npos) {
            return m_parts.contains(thing);
        }
        const std::string name = thing.substr(space + 1);
        if (thing.starts_with("relation ")) {
            return m_displays.contains(name);
        }
        for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
            if (m_displays.contains(name.substr(0, dot))) {
                return true;
            }
        }
        return false;
    }

    /// Those that were there before were made anew by the cutover, and its undo takes them off.
    void name_foreign_keys() {
        const auto rows = of_tables(
            "SELECT pg_catalog.format('ALTER TABLE %I.%I DROP CONSTRAINT %I', n.nspname, c.relname, "
            "k.conname), pg_catalog.format('foreign key %I of table %I.%I', k.conname, n.nspname, "
            "c.relname), "
            "s.display FROM staged s JOIN pg_catalog.pg_constraint k ON k.confrelid = s.oid AND k.contype = "
            "'f' AND k.conparentid = 0 JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN "
            "pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE NOT EXISTS (SELECT FROM staged o "
            "WHERE o.oid = k.conrelid) ORDER BY 2");
        for (int row = 0; row < rows.size(); ++row) {
            const bool is_ours =
                std::find(m_steps.begin(), m_steps.end(), rows.text(row, 0)) != m_steps.end();
            if (!is_ours) {
                m_findings.push_back(blocker(
                    rows.text(row, 1),
                    fmt::format("was made by others since, and refers to table {}", rows.text(row, 2))));
            }
        }
    }

    void name_dependents() {
        const auto rows = m_session.query(sql::dependents, {session::array_literal(m_tables)}, k_doing);
        for (int row = 0; row < rows.size(); ++row) {
            const QualifiedName name{rows.text(row, 1), rows.text(row, 2)};
            if (!is_ours(rows.text(row, 0), name)) {
                m_findings.push_back(blocker(
                    rows.text(row, 0) + " " + name.display(),
                    fmt::format("was made by others since, and depends on table {}", rows.text(row, 3))));
            }
        }
    }

    /// Made by the migration, or there before and made anew by it, as the steps of its undo say.
    bool is_ours(const std::string& kind, const QualifiedName& name) {
        const auto& made = m_plan.schema.objects;
        if (std::any_of(made.begin(), made.end(),
                        [&](const SchemaObject& object) { return object.name == name; })) {
            return true;
        }
        const std::string shown =
            m_session
                .query("SELECT pg_catalog.format('%I.%I', $1::pg_catalog.text, $2::pg_catalog.text)",
                       {name.schema, name.name}, k_doing)
                .text(0, 0);
        const std::string begin = kind == "view" ? "CREATE OR REPLACE VIEW " + shown + " "
                                                 : "ALTER TABLE " + shown + " DROP CONSTRAINT ";
        return std::any_of(m_steps.begin(), m_steps.end(),
                           [&](const std::string& step) { return step.starts_with(begin); });
    }

    session::PostgresqlSession& m_session;
    const backend::TargetPlan& m_plan;
    std::vector<std::string> m_steps;
    std::vector<std::string> m_tables;  ///< Quoted.
    std::set<std::string> m_displays;   ///< The same, quoted only where they have to be.
    std::set<std::string> m_parts;
    std::vector<Finding> m_findings;
};

}  // namespace

std::vector<Finding> made_since(session::PostgresqlSession& session, const backend::TargetPlan& plan,
                                const backend::RecordedThings& recorded, const backend::Things& now) {
    return Search(session, plan).run(recorded, now);
}

}  // namespace migrate::backends::postgresql
