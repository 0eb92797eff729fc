#include <algorithm>

#include <migrate/dead_letter_retry.hpp>

#include "plan/text_parts.hpp"
#include "util/human.hpp"
#include "util/printable.hpp"

MIGRATE_NAMESPACE_BEGIN
namespace {

std::string reasons_of(const DeadLetterRetry& retry) {
    std::string out;
    for (const RetriedTable& table : retry.tables) {
        for (const RejectReason& reason : table.reasons) {
            out += "  " + util::printable(table.table) +
                   (reason.column.empty() ? "" : ", column " + util::printable(reason.column)) + ": " +
                   util::human_count(reason.rows) + " × " + util::printable(reason.reason) + "\n";
        }
    }
    const char* heading = retry.executed ? "Still refused:\n" : "Would not be tried:\n";
    return out.empty() ? out : heading + out;
}

std::string summary_of(const DeadLetterRetry& retry) {
    const RetriedTable all = retry.total();
    if (!retry.executed) {
        return util::human_rows(all.tried, "would be tried", "would be tried");
    }
    return util::human_rows(all.inserted, "is in its table now", "are in their tables now") + ", " +
           util::human_rows(all.filled, "has the value it lacked", "have the values they lacked") + ", " +
           util::human_count(all.left) + (all.left == 1 ? " dead letter is left" : " dead letters are left");
}

}  // namespace

RetriedTable DeadLetterRetry::total() const {
    RetriedTable all;
    for (const RetriedTable& table : tables) {
        all.letters += table.letters;
        all.tried += table.tried;
        all.inserted += table.inserted;
        all.filled += table.filled;
        all.left += table.left;
    }
    return all;
}

int DeadLetterRetry::exit_code() const noexcept {
    const bool remain = std::any_of(tables.begin(), tables.end(), [this](const RetriedTable& table) {
        return executed ? table.left > 0 : !table.reasons.empty();
    });
    return remain ? 5 : 0;
}

std::string render_text(const DeadLetterRetry& retry) {
    if (retry.tables.empty()) {
        return "Migration " + retry.id + " has no dead letters\n";
    }
    plan::TextTable table({false, true, true, true, true, true});
    table.add({"table", "letters", "tried", "inserted", "filled", "left"});
    for (const RetriedTable& entry : retry.tables) {
        table.add({entry.table, util::human_count(entry.letters), util::human_count(entry.tried),
                   util::human_count(entry.inserted), util::human_count(entry.filled),
                   util::human_count(entry.left)});
    }
    return table.render() + reasons_of(retry) +
           plan::render_findings("Notes:", retry.findings, Severity::note) + "Migration " + retry.id + ": " +
           summary_of(retry) + "\n";
}

MIGRATE_NAMESPACE_END
