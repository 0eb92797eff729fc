#pragma once

#include <span>
#include <string_view>

#include "mapping/row_node.hpp"

namespace migrate::mapping {

/// One function or operator of the language, for arguments of given kinds. Its values are told only by its
/// arguments: no clock, no chance, no state. NULL for any NULL argument unless `takes_null`.
struct RowFunction {
    std::string_view name;
    /// A letter per argument: t text, y bytes, i integer, n integer or decimal, f float, b boolean, d date,
    /// m time, s timestamp, z timestamp_tz, v variant. Those after | may be left out; + = the last again and
    /// again.
    std::string_view parameters;
    char result;
    RowNode::Evaluate evaluate;
    bool makes_bytes = false;  ///< Needs room in RowState::texts.
};

/// Several may have one name; the first that takes the arguments is meant.
std::span<const RowFunction> text_functions();
std::span<const RowFunction> number_functions();
std::span<const RowFunction> time_functions();

LogicalType type_of_letter(char letter);

/// Evaluates the arguments in order. `go` only when none is NULL.
enum class Arguments : std::uint8_t { failed, null, go };
Arguments take_arguments(const RowNode& node, RowState& state, std::span<Cell> cells);

/// For evaluators: gives NULL or the failure where there is one, else goes on with `cells`.
#define MIGRATE_TAKE_ARGUMENTS(count)                               \
    Cell cells[count];                                              \
    const Arguments arguments = take_arguments(node, state, cells); \
    if (arguments != Arguments::go) {                               \
        out = Cell();                                               \
        return arguments == Arguments::null;                        \
    }                                                               \
    out.null = false

}  // namespace migrate::mapping
