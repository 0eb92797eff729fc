#include <array>
#include <cmath>
#include <limits>

#include "mapping/exact_decimal.hpp"
#include "mapping/row_function.hpp"

namespace migrate::mapping {
namespace {

constexpr std::int64_t k_lowest = std::numeric_limits<std::int64_t>::min();
constexpr std::string_view k_past_64_bits = "a whole number would be past 64 bits";
constexpr std::string_view k_not_exact = "a decimal result cannot be said exactly in 38 digits";
constexpr std::string_view k_by_zero = "division by zero";
constexpr std::string_view k_not_finite = "a floating-point result is not finite";

using Overflow = bool (*)(std::int64_t, std::int64_t, std::int64_t*);

bool add_overflows(std::int64_t a, std::int64_t b, std::int64_t* out) {
    return __builtin_add_overflow(a, b, out);
}
bool subtract_overflows(std::int64_t a, std::int64_t b, std::int64_t* out) {
    return __builtin_sub_overflow(a, b, out);
}
bool multiply_overflows(std::int64_t a, std::int64_t b, std::int64_t* out) {
    return __builtin_mul_overflow(a, b, out);
}

template <Overflow Operation>
bool whole_operation(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(2);
    return !Operation(cells[0].fixed, cells[1].fixed, &out.fixed) || reject_row(state, k_past_64_bits);
}

/// Towards zero, as SQLite and PostgreSQL divide whole numbers.
bool whole_quotient(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(2);
    if (cells[1].fixed == 0) {
        return reject_row(state, k_by_zero);
    }
    if (cells[0].fixed == k_lowest && cells[1].fixed == -1) {
        return reject_row(state, k_past_64_bits);
    }
    out.fixed = cells[0].fixed / cells[1].fixed;
    return true;
}

bool whole_remainder(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(2);
    if (cells[1].fixed == 0) {
        return reject_row(state, k_by_zero);
    }
    out.fixed = cells[1].fixed == -1 ? 0 : cells[0].fixed % cells[1].fixed;
    return true;
}

bool whole_negation(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(1);
    if (cells[0].fixed == k_lowest) {
        return reject_row(state, k_past_64_bits);
    }
    out.fixed = -cells[0].fixed;
    return true;
}

bool whole_size(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(1);
    if (cells[0].fixed == k_lowest) {
        return reject_row(state, k_past_64_bits);
    }
    out.fixed = std::abs(cells[0].fixed);
    return true;
}

bool whole_sign(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(1);
    out.fixed = cells[0].fixed > 0 ? 1 : cells[0].fixed < 0 ? -1 : 0;
    return true;
}

bool give(const RowNode& node, RowState& state, const std::optional<ExactDecimal>& value, Cell& out) {
    if (!value) {
        return reject_row(state, k_not_exact);
    }
    std::string& bytes = state.texts[node.slot];
    bytes.clear();
    append_exact(*value, bytes);
    out.bytes = bytes;
    return true;
}

using DecimalOperation = std::optional<ExactDecimal> (*)(const ExactDecimal&, const ExactDecimal&);

template <DecimalOperation Operation, bool Divides = false>
bool decimal_operation(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(2);
    const auto a = read_exact(cells[0].bytes);
    const auto b = read_exact(cells[1].bytes);
    if (!a || !b) {
        return reject_row(state, k_not_exact);
    }
    if (Divides && b->unscaled == 0) {
        return reject_row(state, k_by_zero);
    }
    return give(node, state, Operation(*a, *b), out);
}

bool decimal_negation(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(1);
    const auto a = read_exact(cells[0].bytes);
    return give(node, state, a ? std::optional(ExactDecimal{-a->unscaled, a->scale}) : a, out);
}

bool decimal_size(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(1);
    const auto a = read_exact(cells[0].bytes);
    const bool negative = a && a->unscaled < 0;
    return give(node, state, negative ? std::optional(ExactDecimal{-a->unscaled, a->scale}) : a, out);
}

bool decimal_sign(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(1);
    const auto a = read_exact(cells[0].bytes);
    if (!a) {
        return reject_row(state, k_not_exact);
    }
    out.fixed = a->unscaled > 0 ? 1 : a->unscaled < 0 ? -1 : 0;
    return true;
}

bool scale_of(const Cell& cell, int& scale) {
    scale = static_cast<int>(cell.fixed);
    return cell.fixed >= 0 && cell.fixed <= 38;
}

template <Rounding How>
bool decimal_rounded(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(2);
    int scale = 0;
    if (node.children.size() > 1 && !scale_of(cells[1], scale)) {
        return reject_row(state, "rounding takes from 0 to 38 digits after the point");
    }
    const auto a = read_exact(cells[0].bytes);
    return give(node, state, a ? rescale(*a, scale, How) : a, out);
}

/// divide(a, b, digits): the quotient, half away from zero.
bool decimal_quotient(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(3);
    int scale = 0;
    if (!scale_of(cells[2], scale)) {
        return reject_row(state, "rounding takes from 0 to 38 digits after the point");
    }
    const auto a = read_exact(cells[0].bytes);
    const auto b = read_exact(cells[1].bytes);
    if (!a || !b) {
        return reject_row(state, k_not_exact);
    }
    if (b->unscaled == 0) {
        return reject_row(state, k_by_zero);
    }
    return give(node, state, divide_rounded(*a, *b, scale), out);
}

double real_of(const Cell& cell) {
    return std::bit_cast<double>(cell.fixed);
}

bool give(RowState& state, double value, Cell& out) {
    if (!std::isfinite(value)) {
        return reject_row(state, k_not_finite);
    }
    out.fixed = std::bit_cast<std::int64_t>(value);
    return true;
}

template <char Operation>
bool real_operation(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(2);
    const double a = real_of(cells[0]);
    const double b = real_of(cells[1]);
    if (Operation == '/' && b == 0) {
        return reject_row(state, k_by_zero);
    }
    return give(state,
                Operation == '+'   ? a + b
                : Operation == '-' ? a - b
                : Operation == '*' ? a * b
                                   : a / b,
                out);
}

bool real_negation(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(1);
    out.fixed = std::bit_cast<std::int64_t>(-real_of(cells[0]));
    return true;
}

bool real_size(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(1);
    out.fixed = std::bit_cast<std::int64_t>(std::abs(real_of(cells[0])));
    return true;
}

template <double (*Round)(double)>
bool real_rounded(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(1);
    return give(state, Round(real_of(cells[0])), out);
}

double half_away(double value) {
    return std::round(value);
}
double toward_zero(double value) {
    return std::trunc(value);
}
double down(double value) {
    return std::floor(value);
}
double up(double value) {
    return std::ceil(value);
}

constexpr auto k_functions = std::to_array<RowFunction>({
    {"+", "ii", 'i', whole_operation<add_overflows>},
    {"+", "nn", 'n', decimal_operation<add>, true},
    {"+", "ff", 'f', real_operation<'+'>},
    {"-", "ii", 'i', whole_operation<subtract_overflows>},
    {"-", "nn", 'n', decimal_operation<subtract>, true},
    {"-", "ff", 'f', real_operation<'-'>},
    {"*", "ii", 'i', whole_operation<multiply_overflows>},
    {"*", "nn", 'n', decimal_operation<multiply>, true},
    {"*", "ff", 'f', real_operation<'*'>},
    {"/", "nn", 'n', decimal_operation<divide, true>, true},
    {"/", "ff", 'f', real_operation<'/'>},
    {"%", "ii", 'i', whole_remainder},
    {"%", "nn", 'n', decimal_operation<remainder, true>, true},
    {"-", "i", 'i', whole_negation},
    {"-", "n", 'n', decimal_negation, true},
    {"-", "f", 'f', real_negation},
    {"div", "ii", 'i', whole_quotient},
    {"mod", "ii", 'i', whole_remainder},
    {"mod", "nn", 'n', decimal_operation<remainder, true>, true},
    {"divide", "nni", 'n', decimal_quotient, true},
    {"abs", "i", 'i', whole_size},
    {"abs", "n", 'n', decimal_size, true},
    {"abs", "f", 'f', real_size},
    {"sign", "i", 'i', whole_sign},
    {"sign", "n", 'i', decimal_sign},
    {"round", "n|i", 'n', decimal_rounded<Rounding::half_away>, true},
    {"round", "f", 'f', real_rounded<half_away>},
    {"trunc", "n|i", 'n', decimal_rounded<Rounding::toward_zero>, true},
    {"trunc", "f", 'f', real_rounded<toward_zero>},
    {"floor", "n", 'n', decimal_rounded<Rounding::down>, true},
    {"floor", "f", 'f', real_rounded<down>},
    {"ceil", "n", 'n', decimal_rounded<Rounding::up>, true},
    {"ceil", "f", 'f', real_rounded<up>},
});

}  // namespace

std::span<const RowFunction> number_functions() {
    return k_functions;
}

}  // namespace migrate::mapping
