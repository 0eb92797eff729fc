#include <algorithm>

#include <migrate/rollback.hpp>

#include "plan/text_parts.hpp"
#include "util/human.hpp"
#include "util/printable.hpp"

MIGRATE_NAMESPACE_BEGIN
namespace {

std::string proof_of(const RollbackResult& result, const RolledBackTable& table) {
    if (!result.executed) {
        return table.changed_since ? "changed since" : "as the migration left it";
    }
    if (!table.proven) {
        return "NOT what it was";
    }
    return table.placement == Placement::create ? "gone, as before" : "as before: " + table.digest_restored;
}

}  // namespace

int RollbackResult::exit_code() const noexcept {
    const bool blocked = std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.severity == Severity::blocker;
    });
    if (blocked) {
        return 3;
    }
    const bool proven =
        std::all_of(tables.begin(), tables.end(), [](const RolledBackTable& table) { return table.proven; });
    return executed && !proven ? 4 : 0;
}

std::string render_text(const RollbackResult& result) {
    if (result.was_rolled_back) {
        return "Migration " + result.id + " is rolled back already; nothing was done\n";
    }
    plan::TextTable table({false, false, true, true, true, false});
    table.add({"table", "was", "before", "left", "now", ""});
    for (const RolledBackTable& entry : result.tables) {
        table.add({entry.table, std::string(to_string(entry.placement)), util::human_count(entry.rows_before),
                   util::human_count(entry.rows_after), util::human_count(entry.rows_now),
                   proof_of(result, entry)});
    }
    std::string out = table.render();
    out += plan::render_findings("In the way (nothing will be written):", result.findings, Severity::blocker);
    out += plan::render_findings("Risks:", result.findings, Severity::risk);
    int number = 0;
    out += result.steps.empty() ? "" : result.executed ? "Done:\n" : "Steps:\n";
    for (const std::string& step : result.steps) {
        out += "  " + std::to_string(++number) + ". " + util::printable(step) + "\n";
    }
    if (!result.audit_head.empty()) {
        out += "Audit: " + util::printable(result.audit_head) + "\n";
    }
    return out + "Migration " + result.id +
           (result.executed ? ": rolled back\n" : ": would be rolled back\n");
}

MIGRATE_NAMESPACE_END
