#include "copy/reject_policy.hpp"

#include <algorithm>

#include <migrate/error.hpp>

namespace migrate::copy {
namespace {

constexpr const char* k_next_step =
    "mend the row, choose another type for the column with --type, or say what becomes of such rows with "
    "--on-reject dead-letter or null-value";

/// Past this many, reasons are counted together: they go into reports.
constexpr std::size_t k_most_reasons = 200;

bool is_in_key(const Table& table, const std::string& column) {
    return table.primary_key &&
           std::find(table.primary_key->columns.begin(), table.primary_key->columns.end(), column) !=
               table.primary_key->columns.end();
}

ErrorFacts facts_of(const std::string& table, const RejectedRow& row) {
    ErrorFacts facts;
    facts.code = ErrorCode::row;
    facts.table = table;
    facts.column = row.column;
    facts.row = row.line != 0 ? row.line : row.ordinal;
    facts.next_step = k_next_step;
    return facts;
}

std::string text_of(const std::string& table, const RejectedRow& row, const std::string& place) {
    return "table " + table + ", " + place + (row.column.empty() ? "" : ", column " + row.column) + ": " +
           row.reason;
}

}  // namespace

RejectPolicy make_reject_policy(const MigrationPlan& plan, const TablePlan& table) {
    RejectPolicy policy;
    policy.handling = plan.options.on_reject;
    policy.source = plan.source.tables[table.source].name.display();
    const Table& target = plan.target.tables[table.target];
    policy.target = target.name;
    for (const ColumnPlan& planned : table.columns) {
        const Column& column = target.columns[planned.target];
        if (is_in_key(target, column.name)) {
            policy.columns.key.push_back(policy.columns.names.size());
        }
        policy.may_be_null.push_back(policy.handling == RejectHandling::null_value && column.nullable &&
                                     !is_in_key(target, column.name));
        policy.columns.names.push_back(column.name);
        policy.columns.types.push_back(column.type);
    }
    return policy;
}

void RejectCounts::add(const RejectedRow& row) {
    // Each broken line has its own position in its reason.
    const bool is_line = row.line != 0 && row.column.empty();
    add(row.column, is_line ? "a line of the input is not JSON" : row.reason, row.kept, 1);
}

void RejectCounts::add(const std::string& column, const std::string& reason, bool kept, std::uint64_t rows) {
    if (m_counts.size() >= k_most_reasons && !m_counts.contains({column, reason, kept})) {
        m_counts[{"", "other reasons", kept}] += rows;
        return;
    }
    m_counts[{column, reason, kept}] += rows;
}

void RejectCounts::merge(const RejectCounts& other) {
    for (const auto& [key, rows] : other.m_counts) {
        add(std::get<0>(key), std::get<1>(key), std::get<2>(key), rows);
    }
}

std::vector<RejectReason> RejectCounts::list() const {
    std::vector<RejectReason> reasons;
    for (const auto& [key, rows] : m_counts) {
        add_reason(reasons, {std::get<0>(key), std::get<1>(key), rows, std::get<2>(key)});
    }
    return reasons;
}

void add_reason(std::vector<RejectReason>& reasons, RejectReason more) {
    const auto same = std::find_if(reasons.begin(), reasons.end(), [&](const RejectReason& one) {
        return one.column == more.column && one.reason == more.reason && one.kept == more.kept;
    });
    if (same != reasons.end()) {
        same->rows += more.rows;
    } else {
        reasons.push_back(std::move(more));
    }
    std::stable_sort(reasons.begin(), reasons.end(),
                     [](const RejectReason& a, const RejectReason& b) { return a.rows > b.rows; });
}

RefusedRow::RefusedRow(std::string table, RejectedRow row)
    : Error(facts_of(table, row),
            text_of(table, row,
                    row.line != 0 ? "line " + std::to_string(row.line)
                                  : "row " + std::to_string(row.ordinal + 1) + " of its chunk")),
      m_table(std::move(table)),
      m_row(std::move(row)) {}

Error RefusedRow::at(const std::string& place) const {
    return {facts(), text_of(m_table, m_row, place)};
}

std::optional<std::uint64_t> RefusedRow::ordinal() const {
    return m_row.line != 0 ? std::nullopt : std::optional(m_row.ordinal);
}

void throw_rejected(const RejectPolicy& policy, const RejectedRow& row) {
    throw RefusedRow(policy.source, row);
}

}  // namespace migrate::copy
