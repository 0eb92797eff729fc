#include "migrator/execution.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <migrate/error.hpp>

#include "backend/registry.hpp"
#include "backend/table_holder.hpp"
#include "io/directory.hpp"
#include "mapping/selection.hpp"
#include "migrator/column_check.hpp"
#include "plan/planner.hpp"
#include "util/clock.hpp"
#include "util/random_id.hpp"
#include "verify/digest_scan.hpp"
#include "verify/schema_compare.hpp"

namespace migrate {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t k_automatic_backup_bytes = 1ULL << 30U;

std::chrono::milliseconds since(Clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
}

void append(std::vector<Finding>& to, std::vector<Finding> from) {
    std::move(from.begin(), from.end(), std::back_inserter(to));
}

std::string blockers_of(const std::vector<Finding>& findings, std::string& next_step) {
    std::string text;
    for (const Finding& finding : findings) {
        if (finding.severity == Severity::blocker) {
            text += (text.empty() ? "" : "; ") + finding.object + ": " + finding.message;
            next_step = next_step.empty() ? finding.next_step : next_step;
        }
    }
    return text;
}

void refuse_blockers(const std::vector<Finding>& findings) {
    ErrorFacts facts;
    facts.code = ErrorCode::refused;
    const std::string text = blockers_of(findings, facts.next_step);
    if (!text.empty()) {
        throw Error(facts, "nothing was changed, because of what is in the way: " + text);
    }
}

verify::DigestTask staged_task(const MigrationPlan& plan, const TablePlan& table) {
    verify::DigestTask task;
    task.table = &plan.target.tables[table.target];
    for (const ColumnPlan& column : table.columns) {
        task.columns.push_back(column.target);
    }
    return task;
}

/// A table that keeps its place keeps its definition: nothing of it is made.
Schema made_anew(Schema schema) {
    std::erase_if(schema.tables, [](const Table& table) { return table.placement == Placement::load; });
    return schema;
}

}  // namespace

Execution::Execution(const MigratorContext& context, const MigrationPlan& plan,
                     const MigrationOptions& options, MigrationJournal journal)
    : m_context(context),
      m_plan(plan),
      m_options(options),
      m_journal(std::move(journal)),
      m_start(Clock::now()) {}

MigrationResult Execution::run() {
    m_result.id = m_plan.id;
    m_context.events.set_migration(m_plan.id);
    open_sides();
    settle_plan();
    preflight();
    back_up_source();
    m_journal(MigrationState::loading, Phase::preflight, "passed");
    try {
        stage();
        load();
        build();
        name_dead_letters();
        verify();
        m_target->mark_ready();
        m_result.state = MigrationState::ready;
        if (m_options.cut_over) {
            cut_over();
        }
    } catch (const Error& error) {
        fail(error);
    } catch (const std::exception& error) {
        fail(Error(ErrorCode::internal, error.what()));
    }
    m_context.events.start(Phase::done);
    m_context.events.finish();
    m_result.phases = m_context.events.phases();
    m_result.duration = since(m_start);
    return std::move(m_result);
}

void Execution::enter(Phase phase, std::uint64_t total) {
    m_context.check_stop();
    m_context.events.start(phase, total);
    m_journal(m_result.state, phase, "started");
}

void Execution::open_sides() {
    m_context.events.start(Phase::open);
    refuse_same_place(m_plan.from, m_plan.to);
    m_source = m_context.open_source(m_plan.from);
    m_target = m_context.open_target(m_plan.to);
    backend::hold_tables(*m_source, mapping::selection_of(m_plan.options));
    m_readers = m_source->pin_snapshot(m_context.readers_for(m_plan.from, m_plan.options.workers));
    refuse_same_place(m_plan.from, backend::identity_of(*m_source), m_plan.to,
                      backend::identity_of(*m_target));
}

void Execution::settle_plan() {
    const backend::Fingerprint now = m_source->fingerprint();
    const bool unchanged = !now.empty() && now == m_plan.source_fingerprint;
    if (unchanged) {
        return;
    }
    m_context.events.start(Phase::plan, m_plan.estimates.rows,
                           "the source may have changed: reading it again");
    const backend::Capabilities& can = backend::backend_named(m_plan.to.engine).capabilities();
    const plan::Sides sides{m_plan.from, m_plan.to, *m_source, *m_target, can};
    MigrationPlan fresh = plan::make_plan(sides, m_plan.options, m_plan.id, m_plan.created_at);
    if (!plan::same_mapping(m_plan, fresh)) {
        ErrorFacts facts;
        facts.code = ErrorCode::refused;
        facts.next_step = "make the plan anew and look at it again";
        throw Error(facts,
                    "the source has changed since the plan was made, so that its tables or columns would be "
                    "mapped in another way now; nothing was changed");
    }
    m_plan = std::move(fresh);
}

void Execution::preflight() {
    m_context.events.start(Phase::preflight);
    refuse_blockers(m_plan.findings);
    m_target_plan = plan::target_plan_of(m_plan, util::random_id());
    refuse_blockers(m_target->preflight(m_target_plan, m_plan.estimates.target_bytes));
    m_target->lock(m_plan.id);
    m_result.findings = m_plan.findings;
    m_result.estimates = m_plan.estimates;
    m_result.rollback = m_plan.rollback_strategy;
}

void Execution::back_up_source() {
    const bool file_source = backend::backend_named(m_plan.from.engine).capabilities().file_based;
    const bool wanted = m_plan.options.source_backup == SourceBackup::always ||
                        (m_plan.options.source_backup == SourceBackup::automatic && file_source &&
                         m_plan.from_summary.byte_size <= k_automatic_backup_bytes);
    if (!wanted || m_plan.options.backup_directory.empty()) {
        if (m_plan.options.source_backup == SourceBackup::always) {
            throw Error(ErrorCode::usage,
                        "a backup of the source is asked for, but no directory for it is known");
        }
        return;
    }
    enter(Phase::backup);
    const auto now = m_context.config.clock ? m_context.config.clock() : std::chrono::system_clock::now();
    m_result.source_backup = m_plan.options.backup_directory + "/" + util::compact_utc(now) + "-" +
                             m_plan.id + "-source." + m_plan.from.engine;
    io::make_directories(m_plan.options.backup_directory);
    m_source->backup_to(m_result.source_backup);
}

void Execution::stage() {
    m_result.state = MigrationState::loading;
    enter(Phase::schema);
    m_target->begin(m_target_plan);
}

void Execution::load() {
    enter(Phase::load, m_plan.estimates.rows);
    copy::LoadRequest request{*m_source, *m_target, m_plan, m_target_plan.owner, 1, 1, 1, 0, {}, {}, {}};
    request.readers = m_readers;
    request.writers = m_context.writers_for(m_plan.to, m_plan.options.workers);
    // An eighth of the budget waits between readers and writers: vectors keep up to twice that, and the
    // engines need the rest.
    request.queue_bytes = m_plan.options.memory_bytes / 8 / (request.readers + request.writers);
    request.stop = m_context.config.stop;
    request.progress = [this](std::size_t table, std::uint64_t rows, std::uint64_t bytes) {
        const TablePlan& plan = m_plan.tables[table];
        m_context.events.progress(m_plan.source.tables[plan.source].name.display(), rows, bytes, plan.rows);
    };
    request.retry = [this](const std::string& why) { m_context.events.note(EventKind::retry, {}, why); };
    m_loaded = copy::load(request);
    for (std::size_t i = 0; i < m_loaded.size(); ++i) {
        const TablePlan& plan = m_plan.tables[i];
        TableResult& table = m_result.tables.emplace_back();
        table.source = m_plan.source.tables[plan.source].name.display();
        table.target = m_plan.target.tables[plan.target].name.display();
        table.committed = m_loaded[i].rows;
        table.rejected = m_loaded[i].rejected;
        table.filtered = m_loaded[i].filtered;
        table.nulled = m_loaded[i].nulled;
        table.reasons = m_loaded[i].reasons.list();
        table.bytes = m_loaded[i].bytes;
        table.load_time = std::chrono::duration_cast<std::chrono::milliseconds>(m_loaded[i].last_finished -
                                                                                m_loaded[i].first_started);
    }
}

void Execution::build() {
    const std::vector<backend::BuildStep> steps = m_target->build_steps();
    enter(Phase::build, steps.size());
    for (const backend::BuildStep& step : steps) {
        m_context.check_stop();
        backend::BuildResult built = m_target->build(step);
        append(m_result.findings, std::move(built.findings));
        for (const backend::RemovedRows& removed : built.removed) {
            take_out(removed);
        }
        m_context.events.progress(step.description, 1, 0, 1);
    }
}

/// Rows that a key or check refused are dead letters by now: verification no longer expects them. Of several
/// tables that were merged into one it is not known whose they were.
void Execution::take_out(const backend::RemovedRows& removed) {
    std::uint64_t left = removed.rows;
    bool first = true;
    for (std::size_t i = 0; i < m_plan.tables.size(); ++i) {
        if (m_plan.tables[i].target != removed.table) {
            continue;
        }
        copy::LoadedTable& loaded = m_loaded[i];
        TableResult& table = m_result.tables[i];
        const std::uint64_t rows = std::min(left, loaded.rows);
        left -= rows;
        loaded.rows -= rows;
        loaded.rejected += rows;
        table.committed = loaded.rows;
        table.rejected = loaded.rejected;
        if (first) {
            loaded.digest.subtract(removed.digest);
        }
        first = false;
        if (rows > 0) {
            copy::add_reason(table.reasons, {removed.column, removed.reason, rows, false});
        }
    }
    if (left > 0) {
        throw Error(ErrorCode::internal, "more rows were taken out of a table than were loaded into it");
    }
}

void Execution::name_dead_letters() {
    const bool any = std::any_of(m_result.tables.begin(), m_result.tables.end(),
                                 [](const TableResult& t) { return t.rejected + t.nulled > 0; });
    if (any) {
        m_result.dead_letters = m_target->dead_letter_place(m_plan.id) + "; migrate-cli dead-letters list " +
                                m_plan.id + " shows them";
    }
}

void Execution::verify() {
    m_result.state = MigrationState::verifying;
    enter(Phase::verify, m_plan.estimates.rows);
    const auto start = Clock::now();
    const auto staging = m_target->open_staging();
    const unsigned readers = staging->pin_snapshot(m_context.readers_for(m_plan.to, m_plan.options.workers));
    backend::SchemaRequest declared;
    declared.profile = false;
    declared.count_rows = false;
    declared.read_only_declared = true;
    append(m_result.findings, verify::missing_in(made_anew(m_plan.target),
                                                 staging->read_schema(declared).schema, m_result.findings));

    VerificationReport& report = m_result.verification;
    report.level = m_plan.options.level;
    const std::vector<StagedTable> staged = staged_tables();
    std::vector<verify::DigestTask> tasks;
    for (const StagedTable& table : staged) {
        tasks.push_back(staged_task(m_plan, m_plan.tables[table.ways[0]]));
    }
    std::vector<verify::TableDigest> digests(tasks.size());
    if (report.level != VerificationLevel::basic) {
        const auto progress = [&](std::size_t task, std::uint64_t rows) {
            m_context.events.progress(staged[task].source, rows, 0, staged[task].rows);
        };
        digests = verify::digest_tables(*staging, tasks, {readers, m_context.config.stop, progress});
    }
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        m_context.check_stop();
        compare_staged(staged[i], digests[i].digest, staging->count_rows(*tasks[i].table));
        name_columns(*staging, staged[i]);
    }
    report.duration = since(start);
    if (!report.equal()) {
        fail_verification();
    }
}

/// Which columns differ, where rows do.
void Execution::name_columns(backend::Source& staging, const StagedTable& staged) {
    TableComparison& table = m_result.verification.tables.back();
    if (table.note != "values differ") {
        return;
    }
    std::string names;
    for (const std::string& name :
         differing_columns(*m_source, staging, m_plan, staged.ways, m_context.config.stop)) {
        names += (names.empty() ? "" : ", ") + name;
    }
    if (!names.empty()) {
        table.note += " in column " + names;
    }
}

void Execution::fail_verification() {
    ErrorFacts facts;
    facts.code = ErrorCode::differs;
    std::string which;
    for (const TableComparison& table : m_result.verification.tables) {
        if (!table.equal) {
            which += (which.empty() ? ": " : "; ") + ("table " + table.target + ": " + table.note);
            if (table.note.find(" in column ") != std::string::npos) {
                facts.next_step =
                    "a type that spells values its own way does not keep another spelling: mend the values, "
                    "or have the column another type with --type TABLE.COLUMN=text";
            }
        }
    }
    throw Error(facts, "the staged target is not equal to the source; nothing was shown" + which);
}

/// A target table is compared once, with all that was loaded into it.
std::vector<Execution::StagedTable> Execution::staged_tables() const {
    std::vector<StagedTable> staged;
    for (std::size_t i = 0; i < m_plan.tables.size(); ++i) {
        const TablePlan& plan = m_plan.tables[i];
        const auto it = std::find_if(staged.begin(), staged.end(), [&](const StagedTable& table) {
            return m_plan.tables[table.ways[0]].target == plan.target;
        });
        StagedTable& table = it != staged.end() ? *it : staged.emplace_back();
        table.ways.push_back(i);
        table.rows += plan.rows;
        table.source +=
            (table.source.empty() ? "" : " + ") + m_plan.source.tables[plan.source].name.display();
    }
    return staged;
}

void Execution::compare_staged(const StagedTable& staged, const Digest& digest, std::uint64_t target_rows) {
    TableComparison& table = m_result.verification.tables.emplace_back();
    table.source = staged.source;
    table.target = m_result.tables[staged.ways[0]].target;
    table.target_rows = target_rows;
    table.target_digest = digest;
    std::uint64_t loaded = 0;
    bool rows_equal = true;
    for (const std::size_t way : staged.ways) {
        TableResult& result = m_result.tables[way];
        const Table& planned = m_plan.source.tables[m_plan.tables[way].source];
        result.source_rows = m_source->count_rows(planned);
        // Counted when the plan was made, of the same state: a table that was emptied under the snapshot
        // would agree with itself. Lines that are no rows count now, and did not then.
        rows_equal = rows_equal && (!planned.row_count_exact || result.source_rows >= planned.row_estimate);
        table.source_rows += result.source_rows - m_loaded[way].filtered;
        table.source_digest.merge(m_loaded[way].digest);
        loaded += m_loaded[way].rows;
        rows_equal = rows_equal && result.source_rows ==
                                       m_loaded[way].rows + m_loaded[way].rejected + m_loaded[way].filtered;
    }
    rows_equal = rows_equal && loaded == target_rows;
    const bool values_equal =
        m_result.verification.level == VerificationLevel::basic || table.source_digest == table.target_digest;
    table.equal = rows_equal && values_equal;
    table.note = rows_equal ? (values_equal ? "" : "values differ") : "row counts differ";
}

void Execution::cut_over() {
    // The source is released first: a cutover may wait, and a snapshot that is held hurts the source
    // meanwhile.
    m_source->release_snapshot();
    enter(Phase::cutover);
    try {
        append(m_result.findings, m_target->cutover());
        count_merged();
        m_result.state = MigrationState::done;
        m_journal(m_result.state, Phase::cutover, "done");
    } catch (const CommitUnknownError&) {
        throw;
    } catch (const Error& error) {
        if (!error.retryable()) {
            throw;
        }
        // Staged and verified: only the last step waits.
        m_result.failure = error.what();
        m_result.error = ErrorCode::transient;
        m_result.next_step =
            "migrate-cli cutover " + m_plan.id + " does the last step when the tables are free";
        m_journal(m_result.state, Phase::cutover, "the lock could not be had: ready");
    }
}

/// What became of the rows of tables that were there.
void Execution::count_merged() {
    for (const backend::MergedTable& merged : m_target->merged()) {
        for (std::size_t i = 0; i < m_plan.tables.size(); ++i) {
            // Of a table that several are merged into, the first one's line says it.
            if (m_plan.tables[i].target == merged.table) {
                m_result.tables[i].skipped = merged.skipped;
                m_result.tables[i].overwritten = merged.overwritten;
                break;
            }
        }
    }
}

void Execution::fail(const Error& error) {
    m_result.failure = error.what();
    m_result.error = error.code();
    m_result.next_step = error.facts().next_step;
    m_result.dead_letters.clear();
    const bool undecided = dynamic_cast<const CommitUnknownError*>(&error) != nullptr;
    if (undecided) {
        m_result.state = MigrationState::interrupted;
        m_result.next_step = "look at the target with status; the answer to its last commit never came";
    } else if (m_options.keep_staging) {
        m_result.state = MigrationState::interrupted;
        m_result.next_step +=
            (m_result.next_step.empty() ? "" : "; ") + ("abandon " + m_plan.id + " drops the staging");
    } else {
        drop_staging();
    }
    m_journal(m_result.state, Phase::done, "failed: " + m_result.failure);
}

void Execution::drop_staging() {
    m_result.state = MigrationState::failed;
    try {
        m_target->abandon(m_plan.id);
        m_result.rollback = "nothing to undo: the target is as it was before";
    } catch (const Error& error) {
        m_result.state = MigrationState::interrupted;
        m_result.failure += std::string("; the staging could not be dropped: ") + error.what();
        m_result.next_step = "abandon " + m_plan.id + " drops the staging when the target can be reached";
    }
}

}  // namespace migrate
