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

std::string proofs_of(const RollbackResult& result) {
    std::string out;
    for (const RollbackProof& proof : result.proofs) {
        const std::string before = util::human_count(proof.objects) + " before, " + proof.digest_before;
        out += proof.what + ": " +
               (!result.executed ? before
                : proof.proven   ? "as before (" + before + ")"
                                 : "NOT what it was (" + before + ")") +
               "\n";
    }
    return out;
}

std::string where_it_stands(const RollbackResult& result) {
    const std::string would = result.executed ? "" : "would be ";
    if (!result.checkpoint || result.state == "rolled_back") {
        return would + "rolled back";
    }
    return would + "back at checkpoint " + std::to_string(*result.checkpoint) + ", " + result.state +
           (result.state == "ready" ? ": cutover or resume goes on with it" : ": resume goes on with it");
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
        std::all_of(tables.begin(), tables.end(),
                    [](const RolledBackTable& table) { return table.proven; }) &&
        std::all_of(proofs.begin(), proofs.end(), [](const RollbackProof& proof) { return proof.proven; });
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
    std::string out = result.tables.empty() ? std::string() : table.render();
    out += proofs_of(result);
    if (!result.strategy.empty()) {
        out += "Strategy: " + result.strategy + ", because " + util::printable(result.strategy_reason) + "\n";
    }
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
    return out + "Migration " + result.id + ": " + where_it_stands(result) + "\n";
}

MIGRATE_NAMESPACE_END
