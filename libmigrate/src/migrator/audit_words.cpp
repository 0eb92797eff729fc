#include "migrator/audit_words.hpp"

#include <vector>

#include "util/human.hpp"

namespace migrate {
namespace {

Finding not_written(const Error& error) {
    return {Severity::risk,
            "audit-not-written",
            "the audit trail",
            std::string("could not be written once the target was: ") + error.what(),
            "The target is as this result says; the trail lacks lines of this run.",
            0};
}

std::string word(std::string_view name, std::string_view value) {
    return ", " + std::string(name) + " " + std::string(value);
}

std::string rows_of(std::uint64_t rows) {
    return util::human_count(rows) + (rows == 1 ? " row" : " rows");
}

std::string tables_of(std::size_t tables) {
    return util::human_count(tables) + (tables == 1 ? " table" : " tables");
}

std::string rows_of(const MigrationResult& result) {
    std::uint64_t rows = 0;
    for (const TableResult& table : result.tables) {
        rows += table.committed;
    }
    return rows_of(rows);
}

std::string ending_of(const MigrationResult& result) {
    std::string text =
        std::string(to_string(result.state)) + ", exit code " + std::to_string(result.exit_code());
    if (!result.tables.empty()) {
        text += ", " + tables_of(result.tables.size()) + ", " + rows_of(result);
    }
    std::size_t left_out = 0;
    for (const Finding& finding : result.findings) {
        left_out += finding.severity == Severity::left_out ? 1 : 0;
    }
    if (left_out > 0) {
        text += ", " + std::to_string(left_out) + (left_out == 1 ? " thing" : " things") + " left out";
    }
    return text + (result.failure.empty() ? "" : ": " + result.failure);
}

/// Where lines are missing the result says so.
void tell_lost(const MigratorContext& context, std::vector<Finding>& findings) {
    if (context.audit.failure()) {
        findings.push_back(not_written(*context.audit.failure()));
    }
}

}  // namespace

std::string intent_of(const MigrationPlan& plan) {
    const PlanOptions& options = plan.options;
    std::string text = tables_of(plan.tables.size()) + ", " + rows_of(plan.estimates.rows) +
                       " by the plan of " + plan.created_at;
    text += word("level", to_string(options.level)) + word("on-existing", to_string(options.on_existing)) +
            word("on-conflict", to_string(options.on_conflict)) +
            word("on-reject", to_string(options.on_reject)) + word("on-orphan", to_string(options.on_orphan));
    for (const Finding& finding : plan.findings) {
        if (finding.severity == Severity::excluded) {
            text += ", left out as asked: " + finding.object;
        }
    }
    return text;
}

void record_decisions(audit::CallLog& log, const MigrationPlan& plan, const MigrationResult& result) {
    log.decide("verification at level " + std::string(to_string(result.verification.level)) + ": " +
               (result.verification.equal() ? "equal, " : "different, ") +
               tables_of(result.verification.tables.size()) + ", " + rows_of(result));
    for (const TableResult& table : result.tables) {
        if (table.rejected + table.nulled > 0) {
            log.decide("table " + table.target + ": on-reject " +
                       std::string(to_string(plan.options.on_reject)) + ", " + rows_of(table.rejected) +
                       " left out, " + rows_of(table.nulled) + " with NULL");
        }
    }
    log.settle();
}

void conclude(const MigratorContext& context, MigrationResult& result) {
    context.audit.end(result.error ? "failed" : "finished", ending_of(result));
    result.audit_head = context.audit.head();
    tell_lost(context, result.findings);
}

void conclude(const MigratorContext& context, RollbackResult& result) {
    const std::string how = result.was_rolled_back ? "it was rolled back before"
                            : result.executed      ? "rolled back, " + tables_of(result.tables.size())
                                                   : "something is in the way";
    const bool refused = !result.executed && !result.was_rolled_back;
    context.audit.end(refused ? "refused" : "finished",
                      how + ", exit code " + std::to_string(result.exit_code()));
    result.audit_head = context.audit.head();
    tell_lost(context, result.findings);
}

void conclude(const MigratorContext& context, DeadLetterRetry& retry) {
    const RetriedTable total = retry.total();
    context.audit.end("finished", std::to_string(total.inserted) + " rows went in, " +
                                      std::to_string(total.filled) + " have their value, " +
                                      std::to_string(total.left) + " dead letters are left");
    tell_lost(context, retry.findings);
}

void conclude(const MigratorContext& context, const std::string& detail) {
    context.audit.end("finished", detail);
    if (const auto& failure = context.audit.failure()) {
        const Finding finding = not_written(*failure);
        context.events.note(EventKind::finding, {}, finding.object + " " + finding.message);
    }
}

}  // namespace migrate
