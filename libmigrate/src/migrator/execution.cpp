#include "migrator/execution.hpp"

#include <algorithm>
#include <future>
#include <iterator>
#include <stop_token>
#include <utility>

#include <migrate/error.hpp>

#include "backend/registry.hpp"
#include "backend/table_holder.hpp"
#include "mapping/selection.hpp"
#include "migrator/backup_run.hpp"
#include "migrator/bottleneck.hpp"
#include "migrator/build_run.hpp"
#include "migrator/run_forecast.hpp"
#include "plan/planner.hpp"
#include "plan/workload.hpp"
#include "state/checkpoints.hpp"
#include "util/kill_point.hpp"
#include "util/random_id.hpp"

namespace migrate {
namespace {

using Clock = std::chrono::steady_clock;

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

}  // namespace

Finding index_not_written(const Error& error) {
    return {Severity::risk,
            "index-not-written",
            "the index of migrations",
            std::string("could not be written: ") + error.what(),
            "What the target records is right all the same; name it with --to where the index does not know.",
            0};
}

Execution::Execution(const MigratorContext& context, const MigrationPlan& plan,
                     const MigrationOptions& options, MigrationIndex index)
    : m_context(context), m_plan(plan), m_options(options), m_index(std::move(index)), m_start(Clock::now()) {
    begin_record();
}

MigrationResult Execution::run() {
    open_sides();
    take_an_id();
    settle_plan();
    m_plan.cut_over = m_options.cut_over;
    begin_preflight();
    look_at_target(m_plan.estimates.target_bytes);
    m_target->lock(m_plan.id);
    back_up_source();
    back_up_target();
    m_context.audit.target_is_written();
    leave();
    // The index is not written before a run has passed what could refuse it.
    for (const Phase passed : {Phase::open, Phase::plan, Phase::preflight}) {
        m_index.write(m_plan, MigrationState::loading, passed, std::string(state::k_phase_finished));
    }
    return finish(true);
}

MigrationResult Execution::go_on() {
    return finish(false);
}

MigrationResult Execution::finish(bool begin) {
    try {
        if (begin) {
            stage();
        }
        load();
        confirm_plan();
        prove_and_show();
    } catch (const Error& error) {
        fail(error);
    } catch (const std::exception& error) {
        fail(Error(ErrorCode::internal, error.what()));
    } catch (...) {
        fail(Error(ErrorCode::internal, "something was thrown that is no std::exception"));
    }
    m_context.events.start(Phase::done);
    m_context.events.finish();
    end_record();
    m_result.phases = m_context.events.phases();
    m_result.duration = since(m_start);
    m_result.stages = m_context.throttle.stages.list();
    m_result.bottleneck = find_bottleneck(m_result, backend::backend_named(m_plan.from.engine),
                                          backend::backend_named(m_plan.to.engine));
    return std::move(m_result);
}

void Execution::prove_and_show() {
    try {
        build();
        name_dead_letters();
        verify();
        mark_ready();
    } catch (const CommitUnknownError&) {
        throw;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::corrupt) {
            throw;
        }
        // It could be read a moment ago: what is staged, or to be compared with it, is no longer what it was.
        ErrorFacts facts = error.facts();
        facts.code = ErrorCode::differs;
        throw Error(
            facts, std::string("what was loaded cannot be verified, and nothing was shown: ") + error.what());
    }
    if (m_options.cut_over && m_plan.cut_over) {
        cut_over();
    }
}

void Execution::enter(Phase phase, std::uint64_t total) {
    m_context.check_stop();
    leave();
    m_context.events.start(phase, total);
    m_index.write(m_plan, m_result.state, phase, std::string(state::k_phase_started));
    m_entered = phase;
}

void Execution::leave() {
    if (const auto phase = std::exchange(m_entered, std::nullopt)) {
        m_index.write(m_plan, m_result.state, *phase, std::string(state::k_phase_finished));
    }
}

void Execution::open_sides() {
    m_context.events.start(Phase::open);
    refuse_same_place(m_plan.from, m_plan.to);
    m_context.require_sessions(m_plan.from, m_plan.to, SessionUse::run);
    m_source = m_context.open_source(m_plan.from);
    m_target = m_context.open_target(m_plan.to);
    m_workers =
        m_context.workers_for(m_plan.from, backend::identity_of(*m_source), m_plan.to,
                              backend::identity_of(*m_target), SessionUse::run, m_plan.options.workers);
    backend::hold_tables(*m_source, mapping::selection_of(m_plan.options));
    m_readers = m_source->pin_snapshot(m_workers.readers);
    const backend::DatabaseIdentity from = backend::identity_of(*m_source);
    const backend::DatabaseIdentity to = backend::identity_of(*m_target);
    m_context.audit.set_roles(from.role, to.role);
    refuse_same_place(m_plan.from, from, m_plan.to, to);
}

/// An id stands for one run: a plan that was run before, and perhaps undone, gets another.
void Execution::take_an_id() {
    const std::vector<backend::RecordedMigration> recorded = m_target->recorded_migrations();
    const bool was_run = m_index.knows(m_plan.id) || std::any_of(recorded.begin(), recorded.end(),
                                                                 [&](const backend::RecordedMigration& one) {
                                                                     return one.id == m_plan.id;
                                                                 });
    if (was_run) {
        plan::give_id(m_plan, new_migration_id());
    }
    name_run();
}

void Execution::name_run() {
    m_result.id = m_plan.id;
    m_context.events.set_migration(m_plan.id);
    m_context.audit.set_migration(m_plan.id);
}

void Execution::begin_preflight() {
    m_context.events.start(Phase::preflight);
    refuse_blockers(m_plan.findings);
    m_plan.audit_head = m_context.audit.head();
    m_plan.verified = false;
    m_target_plan = plan::target_plan_of(m_plan, util::random_id());
    m_result.findings = m_plan.findings;
    forget_foreseen(m_result.findings);
    m_result.estimates = m_plan.estimates;
    m_result.rollback = m_plan.rollback_strategy;
    m_context.events.expect(forecast_of(m_plan));
}

void Execution::look_at_target(std::uint64_t bytes) {
    refuse_blockers(m_target->preflight(m_target_plan, bytes));
}

void Execution::back_up_source() {
    if (!m_result.source_backup.empty()) {
        return;
    }
    if (!plan::backs_up_source(m_plan)) {
        if (m_plan.options.source_backup == SourceBackup::always) {
            throw Error(ErrorCode::usage,
                        "a backup of the source is asked for, but no directory for it is known");
        }
        return;
    }
    enter(Phase::backup);
    m_result.source_backup = back_up(*m_source, m_plan.from, "source");
}

void Execution::back_up_target() {
    if (!m_result.target_backup.empty() || !plan::backs_up_target(m_plan)) {
        return;
    }
    enter(Phase::backup);
    const auto as_it_is = m_context.open_other_source(m_plan.to);
    as_it_is->pin_snapshot(1);
    m_result.target_backup = back_up(*as_it_is, m_plan.to, "target");
}

std::string Execution::back_up(backend::Source& source, const Endpoint& endpoint, const std::string& kind) {
    const PlanOptions& options = m_plan.options;
    CreatedBackup made =
        make_backup(m_context, source,
                    {endpoint,
                     {options.backup_directory, options.backup_key, options.keep_backups, false},
                     kind,
                     m_plan.id,
                     m_index.is_unfinished});
    append(m_result.findings, std::move(made.findings));
    return std::move(made.backup.path);
}

void Execution::stage() {
    m_result.state = MigrationState::loading;
    enter(Phase::schema);
    util::pass_kill_point("staging-begin");
    m_target->begin(m_target_plan);
    m_staged = true;
    m_resumption.epoch = 1;
    m_chunks = copy::list_chunks(*m_source, m_plan);
    util::pass_kill_point("staging-begun");
}

void Execution::load() {
    enter(Phase::load, m_plan.estimates.rows);
    credit_finished();
    copy::LoadRequest request{
        *m_source, *m_target, m_plan, m_chunks, m_target_plan.owner, m_resumption.epoch, 1, 1, 0, {}, {}, {}};
    request.readers = m_readers;
    request.writers = m_workers.writers;
    // An eighth of the budget waits between readers and writers: vectors keep up to twice that, and the
    // engines need the rest.
    request.queue_bytes = m_plan.options.memory_bytes / 8 / (request.readers + request.writers);
    request.stop = m_context.config.stop;
    request.progress = [this](std::size_t table, std::uint64_t rows, std::uint64_t bytes) {
        const TablePlan& plan = m_plan.tables[table];
        m_context.events.progress(m_plan.source.tables[plan.source].name.display(), rows, bytes, plan.rows);
    };
    request.retry = [this](const std::string& why) { m_context.events.note(EventKind::retry, {}, why); };
    request.rate = m_context.throttle.rate.get();
    request.gate = &m_context.throttle.gate;
    request.stages = &m_context.throttle.stages;
    m_loaded = copy::load(request);
    name_tables();
    take_up_rejects();
    util::pass_kill_point("loaded");
}

void Execution::name_tables() {
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
    const unsigned builders = m_target->builders(m_workers.builders);
    BuildRun::Context context;
    context.builders = builders;
    context.stop = m_context.config.stop;
    context.stages = &m_context.throttle.stages;
    context.gate = &m_context.throttle.gate;
    context.weight = [this](std::size_t table) { return bytes_of(table); };
    context.done = [this](const backend::BuildStep& step) {
        m_context.events.progress(step.description, 1, 0, 1);
    };
    BuildRun run(*m_target, std::move(context));
    m_context.events.expect_work(Phase::build, work_of(m_plan, run.steps()));
    enter(Phase::build, run.size());
    // Where no step changes rows, they are read back meanwhile: each table once nothing locks readers out.
    std::stop_source halt;
    const std::stop_callback on_stop(m_context.config.stop, [&] { halt.request_stop(); });
    std::future<ReadBack> reading;
    if (builders > 1) {
        reading = std::async(std::launch::async, [this, &run, stop = halt.get_token()] {
            return read_meanwhile(stop, [&](std::size_t table) { return run.wait_until_readable(table); });
        });
    }
    std::vector<backend::BuildResult> results;
    try {
        results = run.run();
    } catch (...) {
        // What is read back now is of no use: a large table would hold up the end.
        halt.request_stop();
        throw;
    }
    for (backend::BuildResult& built : results) {
        append(m_result.findings, std::move(built.findings));
        for (const backend::RemovedRows& removed : built.removed) {
            take_out(removed);
        }
    }
    if (reading.valid()) {
        m_read_back = reading.get();
    }
}

std::uint64_t Execution::bytes_of(std::size_t target_table) const {
    std::uint64_t bytes = 0;
    for (const TablePlan& table : m_plan.tables) {
        bytes += table.target == target_table ? table.bytes : 0;
    }
    return bytes;
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
        if (rows > 0 && !removed.reason.empty()) {
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

/// The target has the last word: what it shows is not undone because the index cannot be written.
void Execution::note_in_index(Phase phase, const std::string& line) {
    try {
        m_index.write(m_plan, m_result.state, phase, line);
    } catch (const Error& error) {
        m_result.findings.push_back(index_not_written(error));
    }
}

}  // namespace migrate
