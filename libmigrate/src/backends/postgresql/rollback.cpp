#include "backends/postgresql/rollback.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/in_place.hpp"
#include "backends/postgresql/made_since.hpp"
#include "backends/postgresql/replace.hpp"
#include "backends/postgresql/row_undo.hpp"
#include "backends/postgresql/settled_commit.hpp"
#include "backends/postgresql/sql/dependents.sql.hpp"
#include "backends/postgresql/stage_again.hpp"
#include "backends/postgresql/staging_names.hpp"
#include "backends/postgresql/state_place.hpp"
#include "backends/postgresql/target_state.hpp"
#include "backends/postgresql/things.hpp"
#include "backends/postgresql/trigger_switch.hpp"
#include "backends/postgresql/undo_log.hpp"
#include "util/kill_point.hpp"

namespace migrate::backends::postgresql {
namespace {

[[noreturn]] void refuse(ErrorCode code, const std::string& message, const std::string& next_step) {
    const ErrorFacts facts{.code = code, .backend = "postgresql", .next_step = next_step};
    throw Error(facts, "PostgreSQL: " + message);
}

std::uint64_t count_of(const undo::RowDigest& digest) {
    return static_cast<std::uint64_t>(digest.rows);
}

/// Definitions, owners and privileges alone.
backend::Things without_sequences(backend::Things things) {
    std::erase_if(things, [](const auto& thing) { return thing.first.first == backend::k_sequences; });
    return things;
}

Finding changed_since(const RolledBackTable& table, const std::string& columns, bool discard) {
    return {discard ? Severity::risk : Severity::blocker,
            "changed-since",
            "table " + table.table,
            columns.empty()
                ? fmt::format("its rows were changed since the migration: it left {} rows, there are {} now",
                              table.rows_after, table.rows_now)
                : "its columns were changed since the migration: " + columns,
            discard ? "" : "To undo the migration all the same, use --discard-later-changes.",
            table.rows_now};
}

class Rollback {
  public:
    Rollback(session::PostgresqlSession& session, const SessionFactory& factory,
             const backend::RollbackRequest& request)
        : m_session(session), m_factory(factory), m_request(request), m_triggers(session) {}

    RollbackResult run() {
        m_result.id = m_id;
        if (is_undone()) {
            m_result.was_rolled_back = true;
            return std::move(m_result);
        }
        m_tables = undo::tables(m_session, m_id);
        if (m_request.staging) {
            m_names = StagingNames(m_id, m_request.staging->schema,
                                   state::may_create_schemas(m_session) ? StagingNames::Place::schemas
                                                                        : StagingNames::Place::prefixes);
            require_can_stage_again(*m_request.staging, m_names);
        }
        m_result.executed = m_request.options.execute;
        m_session.execute(m_request.options.execute ? "BEGIN; SET LOCAL synchronous_commit = on"
                                                    : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                          "beginning the rollback");
        try {
            inspect();
            describe();
            name_dependents();
            if (m_request.staging) {
                const auto found = made_since(m_session, *m_request.staging, m_recorded, things_now());
                m_result.findings.insert(m_result.findings.end(), found.begin(), found.end());
            }
            if (m_request.options.execute) {
                refuse_if_blocked();
                undo_all();
                prove();
                finish();
                commit();
            } else {
                m_session.execute("COMMIT", "looking at what there is to undo");
            }
        } catch (...) {
            if (m_session.alive()) {
                PQclear(PQexec(m_session.native(), "ROLLBACK"));
            }
            throw;
        }
        return std::move(m_result);
    }

  private:
    [[nodiscard]] const char* end_state() const { return m_request.staging ? "ready" : "rolled_back"; }

    void commit() {
        util::pass_kill_point("rollback-commit");
        commit_settled(
            m_session, m_factory,
            {m_id, end_state(), "committing the rollback", "Run it again: it tells whether it was done."});
        util::pass_kill_point("rollback-committed");
    }

    bool is_undone() {
        const auto state = state::state_of(m_session, m_id);
        if (!state) {
            refuse(ErrorCode::not_found, fmt::format("the target does not know migration {}", m_id),
                   "Look at history for the migrations there were.");
        }
        if (*state == "rolled_back") {
            return true;
        }
        if (*state != "done") {
            refuse(ErrorCode::refused, fmt::format("migration {} is {}, not done", m_id, *state),
                   "Use abandon to drop what is staged.");
        }
        if (!undo::exists(m_session) || undo::tables(m_session, m_id).empty()) {
            refuse(ErrorCode::not_found,
                   fmt::format("nothing was kept by which migration {} could be undone", m_id),
                   "It is final, or was made by an earlier version; drop its tables by hand.");
        }
        return false;
    }

    /// Nobody else writes from here on; what was written since is found under the same locks.
    void inspect() {
        m_recorded = undo::recorded_things(m_session, m_id);
        for (const undo::LoggedTable& table : m_tables) {
            if (m_request.options.execute) {
                m_session.execute(fmt::format("LOCK TABLE {} IN {} MODE", quote_name(table.name),
                                              table.placement == Placement::load ? "SHARE ROW EXCLUSIVE"
                                                                                 : "ACCESS EXCLUSIVE"),
                                  "locking " + table.name.display());
            }
            m_column_changes.push_back(undo::column_changes(m_session, table));
            const undo::RowDigest now = undo::digest_like(m_session, table.name, table.after);
            const bool changed = !(now == table.after) || !m_column_changes.back().empty();
            m_result.tables.push_back({table.name.display(), table.placement, count_of(table.before),
                                       count_of(table.after), count_of(now), changed, table.before.digest,
                                       std::string(), false});
        }
    }

    void describe() {
        if (!m_recorded.after.empty()) {
            m_result.proofs = backend::expected_proofs(m_recorded.before);
        }
        for (std::size_t i = 0; i < m_tables.size(); ++i) {
            const RolledBackTable& entry = m_result.tables[i];
            switch (m_tables[i].placement) {
                case Placement::create:
                    m_result.steps.push_back(fmt::format("{} table {} ({} rows)",
                                                         m_request.staging ? "stage" : "drop", entry.table,
                                                         entry.rows_now));
                    break;
                case Placement::replace:
                    m_result.steps.push_back(
                        fmt::format("put the table {} that was kept ({} rows) back in its place, and {} "
                                    "the new one ({} "
                                    "rows)",
                                    entry.table, entry.rows_before, m_request.staging ? "stage" : "drop",
                                    entry.rows_now));
                    break;
                case Placement::load:
                    m_result.steps.push_back(
                        fmt::format("take the migration's changes out of table {} ({} rows, {} before)",
                                    entry.table, entry.rows_now, entry.rows_before));
            }
            if (entry.changed_since) {
                // What others have changed is not what was verified.
                m_result.findings.push_back(
                    changed_since(entry, m_column_changes[i],
                                  m_request.options.discard_later_changes && !m_request.staging));
            }
        }
    }

    /// What others have made since of the tables that would go. They are never dropped with them.
    void name_dependents() {
        std::vector<std::string> names;
        for (const undo::LoggedTable& table : m_tables) {
            if (table.placement == Placement::create) {
                names.push_back(quote_name(table.name));
            }
        }
        const auto rows = m_session.query(sql::dependents, {session::array_literal(names)},
                                          "looking for what depends on the tables");
        for (int row = 0; row < rows.size(); ++row) {
            const QualifiedName name{rows.text(row, 1), rows.text(row, 2)};
            if (!is_ours(name)) {
                m_result.findings.push_back(
                    {Severity::blocker, "depended-on", "table " + rows.text(row, 3),
                     fmt::format("{} {} depends on it", rows.text(row, 0), name.display()),
                     "Drop or change that first; it is not taken away with the table.", 0});
            }
        }
    }

    /// A table that replaces another goes as well, and may refer to one that is new.
    [[nodiscard]] bool is_ours(const QualifiedName& name) const {
        const auto& made = m_request.schema.objects;
        return std::any_of(made.begin(), made.end(),
                           [&](const SchemaObject& object) { return object.name == name; }) ||
               std::any_of(m_tables.begin(), m_tables.end(), [&](const undo::LoggedTable& table) {
                   return table.placement == Placement::replace && table.name == name;
               });
    }

    backend::Things things_now(const MadeInPlace& left_out = {}) {
        return undo::things_in(m_session, undo::touched_schemas(m_request.schema), left_out);
    }

    void refuse_if_blocked() const {
        for (const Finding& finding : m_result.findings) {
            if (finding.severity == Severity::blocker) {
                refuse(ErrorCode::refused, finding.object + ": " + finding.message, finding.next_step);
            }
        }
    }

    void undo_all() {
        m_things = things_now();
        m_written_before = undo::rows_written(m_session);
        const bool swaps = std::any_of(m_tables.begin(), m_tables.end(), [](const undo::LoggedTable& table) {
            return table.placement == Placement::replace;
        });
        if (swaps) {
            m_session.execute("CREATE SCHEMA " + quote_identifier(undone_schema(m_id)),
                              "beginning the rollback");
        }
        run_steps();
        m_session.execute("SET CONSTRAINTS ALL DEFERRED", "deferring constraints");
        switch_triggers_off();
        undo_rows(m_session, m_id, m_tables);
        m_session.execute("SET CONSTRAINTS ALL IMMEDIATE", "checking deferred constraints");
        m_triggers.on_all();
        refuse_side_effects();
    }

    /// What was made in place stays there with what is staged.
    MadeInPlace staged_in_place() {
        return m_request.staging ? made_in_place(m_session, m_id) : MadeInPlace();
    }

    /// Where staging is wanted, what would be dropped goes there in its place.
    void run_steps() {
        bool drops = false;
        const MadeInPlace stay = staged_in_place();
        const auto stays = [&](const std::string& statement) {
            return std::any_of(stay.schemas.begin(), stay.schemas.end(), [&](const std::string& schema) {
                return statement == "DROP SCHEMA " + quote_identifier(schema) + " RESTRICT";
            });
        };
        for (const std::string& statement : undo::steps(m_session, m_id)) {
            if (m_request.staging && !drops && statement.starts_with("DROP TABLE ")) {
                drops = true;
                stage_again(m_session, *m_request.staging, m_names);
            }
            if (!drops || (statement.starts_with("DROP SCHEMA ") && !stays(statement))) {
                m_session.execute(statement, "undoing the migration");
            }
        }
    }

    /// What triggers did is in the log; they must not do more.
    void switch_triggers_off() {
        for (const undo::LoggedTable& table : m_tables) {
            if (table.placement == Placement::load) {
                m_triggers.off(table.name);
            }
        }
    }

    [[nodiscard]] bool is_own(const QualifiedName& name) const {
        return std::any_of(m_tables.begin(), m_tables.end(),
                           [&](const undo::LoggedTable& one) { return one.name == name; });
    }

    /// A partition, or a child by inheritance, of a table of the migration's: its rows are that table's.
    [[nodiscard]] bool is_part_of_own(const QualifiedName& name) const {
        const auto ancestors = undo::ancestors_of(m_session, name);
        return std::any_of(ancestors.begin(), ancestors.end(),
                           [&](const QualifiedName& one) { return is_own(one); });
    }

    /// Rows of others that refer to rows which go must not go with them.
    void refuse_side_effects() {
        for (const auto& [name, rows] : undo::rows_written(m_session)) {
            const auto before = m_written_before.find(name);
            const bool known = (before != m_written_before.end() && before->second == rows) || is_own(name) ||
                               is_part_of_own(name);
            if (!known) {
                refuse(ErrorCode::refused,
                       fmt::format("{} rows of {} refer to rows that the migration brought, and would be "
                                   "changed with them; nothing was changed",
                                   rows, name.display()),
                       "Remove those references first.");
            }
        }
    }

    void prove() {
        for (std::size_t i = 0; i < m_tables.size(); ++i) {
            const undo::LoggedTable& table = m_tables[i];
            RolledBackTable& entry = m_result.tables[i];
            if (table.placement == Placement::create) {
                entry.proven = m_session
                                   .query("SELECT pg_catalog.to_regclass($1) IS NULL",
                                          {quote_name(table.name)}, "proving the rollback")
                                   .boolean(0, 0);
                continue;
            }
            const undo::RowDigest now = undo::digest_like(m_session, table.name, table.before);
            entry.digest_restored = now.digest;
            entry.proven = now == table.before;
            if (!entry.proven && !entry.changed_since) {
                refuse(ErrorCode::differs,
                       "after the rollback the rows of " + entry.table +
                           " would not be what they were; nothing was changed",
                       "Look at the undo log in schema " + undo::kept_schema(m_id) + ".");
            }
            if (!entry.proven) {
                m_result.findings.push_back(
                    {Severity::risk,
                     "later-changes-stay",
                     "table " + entry.table,
                     "rows that others have changed or added since stay, so it is not what it was before",
                     {},
                     entry.rows_now});
            }
        }
    }

    void finish() {
        // Before sequences are set, which not every role can have taken back.
        prove_definitions();
        for (const std::string& sequence : undo::restore_sequences(m_session, m_id)) {
            m_result.findings.push_back({Severity::risk,
                                         "sequence-used-since",
                                         "sequence " + sequence,
                                         "was used since the migration and stays where it is",
                                         {},
                                         0});
        }
        prove_things();
        undo::drop(m_session, m_id);
        const state::Place place = state::find_place(m_session);
        for (const char* table : {"provenance", "checkpoint"}) {
            if (m_request.staging && std::string_view(table) == "checkpoint") {
                continue;
            }
            m_session.query(place.sql(fmt::format("DELETE FROM _migrate.{} WHERE migration = $1", table)),
                            {m_id}, "dropping what was recorded");
        }
        state::set_state(m_session, m_id, end_state());
    }

    void prove_definitions() {
        if (!m_recorded.after.empty()) {
            const backend::RecordedThings recorded{without_sequences(m_recorded.before),
                                                   without_sequences(m_recorded.after)};
            refuse_different(backend::compare_things(recorded, without_sequences(m_things),
                                                     without_sequences(things_now(staged_in_place()))));
        }
    }

    void refuse_different(const backend::ThingsProof& proof) const {
        if (!proof.different.empty() && !m_request.options.discard_later_changes) {
            refuse(ErrorCode::differs,
                   "after the rollback " + proof.different.front() +
                       " would not be what it was; nothing was changed",
                   "--discard-later-changes undoes the migration all the same.");
        }
    }

    void prove_things() {
        if (m_recorded.after.empty()) {
            return;
        }
        backend::ThingsProof proof =
            backend::compare_things(m_recorded, m_things, things_now(staged_in_place()));
        refuse_different(proof);
        m_result.proofs = std::move(proof.proofs);
        m_result.findings.insert(m_result.findings.end(), proof.findings.begin(), proof.findings.end());
    }

    session::PostgresqlSession& m_session;
    const SessionFactory& m_factory;
    const backend::RollbackRequest& m_request;
    std::string m_id = m_request.migration;
    std::vector<undo::LoggedTable> m_tables;
    std::vector<std::string> m_column_changes;  ///< Of m_tables, for people.
    StagingNames m_names;                       ///< Where staging is wanted.
    backend::RecordedThings m_recorded;
    backend::Things m_things;  ///< As they are before anything is undone.
    TriggerSwitch m_triggers;
    std::map<QualifiedName, std::int64_t> m_written_before;
    RollbackResult m_result;
};

}  // namespace

RollbackResult roll_back(session::PostgresqlSession& session, const SessionFactory& factory,
                         const backend::RollbackRequest& request) {
    return Rollback(session, factory, request).run();
}

}  // namespace migrate::backends::postgresql
