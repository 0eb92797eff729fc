#include "mapping/row_operator.hpp"

#include <bit>
#include <cmath>
#include <limits>

#include "mapping/conversion.hpp"
#include "mapping/exact_decimal.hpp"
#include "model/calendar.hpp"
#include "util/utf8.hpp"

namespace migrate::mapping {
namespace {

int compare_integers(std::int64_t a, std::int64_t b) {
    return a < b ? -1 : a > b ? 1 : 0;
}

/// NaN is equal to itself and above all else, as PostgreSQL has it.
int compare_reals(double a, double b) {
    if (std::isnan(a) || std::isnan(b)) {
        return static_cast<int>(std::isnan(a)) - static_cast<int>(std::isnan(b));
    }
    return a < b ? -1 : a > b ? 1 : 0;
}

bool holds(int option, int order) {
    switch (option) {
        case k_equal:
            return order == 0;
        case k_not_equal:
            return order != 0;
        case k_less:
            return order < 0;
        case k_less_or_equal:
            return order <= 0;
        case k_greater:
            return order > 0;
        default:
            return order >= 0;
    }
}

void give_truth(bool value, Cell& out) {
    out.null = false;
    out.fixed = value ? 1 : 0;
}

template <TypeKind Kind>
bool compare(const RowNode& node, RowState& state, Cell& out) {
    Cell a;
    Cell b;
    if (!node.children[0](state, a) || !node.children[1](state, b)) {
        return false;
    }
    out = Cell();
    if (!a.null && !b.null) {
        give_truth(holds(node.option, compare_cells(Kind, a, b)), out);
    }
    return true;
}

/// AND and OR differ in which truth value decides alone.
bool connect(const RowNode& node, RowState& state, Cell& out, std::int64_t deciding) {
    bool unknown = false;
    for (const RowNode& child : node.children) {
        Cell cell;
        if (!child(state, cell)) {
            return false;
        }
        if (!cell.null && cell.fixed == deciding) {
            give_truth(deciding != 0, out);
            return true;
        }
        unknown = unknown || cell.null;
    }
    out = Cell();
    if (!unknown) {
        give_truth(deciding == 0, out);
    }
    return true;
}

bool is_infinite_day(std::int64_t days) {
    return days == std::numeric_limits<std::int32_t>::max() ||
           days == std::numeric_limits<std::int32_t>::min();
}

}  // namespace

std::optional<Comparison> comparison_of(Operator op) {
    switch (op) {
        case Operator::eq:
            return k_equal;
        case Operator::ne:
            return k_not_equal;
        case Operator::lt:
            return k_less;
        case Operator::le:
            return k_less_or_equal;
        case Operator::gt:
            return k_greater;
        case Operator::ge:
            return k_greater_or_equal;
        default:
            return std::nullopt;
    }
}

int compare_cells(TypeKind kind, const Cell& a, const Cell& b) {
    switch (kind) {
        case TypeKind::float64:
            return compare_reals(std::bit_cast<double>(a.fixed), std::bit_cast<double>(b.fixed));
        case TypeKind::decimal:
            return compare_decimals(a.bytes, b.bytes);
        default:
            return layout_of(kind) == ValueLayout::fixed ? compare_integers(a.fixed, b.fixed)
                                                         : a.bytes.compare(b.bytes);
    }
}

RowNode::Evaluate comparison_evaluator(TypeKind kind) {
    switch (kind) {
        case TypeKind::boolean:
        case TypeKind::int16:
        case TypeKind::int32:
        case TypeKind::int64:
        case TypeKind::date:
        case TypeKind::time:
        case TypeKind::timestamp:
        case TypeKind::timestamp_tz:
            return &compare<TypeKind::int64>;
        case TypeKind::float64:
            return &compare<TypeKind::float64>;
        case TypeKind::decimal:
            return &compare<TypeKind::decimal>;
        case TypeKind::text:
        case TypeKind::enumeration:
        case TypeKind::bytes:
        case TypeKind::uuid:
            return &compare<TypeKind::text>;
        default:
            return nullptr;
    }
}

bool evaluate_not_distinct(const RowNode& node, RowState& state, Cell& out) {
    Cell a;
    Cell b;
    if (!node.children[0](state, a) || !node.children[1](state, b)) {
        return false;
    }
    const bool same =
        a.null || b.null ? a.null == b.null : compare_cells(node.children[0].type.kind, a, b) == 0;
    give_truth(same != (node.option == 1), out);
    return true;
}

bool evaluate_and(const RowNode& node, RowState& state, Cell& out) {
    return connect(node, state, out, 0);
}

bool evaluate_or(const RowNode& node, RowState& state, Cell& out) {
    return connect(node, state, out, 1);
}

bool evaluate_not(const RowNode& node, RowState& state, Cell& out) {
    if (!node.children[0](state, out)) {
        return false;
    }
    out.fixed = out.fixed == 0 ? 1 : 0;
    return true;
}

bool evaluate_is_null(const RowNode& node, RowState& state, Cell& out) {
    Cell cell;
    if (!node.children[0](state, cell)) {
        return false;
    }
    give_truth(cell.null != (node.option == 1), out);
    return true;
}

bool evaluate_is_truth(const RowNode& node, RowState& state, Cell& out) {
    Cell cell;
    if (!node.children[0](state, cell)) {
        return false;
    }
    give_truth((!cell.null && cell.fixed == node.fixed) != (node.option == 1), out);
    return true;
}

bool evaluate_in(const RowNode& node, RowState& state, Cell& out) {
    Cell value;
    if (!node.children[0](state, value)) {
        return false;
    }
    out = Cell();
    bool unknown = value.null && node.children.size() > 1;
    for (std::size_t i = 1; i < node.children.size() && !value.null; ++i) {
        Cell item;
        if (!node.children[i](state, item)) {
            return false;
        }
        if (item.null) {
            unknown = true;
        } else if (compare_cells(node.children[0].type.kind, value, item) == 0) {
            give_truth(node.option != 1, out);
            return true;
        }
    }
    if (!unknown) {
        give_truth(node.option == 1, out);
    }
    return true;
}

bool evaluate_case(const RowNode& node, RowState& state, Cell& out) {
    std::size_t i = 0;
    for (; i + 1 < node.children.size(); i += 2) {
        Cell condition;
        if (!node.children[i](state, condition)) {
            return false;
        }
        if (!condition.null && condition.fixed != 0) {
            return node.children[i + 1](state, out);
        }
    }
    return node.children[i](state, out);
}

bool evaluate_switch(const RowNode& node, RowState& state, Cell& out) {
    Cell operand;
    if (!node.children[0](state, operand)) {
        return false;
    }
    std::size_t i = 1;
    for (; i + 1 < node.children.size(); i += 2) {
        Cell value;
        if (!node.children[i](state, value)) {
            return false;
        }
        if (!operand.null && !value.null && compare_cells(node.children[0].type.kind, operand, value) == 0) {
            return node.children[i + 1](state, out);
        }
    }
    return node.children[i](state, out);
}

bool evaluate_coalesce(const RowNode& node, RowState& state, Cell& out) {
    for (const RowNode& child : node.children) {
        if (!child(state, out)) {
            return false;
        }
        if (!out.null) {
            return true;
        }
    }
    return true;
}

bool evaluate_nullif(const RowNode& node, RowState& state, Cell& out) {
    Cell other;
    if (!node.children[0](state, out) || !node.children[1](state, other)) {
        return false;
    }
    if (!out.null && !other.null && compare_cells(node.children[0].type.kind, out, other) == 0) {
        out = Cell();
    }
    return true;
}

bool evaluate_extreme(const RowNode& node, RowState& state, Cell& out) {
    out = Cell();
    for (const RowNode& child : node.children) {
        Cell cell;
        if (!child(state, cell)) {
            return false;
        }
        if (!cell.null && (out.null || holds(node.option, compare_cells(node.type.kind, cell, out)))) {
            out = cell;
        }
    }
    return true;
}

bool evaluate_cast(const RowNode& node, RowState& state, Cell& out) {
    Cell cell;
    if (!node.children[0](state, cell)) {
        return false;
    }
    if (cell.null) {
        out = Cell();
        return true;
    }
    CastRoom& room = state.casts[node.slot];
    room.in.clear();
    room.out.clear();
    append_cell(cell, room.in);
    if (!convert_value(room.in, 0, node.children[0].type, node.type, room.out, room.scratch)) {
        state.reason = "a " + to_string(node.children[0].type) + " value cannot be said exactly as " +
                       to_string(node.type);
        return false;
    }
    out = cell_at(room.out, 0);
    const bool limited = node.type.kind == TypeKind::text && node.type.limit >= 0;
    if (limited && util::count_utf8(out.bytes) > static_cast<std::size_t>(node.type.limit)) {
        return reject_row(state, "a text is longer than its new type allows");
    }
    return true;
}

bool evaluate_date_to_timestamp(const RowNode& node, RowState& state, Cell& out) {
    if (!node.children[0](state, out)) {
        return false;
    }
    if (out.null) {
        return true;
    }
    if (is_infinite_day(out.fixed)) {
        out.fixed = out.fixed > 0 ? std::numeric_limits<std::int64_t>::max()
                                  : std::numeric_limits<std::int64_t>::min();
        return true;
    }
    if (out.fixed > model::k_last_timestamp / model::k_day_microseconds) {
        return reject_row(state, "a date is past all timestamps");
    }
    out.fixed *= model::k_day_microseconds;
    return true;
}

bool evaluate_timestamp_to_date(const RowNode& node, RowState& state, Cell& out) {
    if (!node.children[0](state, out)) {
        return false;
    }
    if (out.null) {
        return true;
    }
    if (out.fixed == std::numeric_limits<std::int64_t>::max() ||
        out.fixed == std::numeric_limits<std::int64_t>::min()) {
        out.fixed = out.fixed > 0 ? std::numeric_limits<std::int32_t>::max()
                                  : std::numeric_limits<std::int32_t>::min();
        return true;
    }
    if (out.fixed % model::k_day_microseconds != 0) {
        return reject_row(state, "a timestamp has a time of day, which a date cannot hold");
    }
    out.fixed /= model::k_day_microseconds;
    return true;
}

}  // namespace migrate::mapping
