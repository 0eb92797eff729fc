#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/logical_type.hpp>
#include <migrate/row_batch.hpp>

/// The compiled form of a row expression: a tree whose nodes say how they are evaluated for one row.
/// Immutable once compiled, so that any number of threads may evaluate it, each with a RowState of its own.
namespace migrate::mapping {

/// One value on its way through an expression, held as LogicalType says for its kind.
struct Cell {
    bool null = true;
    std::int64_t fixed = 0;
    std::string_view bytes;  ///< Valid until the node that gave it is evaluated again.
};

/// What one conversion needs.
struct CastRoom {
    ColumnVector in;
    ColumnVector out;
    std::string scratch;
};

/// The row that is looked at, and room for what is made of it.
struct RowState {
    const RowBatch* batch = nullptr;
    std::size_t row = 0;
    std::vector<std::string> texts;  ///< One per node that makes bytes, by RowNode::slot.
    std::vector<CastRoom> casts;     ///< One per conversion, by RowNode::slot.
    std::string reason;              ///< Why the row cannot be computed; never a value.
};

struct RowNode {
    /// False = the row is to be rejected, for state.reason.
    using Evaluate = bool (*)(const RowNode& node, RowState& state, Cell& out);
    /// What a literal was written as; it takes the type of what it stands beside.
    enum class Literal : std::uint8_t { none, null, text, number };

    Evaluate evaluate = nullptr;
    LogicalType type;
    Literal literal = Literal::none;
    std::vector<RowNode> children;
    std::size_t column = 0;  ///< Position in the batch.
    std::size_t slot = 0;
    int option = 0;  ///< What the evaluator makes of it.
    bool null = false;
    std::int64_t fixed = 0;
    std::string bytes;

    bool operator()(RowState& state, Cell& out) const { return evaluate(*this, state, out); }
    [[nodiscard]] bool is_constant() const noexcept;
};

bool evaluate_constant(const RowNode& node, RowState& state, Cell& out);
bool evaluate_column(const RowNode& node, RowState& state, Cell& out);

/// Appends a cell to a column of the same kind.
void append_cell(const Cell& cell, ColumnVector& column);
Cell cell_at(const ColumnVector& column, std::size_t row);

/// Leaves the row out, for a reason. Always false.
bool reject_row(RowState& state, std::string_view reason);

}  // namespace migrate::mapping
