#include "backends/postgresql/stage_again.hpp"

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backends/postgresql/catalog.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/replace.hpp"
#include "backends/postgresql/sql/taken_off.sql.hpp"
#include "backends/postgresql/staging_sql.hpp"

namespace migrate::backends::postgresql {
namespace {

constexpr const char* k_doing = "staging again";

/// One thing after another goes back to where it was staged.
class Return {
  public:
    Return(session::PostgresqlSession& session, const backend::TargetPlan& plan, const StagingNames& names)
        : m_session(session), m_plan(plan), m_names(names) {}

    void run() {
        if (m_names.place() == StagingNames::Place::schemas) {
            for (const auto& [destination, staging] : m_names.schemas()) {
                m_session.execute("CREATE SCHEMA " + quote_identifier(staging), k_doing);
            }
        }
        leave_parents();
        for (const SchemaObject& object : m_plan.schema.objects) {
            if (object.kind == "partition") {
                move("TABLE", object.name, object.name);
            }
        }
        for (const Table& table : m_plan.schema.tables) {
            move_table(table);
        }
        for (const SchemaObject& object : m_plan.schema.objects) {
            if (is_staged_kind(object.kind)) {
                move(object_word(object.kind), object.name, object.name);
            }
        }
    }

  private:
    void move(const char* what, const QualifiedName& shown, const QualifiedName& name) {
        const QualifiedName staged = m_names.staged(name);
        if (staged == name) {
            return;
        }
        const bool rename = m_names.place() == StagingNames::Place::prefixes;
        m_session.execute(
            fmt::format("ALTER {} {} {} {}", what, quote_name(shown), rename ? "RENAME TO" : "SET SCHEMA",
                        quote_identifier(rename ? staged.name : staged.schema)),
            k_doing);
    }

    void move_table(const Table& table) {
        const bool replaced = table.placement == Placement::replace;
        const QualifiedName shown =
            replaced ? QualifiedName{undone_schema(m_plan.migration), table.name.name} : table.name;
        move("TABLE", shown, table.name);
        for (const Column& column : table.columns) {
            // SET SCHEMA takes a sequence that the column owns along; RENAME does not.
            const bool alone = column.properties.contains(property::k_sequence_not_owned);
            if (column.identity && (alone || m_names.place() == StagingNames::Place::prefixes)) {
                const QualifiedName sequence = sequence_of(table, column);
                move("SEQUENCE", sequence, sequence);
            }
        }
    }

    void leave_parents() {
        for (const Table& table : m_plan.schema.tables) {
            const auto parents = table.properties.find(property::k_inherits);
            if (parents == table.properties.end() ||
                table.properties.contains(property::k_inherits_columns)) {
                continue;
            }
            for (const std::string& parent : split_names(parents->second)) {
                m_session.execute(fmt::format("ALTER TABLE {} NO INHERIT {}", quote_name(table.name), parent),
                                  k_doing);
            }
        }
    }

    session::PostgresqlSession& m_session;
    const backend::TargetPlan& m_plan;
    const StagingNames& m_names;
};

}  // namespace

void require_can_stage_again(const backend::TargetPlan& plan, const StagingNames& names) {
    if (names.late_types().empty()) {
        return;
    }
    const auto& [table, column] = names.late_types().begin()->first;
    ErrorFacts facts{.code = ErrorCode::refused, .backend = "postgresql"};
    facts.table = table.display();
    facts.column = column;
    facts.next_step = "Undo it whole: leave --to-checkpoint out.";
    throw Error(facts, fmt::format("PostgreSQL: migration {} cannot be staged again: column {} of {} got its "
                                   "own type by the cutover, and its values were staged as text; nothing was "
                                   "changed",
                                   plan.migration, column, table.display()));
}

void stage_again(session::PostgresqlSession& session, const backend::TargetPlan& plan,
                 const StagingNames& names) {
    Return(session, plan, names).run();
    const std::string staged = "^_migrate_" + plan.migration + "_[0-9]+$";
    const auto rows = session.query(sql::taken_off, {staged, staged}, "looking for what the cutover made");
    for (int row = 0; row < rows.size(); ++row) {
        session.execute(rows.text(row, 0), "taking off what the cutover made");
    }
}

}  // namespace migrate::backends::postgresql
