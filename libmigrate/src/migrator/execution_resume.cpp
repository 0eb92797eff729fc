#include <algorithm>
#include <map>
#include <utility>

#include <migrate/error.hpp>

#include "backend/table_holder.hpp"
#include "copy/reject_policy.hpp"
#include "mapping/selection.hpp"
#include "migrator/execution.hpp"
#include "migrator/known_migration.hpp"
#include "migrator/reconcile.hpp"
#include "plan/planner.hpp"
#include "util/random_id.hpp"

/// How a run goes on with what an earlier one has staged.
namespace migrate {

bool Execution::resume(std::string& why_not) {
    m_resumed = true;
    open_sides();
    name_run();
    m_target->lock(m_plan.id);
    read_recorded_plan();
    const backend::Fingerprint now = m_source->fingerprint();
    const bool has_moved_on = now.empty() || now != m_plan.source_fingerprint;
    if (has_moved_on && !follow_source()) {
        why_not = "the source has changed since, and what is not a row of it as well";
        return false;
    }
    if (m_plan.provisional && !take_up_first_rows()) {
        why_not = "its first rows decide otherwise now than when the plan was made";
        return false;
    }
    begin_preflight();
    // The plan estimates a run from the start; this one does a part of it.
    m_result.estimates.duration = {};
    m_result.estimates.phases.clear();
    m_chunks = copy::list_chunks(*m_source, m_plan);
    m_context.audit.target_is_written();
    try {
        m_resumption = m_target->resume(m_target_plan);
    } catch (const Error& error) {
        // What cannot be read of its records is as good as not there.
        if (error.code() != ErrorCode::corrupt && error.code() != ErrorCode::malformed &&
            error.code() != ErrorCode::not_found) {
            throw;
        }
        why_not = error.what();
        return false;
    }
    // What was built is taken back by now, so that the target is as it was when this was asked first; disk
    // space was asked for then.
    look_at_target(0);
    const DigestAlgorithm digests = digest_algorithm_of(m_plan.options.level);
    const bool digested_alike = std::all_of(
        m_resumption.checkpoints.begin(), m_resumption.checkpoints.end(),
        [&](const Checkpoint& one) { return one.digest.is_of_nothing() || one.digest.algorithm == digests; });
    if (!digested_alike) {
        why_not =
            "the digests in its checkpoints are of another kind than its level of verification asks for";
        return false;
    }
    if (has_moved_on && !reconcile_staging()) {
        why_not = "the source has changed since, and what is staged cannot be taken back in part";
        return false;
    }
    if (!copy::mark_finished(m_plan, m_resumption.checkpoints, m_chunks)) {
        why_not = "the source is split in another way than what is staged";
        return false;
    }
    m_staged = true;
    m_result.state = MigrationState::loading;
    m_index.write(m_plan, m_result.state, Phase::load, "resumed");
    return true;
}

/// Now that nobody else can change it: another run may have taken the migration up, or ended it, since it was
/// read.
void Execution::read_recorded_plan() {
    const auto recorded = recorded_by(*m_target, m_plan.id);
    if (!recorded || recorded->plan_json.empty()) {
        return;
    }
    if (recorded->state != "loading" && recorded->state != "ready") {
        ErrorFacts facts;
        facts.code = ErrorCode::refused;
        facts.next_step = "migrate-cli status " + m_plan.id + " shows where it stands";
        throw Error(std::move(facts), "another run has taken migration " + m_plan.id +
                                          " up meanwhile, and it is " + recorded->state + " now");
    }
    MigrationPlan plan = plan_of(*recorded);
    m_other_source = plan.from.display() == m_plan.from.display() ? "" : plan.from.display();
    plan.from = m_plan.from;
    plan.to = m_plan.to;
    m_plan = std::move(plan);
}

/// Plans again, for the source as it is now. False where what is staged is not what that plan needs. Throws:
/// Error{refused} where nobody has agreed to that plan.
bool Execution::follow_source() {
    m_context.events.start(Phase::plan, m_plan.estimates.rows,
                           "the source has changed, or may have: reading it again");
    MigrationPlan fresh = plan::plan_again(sides(), m_plan);
    // To what rests on first rows nobody has agreed.
    if (!m_plan.provisional && !plan::same_mapping(m_plan, fresh)) {
        ErrorFacts facts;
        facts.code = ErrorCode::refused;
        facts.next_step = "migrate-cli abandon " + m_plan.id + " drops what is staged; then plan anew";
        throw Error(std::move(facts),
                    "the source has changed since migration " + m_plan.id +
                        " was begun, so that its tables or columns would be mapped in another way now; what "
                        "is staged stays as it is");
    }
    if (!plan::same_staging(m_plan, fresh)) {
        return false;
    }
    fresh.cut_over = m_plan.cut_over;
    m_plan = std::move(fresh);
    return true;
}

/// Leaves in the staging what the source still says. False where that cannot be done.
bool Execution::reconcile_staging() {
    // The target says of itself what it would say to a new plan.
    auto said = m_target->preflight(m_target_plan, 0);
    m_plan.findings.insert(m_plan.findings.end(), said.begin(), said.end());
    m_result.findings.insert(m_result.findings.end(), said.begin(), said.end());
    m_target_plan.plan_json = render_json(m_plan);
    m_context.events.start(Phase::plan, m_plan.estimates.rows,
                           "comparing what is staged with the source as it is now");
    Throttle& throttle = m_context.throttle;
    verify::ScanContext scan{m_readers,           m_context.config.stop, {},
                             throttle.rate.get(), &throttle.gate,        &throttle.stages};
    scan.algorithm = digest_algorithm_of(m_plan.options.level);
    auto kept = reconcile({*m_source, *m_target, m_plan, m_target_plan, m_chunks, scan}, m_resumption);
    if (!kept) {
        return false;
    }
    if (!m_other_source.empty()) {
        kept->message =
            "is " + m_plan.from.display() + ", and was " + m_other_source + "; it " + kept->message;
    }
    m_context.audit.decide("the source " + kept->message);
    m_result.findings.push_back(std::move(*kept));
    return true;
}

/// What is loaded already tells nothing of how fast the rest will be.
void Execution::credit_finished() {
    for (const copy::ListedChunk& chunk : m_chunks) {
        if (chunk.finished) {
            m_context.events.credit(m_plan.source.tables[m_plan.tables[chunk.table].source].name.display(),
                                    chunk.finished->rows);
        }
    }
}

/// What the load of earlier runs, and what they built, has refused: counts came with the checkpoints, reasons
/// are in the dead letters.
void Execution::take_up_rejects() {
    for (const backend::RemovedRows& removed : m_resumption.removed) {
        take_out(removed);
    }
    const bool any = std::any_of(m_resumption.checkpoints.begin(), m_resumption.checkpoints.end(),
                                 [](const Checkpoint& one) { return one.rejects + one.nulled > 0; });
    if (!any && m_resumption.removed.empty()) {
        return;
    }
    std::map<std::pair<std::string, std::int64_t>, std::size_t> table_of;  // what is finished, by its place
    for (const copy::ListedChunk& chunk : m_chunks) {
        if (chunk.finished) {
            table_of[{m_result.tables[chunk.table].target, chunk.index_at_target}] = chunk.table;
        }
    }
    for (std::size_t i = m_result.tables.size(); i-- > 0;) {
        table_of[{m_result.tables[i].target, backend::k_removed_chunk}] = i;
    }
    m_target->dead_letters(m_plan.id, [&](const DeadLetter& letter) {
        const auto found = table_of.find({letter.table, letter.chunk});
        if (found != table_of.end()) {
            copy::add_reason(m_result.tables[found->second].reasons,
                             {letter.column, letter.reason, 1, letter.kept});
        }
    });
}

/// Where the run ended although what is staged is right: it can go on from there.
bool Execution::can_go_on_after(const Error& error) const {
    switch (error.code()) {
        case ErrorCode::cancelled:
        case ErrorCode::transient:
        case ErrorCode::connection_lost:
        case ErrorCode::unreachable:
        case ErrorCode::resource:
        case ErrorCode::io:
        case ErrorCode::locked:
        case ErrorCode::permission:
            return m_staged;
        default:
            return false;
    }
}

}  // namespace migrate
