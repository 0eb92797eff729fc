#include <algorithm>
#include <map>
#include <utility>

#include <migrate/error.hpp>

#include "backend/table_holder.hpp"
#include "copy/reject_policy.hpp"
#include "mapping/selection.hpp"
#include "migrator/execution.hpp"
#include "plan/planner.hpp"
#include "util/random_id.hpp"

/// How a run goes on with what an earlier one has staged.
namespace migrate {

bool Execution::resume(std::string& why_not) {
    m_resumed = true;
    open_sides();
    name_run();
    const backend::Fingerprint now = m_source->fingerprint();
    if (now.empty() || now != m_plan.source_fingerprint) {
        why_not = "the source has changed since, or it cannot be told whether it has";
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
    m_target->lock(m_plan.id);
    m_chunks = copy::list_chunks(*m_source, m_plan);
    m_context.audit.target_is_written();
    try {
        m_resumption = m_target->resume(m_target_plan);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::corrupt && error.code() != ErrorCode::not_found) {
            throw;
        }
        why_not = error.what();
        return false;
    }
    const DigestAlgorithm digests = digest_algorithm_of(m_plan.options.level);
    const bool digested_alike = std::all_of(
        m_resumption.checkpoints.begin(), m_resumption.checkpoints.end(),
        [&](const Checkpoint& one) { return one.digest.is_of_nothing() || one.digest.algorithm == digests; });
    if (!digested_alike) {
        why_not =
            "the digests in its checkpoints are of another kind than its level of verification asks for";
        return false;
    }
    if (!copy::mark_finished(m_plan, m_resumption.checkpoints, m_chunks)) {
        why_not = "the source is split in another way than what is staged";
        return false;
    }
    // What was built is taken back by now, so that the target is as it was when this was asked first; disk
    // space was asked for then.
    look_at_target(0);
    m_staged = true;
    m_result.state = MigrationState::loading;
    m_index.write(m_plan, m_result.state, Phase::load, "resumed");
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
