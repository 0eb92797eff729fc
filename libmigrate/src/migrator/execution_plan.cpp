#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include <migrate/error.hpp>

#include "backend/registry.hpp"
#include "migrator/execution.hpp"
#include "plan/planner.hpp"

/// How a run makes sure that its plan is still that of the source, and of all its values.
namespace migrate {
namespace {

bool is_same(const Finding& a, const Finding& b) {
    return std::tie(a.severity, a.code, a.object, a.message, a.count) ==
           std::tie(b.severity, b.code, b.object, b.message, b.count);
}

/// Puts `now` in the place of what was found `before`.
void replace_findings(const std::vector<Finding>& before, const std::vector<Finding>& now,
                      std::vector<Finding>& findings) {
    std::erase_if(findings, [&](const Finding& finding) {
        return std::any_of(before.begin(), before.end(),
                           [&](const Finding& one) { return is_same(one, finding); });
    });
    findings.insert(findings.end(), now.begin(), now.end());
    std::stable_sort(findings.begin(), findings.end(),
                     [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
}

/// Takes over what is said of each column, tables staying in the order in which they were loaded.
void take_notes(const MigrationPlan& from, MigrationPlan& to) {
    to.source = from.source;
    to.target = from.target;
    for (TablePlan& way : to.tables) {
        const auto same = std::find_if(from.tables.begin(), from.tables.end(), [&](const TablePlan& other) {
            return other.source == way.source && other.target == way.target && other.where == way.where;
        });
        if (same != from.tables.end()) {
            way.columns = same->columns;
        }
    }
}

bool has_blocker(const std::vector<Finding>& findings) {
    return std::any_of(findings.begin(), findings.end(),
                       [](const Finding& finding) { return finding.severity == Severity::blocker; });
}

}  // namespace

void forget_foreseen(std::vector<Finding>& findings) {
    std::erase_if(findings, [](const Finding& finding) {
        return finding.code.ends_with("-at-source") && finding.severity == Severity::left_out;
    });
}

plan::Sides Execution::sides() {
    const backend::Capabilities& can = backend::backend_named(m_plan.to.engine).capabilities();
    return {m_plan.from,          m_plan.to,         *m_source, *m_target, can, m_readers,
            m_index.past(m_plan), m_context.own_code};
}

void Execution::settle_plan() {
    const backend::Fingerprint now = m_source->fingerprint();
    const bool unchanged = !now.empty() && now == m_plan.source_fingerprint;
    const bool first_rows_do = m_plan.provisional && !m_plan.options.profile_ahead;
    if (unchanged && (!m_plan.provisional || (first_rows_do && take_up_first_rows()))) {
        return;
    }
    m_context.events.start(
        Phase::plan, m_plan.estimates.rows,
        m_plan.provisional ? "reading the source again" : "the source may have changed: reading it again");
    MigrationPlan fresh = plan::make_plan(sides(), m_plan.options, m_plan.id, m_plan.created_at);
    // To what rests on first rows nobody has agreed.
    if (!m_plan.provisional && !plan::same_mapping(m_plan, fresh)) {
        ErrorFacts facts;
        facts.code = ErrorCode::refused;
        facts.next_step = "make the plan anew and look at it again";
        throw Error(facts,
                    "the source has changed since the plan was made, so that its tables or columns would be "
                    "mapped in another way now; nothing was changed");
    }
    m_plan = std::move(fresh);
    if (m_plan.provisional) {
        take_up_first_rows();
    }
}

/// The source knows them from when the plan was made, or reads them again.
bool Execution::take_up_first_rows() {
    const MigrationPlan first = plan::decide(sides(), m_plan.options);
    if (!plan::same_decision(m_plan, first)) {
        return false;
    }
    m_first_findings = first.findings;
    return true;
}

void Execution::confirm_plan() {
    if (!m_plan.provisional) {
        return;
    }
    enter(Phase::plan);
    PlanOptions options = m_plan.options;
    options.profile_ahead = true;
    const MigrationPlan settled = plan::decide(sides(), options);
    if (has_blocker(settled.findings) || !plan::same_decision(m_plan, settled)) {
        throw Error(ErrorCode::row, "values that came later decide otherwise than the first rows did");
    }
    std::vector<Finding> found = settled.findings;
    replace_findings(m_first_findings, found, m_plan.findings);
    forget_foreseen(found);
    replace_findings(m_first_findings, found, m_result.findings);
    take_notes(settled, m_plan);
    m_plan.provisional = false;
}

}  // namespace migrate
