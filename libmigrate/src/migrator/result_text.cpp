#include <algorithm>

#include <fmt/format.h>

#include <migrate/migration_result.hpp>

#include "plan/text_parts.hpp"
#include "util/human.hpp"
#include "util/printable.hpp"

MIGRATE_NAMESPACE_BEGIN
namespace {

std::string summary_line(const MigrationResult& result) {
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    for (const TableResult& table : result.tables) {
        rows += table.committed;
        bytes += table.bytes;
    }
    const bool shows = result.state == MigrationState::done || result.state == MigrationState::ready;
    std::string out = "Migration " + result.id + ": " + std::string(to_string(result.state));
    if (shows && result.tables.empty() && result.duration.count() == 0) {
        return out + ": cut over as it was verified when it became ready (" +
               std::string(to_string(result.verification.level)) + ")\n";
    }
    out += ", " + util::human_count(result.tables.size()) +
           (result.tables.size() == 1 ? " table, " : " tables, ") + util::human_count(rows) +
           (rows == 1 ? " row, " : " rows, ") + util::human_bytes(bytes) + " in " +
           util::human_duration(result.duration);
    if (shows) {
        out += result.verification.equal()
                   ? ", verified (" + std::string(to_string(result.verification.level)) + ")"
                   : ", DIFFERS";
    }
    return out + "\n";
}

/// "Estimated: 0.35 s, took 0.31 s (0.9 times as long)"; empty where nothing was estimated or reached.
std::string estimate_line(const MigrationResult& result) {
    const bool shows = result.state == MigrationState::done || result.state == MigrationState::ready;
    if (!shows || result.estimates.duration.count() <= 0 || result.duration.count() <= 0) {
        return {};
    }
    const double factor =
        static_cast<double>(result.duration.count()) / static_cast<double>(result.estimates.duration.count());
    return "Estimated: " + util::human_duration(result.estimates.duration) + ", took " +
           util::human_duration(result.duration) + fmt::format(" ({:.1f} times as long)\n", factor);
}

std::string table_lines(const VerificationReport& report, bool all) {
    plan::TextTable table({false, false, true, true, false});
    table.add({"source", "target", "rows", "rows", ""});
    bool any = false;
    for (const TableComparison& entry : report.tables) {
        if (!all && entry.equal) {
            continue;
        }
        any = true;
        table.add({entry.source.empty() ? "-" : entry.source, entry.target.empty() ? "-" : entry.target,
                   util::human_count(entry.source_rows), util::human_count(entry.target_rows),
                   entry.equal ? "equal" : "DIFFERS: " + entry.note});
    }
    return any ? table.render() : std::string();
}

std::string reject_lines(const MigrationResult& result) {
    std::string out;
    for (const TableResult& table : result.tables) {
        for (const RejectReason& reason : table.reasons) {
            out += "  " + util::printable(table.source) +
                   (reason.column.empty() ? "" : ", column " + util::printable(reason.column)) + ": " +
                   util::human_count(reason.rows) + (reason.rows == 1 ? " row" : " rows") +
                   (reason.kept ? " with NULL in the place of a value: " : " left out: ") +
                   util::printable(reason.reason) + "\n";
        }
    }
    if (out.empty()) {
        return out;
    }
    out = "\nRejected:\n" + out;
    if (!result.dead_letters.empty()) {
        out += "  They are kept whole in " + util::printable(result.dead_letters) + "\n";
    }
    return out;
}

std::string seconds(std::chrono::milliseconds time) {
    const auto tenths = (time.count() + 50) / 100;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

/// Of a run that was long enough to say what took the time.
std::string stage_lines(const MigrationResult& result) {
    if (!result.bottleneck) {
        return {};
    }
    plan::TextTable table({false, true, true, true});
    table.add({"stage", "threads", "busy s", "waiting s"});
    for (const StageTime& time : result.stages) {
        table.add({std::string(to_string(time.stage)), std::to_string(time.threads), seconds(time.busy),
                   seconds(time.waiting)});
    }
    const std::string& next = result.bottleneck->next_step;
    return table.render() + "Slowest: " + result.bottleneck->message + (next.empty() ? "" : ": " + next) +
           "\n";
}

std::string schema_lines(const std::vector<SchemaDifference>& differences) {
    std::string out;
    for (const SchemaDifference& difference : differences) {
        out += "  " + util::printable(difference.object) + ": ";
        switch (difference.kind) {
            case SchemaDifference::Kind::only_in_source:
                out += "only in the source (" + util::printable(difference.expected) + ")";
                break;
            case SchemaDifference::Kind::only_in_target:
                out += "only in the target (" + util::printable(difference.found) + ")";
                break;
            case SchemaDifference::Kind::changed:
                out += util::printable(difference.expected) + " expected, " +
                       util::printable(difference.found) + " found";
                break;
        }
        out += "\n";
    }
    return out.empty() ? out : "\nSchema differences:\n" + out;
}

std::string timing_lines(const std::vector<QueryTiming>& timings) {
    if (timings.empty()) {
        return {};
    }
    plan::TextTable table({false, false, true, true});
    table.add({"table", "query", "source ms", "target ms"});
    const auto milliseconds = [](std::chrono::microseconds time) {
        const std::string digits = std::to_string(time.count() % 1000 + 1000);
        return std::to_string(time.count() / 1000) + "." + digits.substr(1, 2);
    };
    for (const QueryTiming& timing : timings) {
        table.add({util::printable(timing.table), std::string(to_string(timing.query)),
                   milliseconds(timing.source), milliseconds(timing.target)});
    }
    return "\nThe same queries on both sides:\n" + table.render();
}

/// How many, without values: those are for who asks for them.
std::string row_count_lines(const VerificationReport& report) {
    if (report.rows.empty()) {
        return {};
    }
    return util::human_rows(report.rows.size(), "differs", "differ") +
           (report.rows_truncated ? ", and more" : "") + "; --show-values lists them by key\n";
}

std::string difference_line(const RowDifference& row) {
    std::string key;
    for (const std::string& part : row.key) {
        key += (key.empty() ? "" : ", ") + part;
    }
    std::string out = "  " + util::printable(row.table) + " [" + util::printable(key) + "] ";
    if (row.kind != RowDifference::Kind::changed) {
        return out +
               (row.kind == RowDifference::Kind::only_in_source ? "only in the source"
                                                                : "only in the target") +
               "\n";
    }
    for (std::size_t i = 0; i < row.columns.size(); ++i) {
        out += (i == 0 ? "" : "; ") + util::printable(row.columns[i]) + ": " +
               util::printable(row.source_values[i]) + " | " + util::printable(row.target_values[i]);
    }
    return out + "\n";
}

}  // namespace

std::string_view to_string(QueryTiming::Query query) noexcept {
    switch (query) {
        case QueryTiming::Query::point:
            return "point";
        case QueryTiming::Query::range:
            return "range";
        case QueryTiming::Query::aggregate:
            return "count";
    }
    return "unknown";
}

std::string_view to_string(MigrationState state) noexcept {
    switch (state) {
        case MigrationState::planned:
            return "planned";
        case MigrationState::loading:
            return "loading";
        case MigrationState::verifying:
            return "verifying";
        case MigrationState::ready:
            return "ready";
        case MigrationState::done:
            return "done";
        case MigrationState::failed:
            return "failed";
        case MigrationState::interrupted:
            return "interrupted";
        case MigrationState::rolled_back:
            return "rolled_back";
        case MigrationState::abandoned:
            return "abandoned";
        case MigrationState::finalized:
            return "finalized";
    }
    return "unknown";
}

bool VerificationReport::equal() const noexcept {
    return schema.empty() && std::all_of(tables.begin(), tables.end(),
                                         [](const TableComparison& table) { return table.equal; });
}

int MigrationResult::exit_code() const noexcept {
    if (error) {
        return exit_code_of(*error);
    }
    if (!verification.equal()) {
        return 4;
    }
    if (state != MigrationState::done && state != MigrationState::ready) {
        return 6;
    }
    const bool rows_missing = std::any_of(tables.begin(), tables.end(), [](const TableResult& table) {
        return table.rejected > 0 || table.nulled > 0 ||
               table.committed + table.filtered != table.source_rows;
    });
    const bool left_out = std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.severity >= Severity::left_out;
    });
    return rows_missing || left_out ? 5 : 0;
}

std::string render_text(const MigrationResult& result) {
    std::string out = table_lines(result.verification, true);
    for (const TableResult& table : result.tables) {
        if (table.skipped > 0 || table.overwritten > 0) {
            out += "  " + util::printable(table.target) + ": " + util::human_count(table.skipped) +
                   " rows skipped, " + util::human_count(table.overwritten) + " overwritten\n";
        }
    }
    out += reject_lines(result);
    const auto section = [&](const std::string& text) {
        if (!text.empty()) {
            out += (out.empty() ? "" : "\n") + text;
        }
    };
    out += row_count_lines(result.verification);
    section(plan::render_findings("Not carried over:", result.findings, Severity::left_out));
    section(plan::render_findings("Left out as asked:", result.findings, Severity::excluded));
    section(plan::render_findings("Risks:", result.findings, Severity::risk));
    section(timing_lines(result.verification.timings));
    std::string timings;
    for (const auto& [phase, duration] : result.phases) {
        timings += (timings.empty() ? "" : ", ") + std::string(to_string(phase)) + ' ' +
                   util::human_duration(duration);
    }
    out += (out.empty() ? "" : "\n") + ("Time: " + timings) + "\n";
    out += stage_lines(result);
    out += estimate_line(result);
    if (!result.source_backup.empty()) {
        out += "Backup of the source: " + util::printable(result.source_backup) + "\n";
    }
    if (!result.target_backup.empty()) {
        out += "Backup of the target: " + util::printable(result.target_backup) + "\n";
    }
    if (result.rehearsal && !result.rehearsal->place.empty()) {
        const std::size_t without = result.rehearsal->findings.size();
        out += "The rollback was rehearsed with " + util::human_count(result.rehearsal->rows_there) +
               " rows of what was there and " + util::human_count(result.rehearsal->rows_migrated) +
               " of the source: everything was as before" +
               (without == 0 ? "" : "; " + util::human_count(without) + " things were not rehearsed") + "\n";
    }
    if (!result.rollback.empty()) {
        out += "To undo it: " + util::printable(result.rollback) + "\n";
    }
    if (!result.audit_head.empty()) {
        out += "Audit: " + util::printable(result.audit_head) + "\n";
    }
    if (!result.failure.empty()) {
        out += "Failed: " + util::printable(result.failure) + "\n";
    }
    if (!result.next_step.empty()) {
        out += "Next: " + util::printable(result.next_step) + "\n";
    }
    return out + summary_line(result);
}

std::string render_text(const VerificationReport& report) {
    std::string out = table_lines(report, true);
    out += schema_lines(report.schema);
    out += row_count_lines(report);
    out += plan::render_findings("Notes:", report.findings, Severity::note);
    out += timing_lines(report.timings);
    out += std::string(report.equal() ? "Equal" : "Different") + " at level " +
           std::string(to_string(report.level)) + ", " + std::to_string(report.tables.size()) + " tables, " +
           util::human_duration(report.duration) + "\n";
    return out;
}

std::string render_rows(const std::vector<RowDifference>& rows, bool truncated) {
    std::string out;
    for (const RowDifference& row : rows) {
        out += difference_line(row);
    }
    return out + (truncated ? "  … more rows differ\n" : "");
}

std::string render_text(const DiffReport& report) {
    std::string out = table_lines(report.verification, false);
    out += schema_lines(report.verification.schema);
    out += plan::render_findings("Notes:", report.verification.findings, Severity::note);
    return out + render_rows(report.rows, report.truncated) +
           (report.verification.equal() ? "No differences\n" : "Different\n");
}

MIGRATE_NAMESPACE_END
