#include <algorithm>

#include <migrate/migration_plan.hpp>

#include "plan/text_parts.hpp"
#include "util/human.hpp"
#include "util/printable.hpp"

MIGRATE_NAMESPACE_BEGIN
namespace {

std::string side(const char* word, const EndpointSummary& summary) {
    std::string out = std::string(word) + util::printable(summary.display) + "  (" + summary.engine;
    if (!summary.engine_version.empty()) {
        out += ' ' + summary.engine_version;
    }
    if (summary.byte_size > 0) {
        out += ", " + util::human_bytes(summary.byte_size);
    }
    return out + ")\n";
}

std::string tables(const MigrationPlan& plan) {
    plan::TextTable table({false, false, true, true});
    table.add({"table", "becomes", "rows", "bytes"});
    for (const TablePlan& entry : plan.tables) {
        const Table& from = plan.source.tables[entry.source];
        table.add({from.name.display(), plan.target.tables[entry.target].name.display(),
                   util::human_count(entry.rows), util::human_bytes(entry.bytes)});
    }
    const std::size_t count = plan.target.tables.size();
    const std::string ways =
        plan.tables.size() == count ? "" : ", in " + std::to_string(plan.tables.size()) + " ways";
    return "Tables: " + std::to_string(count) + ways + "\n" + table.render();
}

std::string filters(const MigrationPlan& plan) {
    plan::TextTable table({false, false});
    bool any = false;
    for (const TablePlan& entry : plan.tables) {
        if (!entry.where.empty()) {
            any = true;
            table.add({plan.source.tables[entry.source].name.display() + " -> " +
                           plan.target.tables[entry.target].name.display(),
                       "where " + entry.where});
        }
    }
    return any ? "Rows that travel:\n" + table.render() : std::string();
}

/// Only what a reader would not have guessed.
std::string mappings(const MigrationPlan& plan) {
    plan::TextTable table({false, false, false, false});
    bool any = false;
    for (const TablePlan& entry : plan.tables) {
        const Table& from = plan.source.tables[entry.source];
        const Table& to = plan.target.tables[entry.target];
        for (const ColumnPlan& column : entry.columns) {
            if (column.note.empty()) {
                continue;
            }
            any = true;
            const Column& target = to.columns[column.target];
            if (column.source == ColumnPlan::k_computed) {
                table.add({to.name.display() + "." + target.name, "(computed)", "-> " + target.native_type,
                           column.note});
                continue;
            }
            const Column& source = from.columns[column.source];
            table.add({from.name.display() + "." + source.name,
                       source.native_type.empty() ? "(no type)" : source.native_type,
                       "-> " + target.native_type, column.note});
        }
    }
    return any ? "Columns that are not mapped in the obvious way:\n" + table.render() : std::string();
}

std::string listed(const char* heading, const std::vector<std::string>& lines) {
    std::string out = std::string(heading) + '\n';
    int number = 0;
    for (const std::string& line : lines) {
        out += "  " + std::to_string(++number) + ". " + util::printable(line) + '\n';
    }
    return out;
}

}  // namespace

std::string render_text(const MigrationPlan& plan) {
    std::string out = "Migration plan " + plan.id + ", " + plan.created_at + "\n";
    out += side("  from  ", plan.from_summary);
    out += side("  to    ", plan.to_summary);
    out += "  snapshot  " + util::printable(plan.from_summary.snapshot_kind) + "\n\n";
    out += tables(plan) + '\n';
    const auto section = [&](const std::string& text) {
        if (!text.empty()) {
            out += text + '\n';
        }
    };
    section(filters(plan));
    section(mappings(plan));
    section(plan::render_findings("In the way (nothing will be written):", plan.findings, Severity::blocker));
    section(plan::render_findings("Not carried over:", plan.findings, Severity::left_out));
    section(plan::render_findings("Left out as asked:", plan.findings, Severity::excluded));
    section(plan::render_findings("Risks:", plan.findings, Severity::risk));
    section(plan::render_findings("Notes:", plan.findings, Severity::note));
    section(listed("Steps:", plan.steps));
    out += "Estimate: " + util::human_duration(plan.estimates.duration) + ", " +
           util::human_bytes(plan.estimates.target_bytes) + " of disk at the target (" +
           plan.estimates.basis + ")\n";
    out += "Verification: " + std::string(to_string(plan.options.level)) + "\n";
    out += "To undo it: " + plan.rollback_strategy + "\n";
    return out;
}

MIGRATE_NAMESPACE_END
