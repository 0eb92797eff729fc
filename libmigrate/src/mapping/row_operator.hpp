#pragma once

#include <optional>

#include <migrate/expression.hpp>

#include "mapping/row_node.hpp"

/// The evaluators of what is no plain function of its arguments' values.
namespace migrate::mapping {

/// By RowNode::option, a Comparison.
enum Comparison : int { k_equal, k_not_equal, k_less, k_less_or_equal, k_greater, k_greater_or_equal };
std::optional<Comparison> comparison_of(Operator op);

/// Nullptr where values of this kind cannot be compared. The result is NULL where either side is.
RowNode::Evaluate comparison_evaluator(TypeKind kind);
/// True or false for NULLs as well; option 1 negates.
bool evaluate_not_distinct(const RowNode& node, RowState& state, Cell& out);
/// Negative, 0 or positive. Requires: a kind that can be compared, neither cell NULL.
int compare_cells(TypeKind kind, const Cell& a, const Cell& b);

bool evaluate_and(const RowNode& node, RowState& state, Cell& out);
bool evaluate_or(const RowNode& node, RowState& state, Cell& out);
bool evaluate_not(const RowNode& node, RowState& state, Cell& out);
/// Option 1 negates.
bool evaluate_is_null(const RowNode& node, RowState& state, Cell& out);
/// fixed is the truth value asked for; option 1 negates.
bool evaluate_is_truth(const RowNode& node, RowState& state, Cell& out);
/// The first child among the others; option 1 negates.
bool evaluate_in(const RowNode& node, RowState& state, Cell& out);
/// (condition, value)…, else. Only what is asked for is evaluated.
bool evaluate_case(const RowNode& node, RowState& state, Cell& out);
/// operand, (value, result)…, else; the values are constants.
bool evaluate_switch(const RowNode& node, RowState& state, Cell& out);
bool evaluate_coalesce(const RowNode& node, RowState& state, Cell& out);
bool evaluate_nullif(const RowNode& node, RowState& state, Cell& out);
/// Option: Comparison, k_greater for the greatest. NULLs are passed over.
bool evaluate_extreme(const RowNode& node, RowState& state, Cell& out);
/// From state.casts[slot].
bool evaluate_cast(const RowNode& node, RowState& state, Cell& out);
/// Between date and timestamp, where nothing is lost.
bool evaluate_date_to_timestamp(const RowNode& node, RowState& state, Cell& out);
bool evaluate_timestamp_to_date(const RowNode& node, RowState& state, Cell& out);

}  // namespace migrate::mapping
