#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <migrate/error.hpp>
#include <migrate/migration_plan.hpp>
#include <migrate/migration_result.hpp>
#include <migrate/row_batch.hpp>

#include "model/row_json.hpp"

namespace migrate::copy {

/// What becomes of the rows of one table that do not fit. Shape: per column of the batches that are written.
struct RejectPolicy {
    RejectHandling handling = RejectHandling::stop;
    std::string source;             ///< The source table's name, for people.
    QualifiedName target;           ///< Under which its dead letters are kept.
    model::RowShape columns;        ///< The target's.
    std::vector<bool> may_be_null;  ///< Columns in which NULL may stand for a value that does not fit; all
                                    ///< false unless the policy is null_value.
};

RejectPolicy make_reject_policy(const MigrationPlan& plan, const TablePlan& table);

/// Why rows were left out or lost a value, counted. Reasons hold no values, so there are few.
class RejectCounts {
  public:
    void add(const RejectedRow& row);
    void merge(const RejectCounts& other);
    /// Most rows first.
    [[nodiscard]] std::vector<RejectReason> list() const;

  private:
    void add(const std::string& column, const std::string& reason, bool kept, std::uint64_t rows);
    std::map<std::tuple<std::string, std::string, bool>, std::uint64_t> m_counts;
};

/// Adds rows that have one reason to a result's list, and keeps its order.
void add_reason(std::vector<RejectReason>& reasons, RejectReason more);

/// A row that ends the load: what is known of it, so that its place can be looked up at the source.
class RefusedRow : public Error {
  public:
    RefusedRow(std::string table, RejectedRow row);

    /// The same with the row's place in words: "rowid 812".
    [[nodiscard]] Error at(const std::string& place) const;
    /// Its ordinal in its chunk; none where the place is known already.
    [[nodiscard]] std::optional<std::uint64_t> ordinal() const;

  private:
    std::string m_table;
    RejectedRow m_row;
};

/// Ends the load at a row: RefusedRow with table, row, column and the way on.
[[noreturn]] void throw_rejected(const RejectPolicy& policy, const RejectedRow& row);

}  // namespace migrate::copy
