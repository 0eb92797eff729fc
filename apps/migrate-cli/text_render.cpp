#include "text_render.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "printable.hpp"

namespace migrate::cli {

namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string exit_text(const MigrationRecord& record) {
    return record.exit_code < 0 ? "-" : std::to_string(record.exit_code);
}

}  // namespace

std::string table_text(const Rows& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], display_width(printable(row[i])));
        }
    }
    std::string out;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += pad_right(printable(row[i]), widths[i]) + "  ";
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    return out;
}

std::string text_of(const std::vector<Finding>& findings) {
    std::vector<const Finding*> ordered;
    ordered.reserve(findings.size());
    for (const Finding& finding : findings) {
        ordered.push_back(&finding);
    }
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](const Finding* a, const Finding* b) { return a->severity > b->severity; });
    std::string out;
    for (const Finding* finding : ordered) {
        const std::string object = finding->object.empty() ? "" : printable(finding->object) + ": ";
        out +=
            fmt::format("  {:<9} {}{}\n", to_string(finding->severity), object, printable(finding->message));
        if (!finding->next_step.empty()) {
            out += fmt::format("            next: {}\n", printable(finding->next_step));
        }
    }
    return out;
}

std::string text_of(const CheckReport& report) {
    const EndpointSummary& endpoint = report.endpoint;
    Rows rows{{"endpoint", endpoint.display}, {"engine", endpoint.engine + " " + endpoint.engine_version}};
    if (endpoint.byte_size > 0) {
        rows.push_back({"size", human_bytes(endpoint.byte_size)});
    }
    if (!endpoint.snapshot_kind.empty()) {
        rows.push_back({"snapshot", endpoint.snapshot_kind});
    }
    for (const auto& [fact, value] : endpoint.facts) {
        rows.push_back({fact, value});
    }
    rows.push_back({"tables", human_count(report.tables)});
    rows.push_back({"rows", human_count(report.rows)});
    std::string out = table_text(rows);
    if (!report.findings.empty()) {
        out += "\nfindings\n" + text_of(report.findings);
    }
    return out + (report.exit_code() == 0 ? "\nundamaged and readable\n" : "\ndamaged: see the findings\n");
}

std::string text_of(const std::optional<MigrationRecord>& record) {
    if (!record) {
        return "no migration was run yet\n";
    }
    Rows rows{{"migration", record->id},
              {"state", std::string(to_string(record->state))},
              {"from", record->from},
              {"to", record->to},
              {"started", record->started_at}};
    if (!record->finished_at.empty()) {
        rows.push_back({"finished", record->finished_at});
    }
    rows.push_back({"rows", human_count(record->rows)});
    rows.push_back({"exit code", exit_text(*record)});
    if (!record->message.empty()) {
        rows.push_back({"message", record->message});
    }
    std::string out = table_text(rows);
    if (!record->checkpoints.empty()) {
        Rows checkpoints{{"NUMBER", "PHASE", "BEGUN", "ENDED"}};
        for (const MigrationCheckpoint& one : record->checkpoints) {
            checkpoints.push_back(
                {std::to_string(one.number), std::string(to_string(one.phase)), one.begun_at, one.ended_at});
        }
        out += "\ncheckpoints\n" + table_text(checkpoints);
    }
    if (!record->events.empty()) {
        out += "\nevents\n";
    }
    for (const std::string& event : record->events) {
        out += fmt::format("  {}\n", printable(event));
    }
    return out;
}

std::string text_of(const std::vector<MigrationRecord>& records) {
    if (records.empty()) {
        return "no migration was run yet\n";
    }
    Rows rows{{"ID", "STARTED", "STATE", "ROWS", "EXIT", "FROM", "TO"}};
    for (const MigrationRecord& record : records) {
        rows.push_back({record.id, record.started_at, std::string(to_string(record.state)),
                        human_count(record.rows), exit_text(record), record.from, record.to});
    }
    return table_text(rows);
}

}  // namespace migrate::cli
