#include "state/run_history.hpp"

#include "plan/phase_name.hpp"
#include "session/sqlite_session.hpp"
#include "session/sqlite_statement.hpp"

namespace migrate::state {
namespace {

using session::SqliteSession;
using session::SqliteStatement;

std::int64_t as_integer(std::uint64_t count) {
    return static_cast<std::int64_t>(count);
}

std::uint64_t count_at(const SqliteStatement& row, int column) {
    return static_cast<std::uint64_t>(row.integer(column));
}

void write_phases(const SqliteSession& session, const std::string& migration,
                  const std::vector<PhaseEstimate>& phases) {
    SqliteStatement insert(session,
                           "INSERT INTO run_phase (run, phase, duration_ms) SELECT number, ?, ? FROM run "
                           "WHERE migration = ? ON CONFLICT (run, phase) DO UPDATE SET duration_ms = "
                           "duration_ms + excluded.duration_ms",
                           "write");
    for (const PhaseEstimate& entry : phases) {
        insert.bind(1, to_string(entry.phase)).bind(2, entry.duration.count()).bind(3, migration).run();
    }
}

plan::PastRun read_run(const SqliteStatement& row) {
    plan::PastRun run;
    run.work.tables = count_at(row, 1);
    run.work.rows = count_at(row, 2);
    run.work.values = count_at(row, 3);
    run.work.bytes = count_at(row, 4);
    run.work.keyed_rows = count_at(row, 5);
    run.work.merged_rows = count_at(row, 6);
    run.work.backup_bytes = count_at(row, 7);
    run.work.reads_back = row.integer(8) != 0;
    run.duration = std::chrono::milliseconds(row.integer(9));
    return run;
}

std::vector<PhaseEstimate> read_phases(SqliteStatement& phases, std::int64_t run) {
    std::vector<PhaseEstimate> entries;
    phases.reset();
    phases.bind(1, run);
    while (phases.step()) {
        // A phase that a later version has is not waited for here.
        if (const auto phase = plan::parse_phase(phases.text(0))) {
            entries.push_back({*phase, std::chrono::milliseconds(phases.integer(1))});
        }
    }
    return entries;
}

}  // namespace

bool write_run(SqliteSession& session, const std::string& migration, const RunKind& kind,
               const plan::PastRun& run, std::chrono::milliseconds estimated) {
    for (const char* sql : {"DELETE FROM run_phase WHERE run = (SELECT number FROM run WHERE migration = ?)",
                            "DELETE FROM run WHERE migration = ?"}) {
        SqliteStatement(session, sql, "write").bind(1, migration).run();
    }
    const plan::Workload& work = run.work;
    SqliteStatement(session,
                    "INSERT INTO run (migration, machine, from_engine, to_engine, tables, row_count, "
                    "value_count, bytes, keyed_rows, merged_rows, backup_bytes, reads_back, estimated_ms, "
                    "duration_ms) SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14 FROM "
                    "migration WHERE id = ?1",
                    "write")
        .bind(1, migration)
        .bind(2, kind.machine)
        .bind(3, kind.from_engine)
        .bind(4, kind.to_engine)
        .bind(5, as_integer(work.tables))
        .bind(6, as_integer(work.rows))
        .bind(7, as_integer(work.values))
        .bind(8, as_integer(work.bytes))
        .bind(9, as_integer(work.keyed_rows))
        .bind(10, as_integer(work.merged_rows))
        .bind(11, as_integer(work.backup_bytes))
        .bind(12, std::int64_t{work.reads_back})
        .bind(13, estimated.count())
        .bind(14, run.duration.count())
        .run();
    const bool known = session.query_integer("SELECT changes()") == 1;
    write_phases(session, migration, run.phases);
    return known;
}

std::vector<plan::PastRun> read_runs(const SqliteSession& session, const RunKind& kind, std::size_t most) {
    SqliteStatement rows(session,
                         "SELECT number, tables, row_count, value_count, bytes, keyed_rows, merged_rows, "
                         "backup_bytes, reads_back, duration_ms FROM run WHERE machine = ? AND from_engine "
                         "= ? AND to_engine = ? ORDER BY number DESC LIMIT ?");
    rows.bind(1, kind.machine)
        .bind(2, kind.from_engine)
        .bind(3, kind.to_engine)
        .bind(4, static_cast<std::int64_t>(most));
    SqliteStatement phases(session, "SELECT phase, duration_ms FROM run_phase WHERE run = ?");
    std::vector<plan::PastRun> runs;
    while (rows.step()) {
        runs.push_back(read_run(rows));
        runs.back().phases = read_phases(phases, rows.integer(0));
    }
    return runs;
}

}  // namespace migrate::state
