#include <algorithm>

#include <migrate/rehearsal.hpp>

#include "plan/text_parts.hpp"
#include "util/human.hpp"
#include "util/printable.hpp"

MIGRATE_NAMESPACE_BEGIN
namespace {

std::string proof_of(const RolledBackTable& table) {
    if (!table.proven) {
        return "NOT what it was";
    }
    return table.placement == Placement::create ? "gone again" : "as before";
}

std::string proofs_of(const std::vector<RollbackProof>& proofs) {
    std::string line;
    for (const RollbackProof& proof : proofs) {
        line += (line.empty() ? "" : ", ") + proof.what + " (" + util::human_count(proof.objects) + ") " +
                (proof.proven ? "as before" : "NOT what it was");
    }
    return line.empty() ? line : line + "\n";
}

}  // namespace

bool RollbackRehearsal::passed() const noexcept {
    return failure.empty() && rollback.executed && rollback.exit_code() == 0;
}

int RollbackRehearsal::exit_code() const noexcept {
    return passed() ? 0 : 4;
}

std::string render_text(const RollbackRehearsal& rehearsal) {
    if (rehearsal.place.empty() && rehearsal.passed()) {
        return "Rehearsal of the rollback: no table is migrated, so that there is nothing to rehearse\n";
    }
    std::string out = "Rehearsal of the rollback, in " + util::printable(rehearsal.place) + ": " +
                      util::human_count(rehearsal.rows_there) + " rows of what is there, " +
                      util::human_count(rehearsal.rows_migrated) + " of the source\n";
    if (!rehearsal.rollback.tables.empty()) {
        plan::TextTable table({false, false, true, true, false});
        table.add({"table", "was", "before", "migrated", "rolled back"});
        for (const RolledBackTable& entry : rehearsal.rollback.tables) {
            table.add({entry.table, std::string(to_string(entry.placement)),
                       util::human_count(entry.rows_before), util::human_count(entry.rows_after),
                       proof_of(entry)});
        }
        out += table.render();
    }
    out += proofs_of(rehearsal.rollback.proofs);
    out += plan::render_findings("Not rehearsed:", rehearsal.findings, Severity::left_out);
    out +=
        plan::render_findings("In the way of the rollback:", rehearsal.rollback.findings, Severity::blocker);
    if (!rehearsal.failure.empty()) {
        out += util::printable(rehearsal.failure) + "\n";
    }
    if (!rehearsal.next_step.empty()) {
        out += "  next: " + util::printable(rehearsal.next_step) + "\n";
    }
    if (!rehearsal.passed()) {
        return out + "The rollback does NOT work as it was rehearsed\n";
    }
    return out + "The rollback works" + (rehearsal.findings.empty() ? "" : " as far as it was rehearsed") +
           ": by " + rehearsal.rollback.strategy + ", everything was as before; the rehearsal is gone\n";
}

MIGRATE_NAMESPACE_END
