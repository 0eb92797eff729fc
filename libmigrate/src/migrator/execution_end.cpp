#include <algorithm>
#include <iterator>
#include <utility>

#include <migrate/error.hpp>

#include "backend/taken_over.hpp"
#include "migrator/audit_words.hpp"
#include "migrator/execution.hpp"
#include "migrator/known_migration.hpp"
#include "state/checkpoints.hpp"
#include "util/kill_point.hpp"

/// How a run ends: with the cutover, or with what is left of it where it fails.
namespace migrate {
namespace {

void append(std::vector<Finding>& to, std::vector<Finding> from) {
    std::move(from.begin(), from.end(), std::back_inserter(to));
}

/// Rows that were planned by all values might not have met it.
bool may_be_the_plans(ErrorCode code) {
    return code == ErrorCode::row || code == ErrorCode::constraint || code == ErrorCode::malformed;
}

}  // namespace

/// The plan with all that was found on the way, for whoever cuts over, or asks how it ended.
MigrationPlan Execution::verified_plan() const {
    MigrationPlan verified = m_plan;
    verified.audit_head = m_context.audit.head();
    verified.verified = true;
    verified.findings = m_result.findings;
    for (const TableResult& table : m_result.tables) {
        if (table.rejected + table.nulled > 0) {
            verified.findings.push_back(rows_rejected(m_plan.id, table.target, table.rejected, table.nulled));
        }
    }
    return verified;
}

void Execution::mark_ready() {
    util::pass_kill_point("verified");
    record_decisions(m_context.audit, m_plan, m_result);
    m_target->keep_audit_head(m_context.audit.head());
    m_target->mark_ready(render_json(verified_plan()));
    util::pass_kill_point("ready");
    m_result.state = MigrationState::ready;
    leave();
}

void Execution::cut_over() {
    // The source is released first: a cutover may wait, and a snapshot that is held hurts the source
    // meanwhile.
    m_source->release_snapshot();
    enter(Phase::cutover);
    util::pass_kill_point("cutover");
    try {
        m_target->keep_audit_head(m_context.audit.head());
        append(m_result.findings, m_target->cutover(account_of(verified_plan())));
        util::pass_kill_point("cutover-done");
        m_result.state = MigrationState::done;
        count_merged();
        m_entered.reset();
        note_in_index(Phase::cutover, std::string(state::k_phase_finished));
    } catch (const CommitUnknownError&) {
        throw;
    } catch (const Error& error) {
        if (!error.retryable()) {
            throw;
        }
        // Staged and verified: only the last step waits.
        m_result.failure = error.what();
        m_result.error = ErrorCode::transient;
        const bool is_lost = error.code() == ErrorCode::connection_lost;
        m_result.next_step = "migrate-cli cutover " + m_plan.id + " does the last step when " +
                             (is_lost ? "the server can be reached" : "the tables are free");
        note_in_index(Phase::cutover, is_lost ? "the connection was lost before it was done: ready"
                                              : "the lock could not be had: ready");
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
    if (m_plan.provisional && may_be_the_plans(error.code())) {
        drop_staging();
        // Where the staging is still there, nothing can be begun beside it.
        if (m_result.state == MigrationState::failed) {
            m_surprise = error.what();
        }
        return;
    }
    const bool undecided = dynamic_cast<const CommitUnknownError*>(&error) != nullptr;
    if (undecided) {
        m_result.state = MigrationState::interrupted;
        m_result.next_step = "the answer to the target's last commit never came: migrate-cli resume " +
                             m_plan.id + " asks the target, and goes on from there";
    } else if (dynamic_cast<const backend::TakenOverError*>(&error) != nullptr) {
        // What is staged, and what is shown, is for the other run to say.
        m_result.state = MigrationState::interrupted;
        m_result.rollback.clear();
        m_result.next_step = "migrate-cli status " + m_plan.id + " says what the other run has made of it";
    } else if (m_options.keep_staging || can_go_on_after(error)) {
        m_result.state = MigrationState::interrupted;
        m_result.rollback = "nothing to undo: the target shows what it showed before";
        m_result.next_step += (m_result.next_step.empty() ? "" : "; ") +
                              ("migrate-cli resume " + m_plan.id + " goes on where it stopped, abandon " +
                               m_plan.id + " drops what is staged");
    } else {
        drop_staging();
    }
    note_in_index(Phase::done, "failed: " + m_result.failure);
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
