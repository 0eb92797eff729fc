#include "backends/sqlite/rollback.hpp"

#include <algorithm>

#include <sqlite3.h>

#include <migrate/error.hpp>

#include "backends/sqlite/backup.hpp"
#include "backends/sqlite/orphan_set.hpp"
#include "backends/sqlite/preflight.hpp"
#include "backends/sqlite/row_undo.hpp"
#include "backends/sqlite/staging.hpp"
#include "backends/sqlite/state.hpp"
#include "backends/sqlite/things.hpp"
#include "backends/sqlite/undo_log.hpp"
#include "io/directory.hpp"
#include "io/rename.hpp"
#include "session/sqlite_statement.hpp"
#include "util/kill_point.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::quote_identifier;
using session::SqliteSession;

[[noreturn]] void refuse(ErrorCode code, const std::string& message, const std::string& next_step) {
    ErrorFacts facts;
    facts.code = code;
    facts.backend = "sqlite";
    facts.next_step = next_step;
    throw Error(std::move(facts), message);
}

class Rollback {
  public:
    Rollback(const SqliteSession& session, const backend::RollbackRequest& request)
        : m_session(session), m_request(request), m_id(request.migration) {}

    /// False where it is the file that has to go.
    bool run() {
        m_result.id = m_id;
        if (is_undone()) {
            m_result.was_rolled_back = true;
            return true;
        }
        const bool execute = m_request.options.execute;
        m_result.executed = execute;
        if (execute) {
            // Both only where a transaction has not begun.
            m_session.execute("PRAGMA synchronous=FULL; PRAGMA legacy_alter_table=ON", "roll back in");
        }
        m_session.execute(execute ? "BEGIN IMMEDIATE" : "BEGIN", "roll back in");
        m_tables = undo::tables(m_session, m_id);
        m_steps = undo::steps(m_session, m_id);
        m_new_file = std::find(m_steps.begin(), m_steps.end(), undo::k_new_file) != m_steps.end();
        m_recorded = undo::recorded_things(m_session, m_id);
        m_things = undo::things_of(m_session);
        inspect();
        describe();
        if (execute) {
            refuse_if_blocked();
            if (!m_new_file) {
                undo_all();
                prove();
                prove_things();
                finish();
            }
            if (!m_request.staging) {
                set_migration_state(m_session, m_id, "rolled_back");
            } else if (!m_new_file) {
                require_staged();
                forget();
            }
        }
        util::pass_kill_point("rollback-commit");
        m_session.execute("COMMIT", "commit the rollback in");
        util::pass_kill_point("rollback-committed");
        return !m_new_file || !execute;
    }

    RollbackResult take() { return std::move(m_result); }

  private:
    bool is_undone() {
        const auto all = read_migrations(m_session);
        const auto it = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.id == m_id; });
        if (it == all.end()) {
            refuse(ErrorCode::not_found, "the target does not know migration " + m_id,
                   "Look at history for the migrations there were.");
        }
        if (it->state == "rolled_back") {
            return true;
        }
        if (it->state != "done") {
            refuse(ErrorCode::refused, "migration " + m_id + " is " + it->state + ", not done",
                   "Use abandon to drop what is staged.");
        }
        if (undo::tables(m_session, m_id).empty()) {
            refuse(ErrorCode::not_found, "nothing was kept by which migration " + m_id + " could be undone",
                   "It is final, or was made by an earlier version; drop its tables by hand.");
        }
        return false;
    }

    void inspect() {
        for (const undo::LoggedTable& table : m_tables) {
            RolledBackTable entry;
            entry.table = table.name;
            entry.placement = table.placement;
            entry.rows_before = table.before.rows;
            entry.rows_after = table.after.rows;
            entry.digest_before = table.placement == Placement::create ? "" : to_string(table.before);
            entry.changed_since = true;
            m_column_changes.emplace_back();
            if (has_table(m_session, table.name)) {
                const Digest now = undo::digest_of(m_session, table.name);
                entry.rows_now = now.rows;
                m_column_changes.back() = undo::column_changes(m_session, table);
                entry.changed_since = !(now == table.after) || !m_column_changes.back().empty();
            }
            m_result.tables.push_back(std::move(entry));
        }
    }

    void describe() {
        if (!m_recorded.after.empty() || m_new_file) {
            m_result.proofs = backend::expected_proofs(m_recorded.before);
        }
        for (std::size_t i = 0; i < m_tables.size(); ++i) {
            const RolledBackTable& entry = m_result.tables[i];
            const std::string now = " (" + std::to_string(entry.rows_now) + " rows)";
            m_result.steps.push_back(entry.placement == Placement::create ? "drop table " + entry.table + now
                                     : entry.placement == Placement::replace
                                         ? "put the table " + entry.table + " that was kept (" +
                                               std::to_string(entry.rows_before) +
                                               " rows) back in its place, and drop the new one" + now
                                         : "take the migration's changes out of table " + entry.table + now);
            if (entry.changed_since) {
                const std::string& columns = m_column_changes[i];
                block_unless_discarded("changed-since", "table " + entry.table,
                                       columns.empty()
                                           ? "its rows were changed since the migration: it left " +
                                                 std::to_string(entry.rows_after) + " rows, there are " +
                                                 std::to_string(entry.rows_now) + " now"
                                           : "its columns were changed since the migration: " + columns,
                                       entry.rows_now);
            }
        }
        if (m_new_file) {
            m_result.steps.emplace_back(m_request.staging
                                            ? "make the file, which the migration made, its staging again"
                                            : "take the file away, which the migration made; it is kept "
                                              "beside its place until finalize");
            look_for_others();
        }
    }

    /// What others have put into a file that the migration made goes with it.
    void look_for_others() {
        for (const QualifiedName& name : list_user_tables(m_session)) {
            const bool ours =
                std::any_of(m_tables.begin(), m_tables.end(),
                            [&](const undo::LoggedTable& table) { return table.name == name.name; }) ||
                std::any_of(m_request.schema.objects.begin(), m_request.schema.objects.end(),
                            [&](const SchemaObject& object) { return object.name.name == name.name; });
            if (!ours) {
                block_unless_discarded("added-since", name.name,
                                       "was added to the file since the migration, and would go with it", 0);
            }
        }
    }

    void block_unless_discarded(const char* code, const std::string& object, const std::string& message,
                                std::uint64_t count) {
        // What others have changed is not what was verified.
        const bool discard = m_request.options.discard_later_changes && !m_request.staging;
        m_result.findings.push_back(
            {discard ? Severity::risk : Severity::blocker, code, object, message,
             discard             ? ""
             : m_request.staging ? "Without --to-checkpoint, --discard-later-changes undoes it all the same."
                                 : "To undo the migration all the same, use --discard-later-changes.",
             count});
    }

    void refuse_if_blocked() const {
        for (const Finding& finding : m_result.findings) {
            if (finding.severity == Severity::blocker) {
                refuse(ErrorCode::refused, finding.object + ": " + finding.message, finding.next_step);
            }
        }
    }

    void undo_all() {
        const OrphanSet orphans(m_session);
        for (const undo::LoggedTable& table : m_tables) {
            if (table.placement == Placement::replace) {
                orphans.will_be(
                    undo::kept_name(m_id, static_cast<std::size_t>(table.ordinal - undo::k_first_replaced)),
                    table.name);
            }
        }
        orphans.excuse(undo::orphans(m_id));
        run_steps();
        for (auto table = m_tables.rbegin(); table != m_tables.rend(); ++table) {
            if (table->placement == Placement::load) {
                RowUndo(m_session, m_id, *table).run();
            }
        }
        if (const auto appeared = orphans.appeared(); appeared.rows > 0) {
            refuse(ErrorCode::refused,
                   "rows of table " + appeared.table +
                       " refer to rows that the migration brought; nothing was changed",
                   "Remove those references first.");
        }
    }

    void run_steps() {
        const bool rewrites =
            std::any_of(m_tables.begin(), m_tables.end(),
                        [](const undo::LoggedTable& table) { return table.placement == Placement::replace; });
        if (rewrites) {
            sqlite3_db_config(m_session.handle(), SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
            m_session.execute("PRAGMA writable_schema=ON", "roll back in");
        }
        for (const std::string& statement : m_steps) {
            m_session.execute(statement, "undo the migration in");
        }
        if (rewrites) {
            m_session.execute("PRAGMA writable_schema=RESET", "roll back in");
            sqlite3_db_config(m_session.handle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
        }
    }

    void prove() {
        for (std::size_t i = 0; i < m_tables.size(); ++i) {
            const undo::LoggedTable& table = m_tables[i];
            RolledBackTable& entry = m_result.tables[i];
            if (table.placement == Placement::create) {
                entry.proven = !has_table(m_session, table.name);
                continue;
            }
            restore_sequence(table);
            const Digest now = undo::digest_of(m_session, table.name);
            entry.digest_restored = to_string(now);
            entry.proven = now == table.before;
            if (!entry.proven && !entry.changed_since) {
                refuse(ErrorCode::differs,
                       "after the rollback the rows of table " + table.name +
                           " would not be what they were; nothing was changed",
                       "Look at the undo log in the tables _migrate_undo_….");
            }
            if (!entry.proven) {
                m_result.findings.push_back(
                    {Severity::risk,
                     "later-changes-stay",
                     "table " + table.name,
                     "rows that others have changed or added since stay, so it is not what it was before",
                     {},
                     entry.rows_now});
            }
        }
    }

    void restore_sequence(const undo::LoggedTable& table) {
        if (table.placement != Placement::load) {
            return;
        }
        if (undo::sequence_of(m_session, table.name) == table.sequence_after) {
            undo::set_sequence_to(m_session, table.name, table.sequence_before);
        } else {
            m_result.findings.push_back({Severity::risk,
                                         "sequence-used-since",
                                         "table " + table.name,
                                         "numbers were handed out since the migration; the sequence stays",
                                         {},
                                         0});
        }
    }

    void prove_things() {
        if (m_recorded.after.empty()) {
            return;
        }
        backend::ThingsProof proof =
            backend::compare_things(m_recorded, m_things, undo::things_of(m_session));
        if (!proof.different.empty() && !m_request.options.discard_later_changes) {
            refuse(ErrorCode::differs,
                   "after the rollback " + proof.different.front() +
                       " would not be what it was; nothing was changed",
                   "--discard-later-changes undoes the migration all the same.");
        }
        m_result.proofs = std::move(proof.proofs);
        m_result.findings.insert(m_result.findings.end(), proof.findings.begin(), proof.findings.end());
    }

    void finish() {
        session::SqliteStatement forget(m_session, "DELETE FROM main._migrate_provenance WHERE migration=?1",
                                        "forget the provenance in");
        forget.bind(1, m_id);
        forget.run();
        undo::drop(m_session, m_id);
    }

    /// Under the lock: what was staged again is what is shown.
    void require_staged() const {
        const SqliteSession staging = open_staging_session(staging_path(m_session.path(), m_id), 0);
        for (const undo::LoggedTable& table : m_tables) {
            if (!(undo::digest_of(staging, table.name) == table.after)) {
                refuse(
                    ErrorCode::transient,
                    "table " + table.name + " was written to while it was staged again; nothing was changed",
                    "Try again when nobody writes.");
            }
        }
    }

    /// From here on only its staging knows of it.
    void forget() const {
        for (const char* statement : {"DELETE FROM main._migrate_checkpoint WHERE migration=?1",
                                      "DELETE FROM main._migrate_dead_letter WHERE migration=?1",
                                      "DELETE FROM main._migrate_migration WHERE id=?1"}) {
            session::SqliteStatement remove(m_session, statement, "forget the migration in");
            remove.bind(1, m_id).run();
        }
    }

    const SqliteSession& m_session;
    const backend::RollbackRequest& m_request;
    std::string m_id;
    std::vector<undo::LoggedTable> m_tables;
    std::vector<std::string> m_steps;
    std::vector<std::string> m_column_changes;  ///< Of m_tables, for people.
    bool m_new_file = false;
    backend::RecordedThings m_recorded;
    backend::Things m_things;  ///< As they are before anything is undone.
    RollbackResult m_result;
};

bool is_new_file(const SqliteSession& session, const std::string& migration) {
    if (!has_table(session, "_migrate_undo_step")) {
        return false;
    }
    const auto steps = undo::steps(session, migration);
    return std::find(steps.begin(), steps.end(), undo::k_new_file) != steps.end();
}

/// Nobody may be in the write-ahead log when the file goes; the mode can only change when all have left.
void leave_no_log(const SqliteSession& session) {
    session.execute("PRAGMA journal_mode=DELETE", "finish");
    if (session.query_text("PRAGMA journal_mode") != "delete") {
        refuse(ErrorCode::locked, "other programs have the target open, so it cannot be taken away",
               "Close them, and roll back again.");
    }
}

RollbackResult set_file_aside(const std::string& path, const backend::RollbackRequest& request,
                              RollbackResult result) {
    const std::string aside =
        request.staging ? staging_path(path, request.migration) : undone_path(path, request.migration);
    util::pass_kill_point("rollback-rename");
    io::rename_new(path, aside);
    util::pass_kill_point("rollback-renamed");
    io::sync_directory(io::parent_of(path));
    if (request.staging) {
        // Killed before this, it counts as ready all the same.
        set_migration_state(open_staging_session(aside, 0), request.migration, "ready");
    }
    const bool is_gone = io::kind_of(path) == io::PathKind::absent;
    for (RolledBackTable& table : result.tables) {
        table.proven = is_gone;
    }
    // There was nothing, and there is nothing.
    for (RollbackProof& proof : result.proofs) {
        proof.digest_restored = is_gone ? proof.digest_before : "";
        proof.proven = is_gone;
    }
    return result;
}

}  // namespace

std::string undone_path(const std::string& path, const std::string& migration) {
    return io::join(io::parent_of(path), "." + io::name_of(path) + ".migrate-" + migration + "-undone");
}

RollbackResult roll_back(const std::string& path, const backend::RollbackRequest& request,
                         unsigned busy_timeout_ms) {
    const bool undone = io::name_taken(undone_path(path, request.migration));
    if (io::kind_of(path) != io::PathKind::file) {
        if (!undone) {
            refuse(ErrorCode::not_found, "there is no file " + path, "Name the target with --to.");
        }
        RollbackResult result;
        result.id = request.migration;
        result.was_rolled_back = true;
        return result;
    }
    RollbackResult result;
    const bool stages = request.options.execute && request.staging;
    const bool stages_anew =
        stages && !is_new_file(SqliteSession::open(path, SqliteSession::Access::read, busy_timeout_ms),
                               request.migration);
    if (stages_anew) {
        stage_again(path, *request.staging, busy_timeout_ms);
    }
    try {
        const SqliteSession session = SqliteSession::open(
            path, request.options.execute ? SqliteSession::Access::write : SqliteSession::Access::read,
            busy_timeout_ms);
        Rollback rollback(session, request);
        const bool finished = rollback.run();
        result = rollback.take();
        // A run that was killed before the file went finds its state; the file still has to go.
        const bool interrupted = result.was_rolled_back && request.options.execute && !undone &&
                                 is_new_file(session, request.migration);
        if (finished && !interrupted) {
            return result;
        }
        result.executed = true;
        leave_no_log(session);
    } catch (...) {
        if (stages_anew) {
            remove_staging(staging_path(path, request.migration));
        }
        throw;
    }
    return set_file_aside(path, request, std::move(result));
}

}  // namespace migrate::backends::sqlite
