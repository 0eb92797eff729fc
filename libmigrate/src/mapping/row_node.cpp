#include "mapping/row_node.hpp"

namespace migrate::mapping {

bool RowNode::is_constant() const noexcept {
    return evaluate == &evaluate_constant;
}

bool evaluate_constant(const RowNode& node, RowState& /*state*/, Cell& out) {
    out.null = node.null;
    out.fixed = node.fixed;
    out.bytes = node.bytes;
    return true;
}

bool evaluate_column(const RowNode& node, RowState& state, Cell& out) {
    out = cell_at(state.batch->columns[node.column], state.row);
    return true;
}

void append_cell(const Cell& cell, ColumnVector& column) {
    if (cell.null) {
        column.append_null();
    } else if (column.layout() == ValueLayout::fixed) {
        column.append_fixed(cell.fixed);
    } else {
        column.append_bytes(cell.bytes);
    }
}

Cell cell_at(const ColumnVector& column, std::size_t row) {
    Cell cell;
    cell.null = column.is_null(row);
    if (cell.null) {
        return cell;
    }
    if (column.layout() == ValueLayout::fixed) {
        cell.fixed = column.fixed(row);
    } else {
        cell.bytes = column.bytes(row);
    }
    return cell;
}

bool reject_row(RowState& state, std::string_view reason) {
    state.reason = reason;
    return false;
}

}  // namespace migrate::mapping
