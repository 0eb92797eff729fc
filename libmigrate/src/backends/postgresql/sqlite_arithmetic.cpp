#include <algorithm>
#include <array>

#include "backends/postgresql/sqlite_translator.hpp"

namespace migrate::backends::postgresql {

namespace {

Range combine(Operator op, const Range& a, const Range& b) {
    if (op == Operator::add) {
        return {a.low + b.low, a.high + b.high};
    }
    if (op == Operator::sub) {
        return {a.low - b.high, a.high - b.low};
    }
    const std::array<Wide, 4> corners = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
    return {*std::min_element(corners.begin(), corners.end()),
            *std::max_element(corners.begin(), corners.end())};
}

std::string_view spelled(Operator op) {
    switch (op) {
        case Operator::add:
            return " + ";
        case Operator::sub:
            return " - ";
        case Operator::mul:
            return " * ";
        case Operator::div:
            return " / ";
        case Operator::mod:
            return " % ";
        case Operator::bit_and:
            return " & ";
        case Operator::bit_or:
            return " | ";
        case Operator::shift_left:
            return " << ";
        default:
            return " >> ";
    }
}

}  // namespace

Value SqliteTranslator::as_integer(Value v) {
    if (v.shape == Shape::truth) {
        if (v.literal) {
            return integer_value((*v.literal)->text == "true" ? 1 : 0);
        }
        v.shape = Shape::integer;
        v.sql = "(" + v.sql + ")::integer";
        v.range = {0, 1};
        v.wide = false;
        v.column = {};
        return v;
    }
    if (v.shape != Shape::integer) {
        return refuse("arithmetic on what is no integer may be rounded or fail differently");
    }
    return v;
}

std::string SqliteTranslator::bigint(const Value& v) {
    return v.wide ? v.sql : "(" + v.sql + ")::bigint";
}

std::string SqliteTranslator::as_text(const Value& v) {
    switch (v.shape) {
        case Shape::text:
            return v.sql;
        case Shape::integer:
            return v.may_overflow ? refuse("the text of a number that may be beyond 64 bits").sql
                                  : "(" + v.sql + ")::text";
        case Shape::truth:
            return "(" + as_integer(v).sql + ")::text";
        default:
            return refuse("the text of this value is not the same in PostgreSQL").sql;
    }
}

Value SqliteTranslator::arithmetic(Operator op, Value a, Value b) {
    if (a.shape == Shape::null || b.shape == Shape::null) {
        return refuse("arithmetic with NULL");
    }
    a = as_integer(std::move(a));
    b = as_integer(std::move(b));
    if (refused()) {
        return {};
    }
    if (a.may_overflow || b.may_overflow) {
        return refuse("an integer beyond 64 bits is a real number in SQLite");
    }
    Value v;
    v.shape = Shape::integer;
    v.wide = true;
    v.range = combine(op, a.range, b.range);
    v.may_overflow = !v.range.within(INT64_MIN, INT64_MAX);
    const std::string left = v.may_overflow ? "(" + a.sql + ")::numeric" : bigint(a);
    v.sql = "(" + left + std::string(spelled(op)) + b.sql + ")";
    return v;
}

Value SqliteTranslator::divide(Operator op, const Value& left, const Value& right) {
    const Value a = as_integer(left);
    const Value b = as_integer(right);
    if (refused()) {
        return {};
    }
    if (a.may_overflow || b.may_overflow ||
        (op == Operator::div && a.range.low == INT64_MIN && b.range.low <= -1 && b.range.high >= -1)) {
        return refuse("an integer beyond 64 bits is a real number in SQLite");
    }
    Value v;
    v.shape = Shape::integer;
    v.wide = true;
    v.range = op == Operator::div ? a.range : b.range;
    if (op == Operator::div) {
        const Wide most = std::max(a.range.high, -a.range.low);
        v.range = {-most, most};
    } else {
        const Wide most = std::max(b.range.high, -b.range.low);
        v.range = {-most, most};
    }
    v.range = {std::max<Wide>(v.range.low, INT64_MIN), std::min<Wide>(v.range.high, INT64_MAX)};
    // Division by zero is NULL in SQLite.
    const bool never_zero = b.range.low > 0 || b.range.high < 0;
    v.sql =
        "(" + bigint(a) + std::string(spelled(op)) + (never_zero ? b.sql : "NULLIF(" + b.sql + ", 0)") + ")";
    return v;
}

Value SqliteTranslator::bits(Operator op, const Value& left, const Value& right) {
    const Value a = as_integer(left);
    const Value b = as_integer(right);
    if (refused()) {
        return {};
    }
    if (a.may_overflow || b.may_overflow) {
        return refuse("an integer beyond 64 bits is a real number in SQLite");
    }
    Value v;
    v.shape = Shape::integer;
    v.wide = true;
    if (op == Operator::bit_not) {
        v.sql = "(~ " + bigint(a) + ")";
        return v;
    }
    const bool shift = op == Operator::shift_left || op == Operator::shift_right;
    if (shift && !(integer_of(b) && b.range.within(0, 63))) {
        return refuse("shifts by other than 0 to 63 are not the same in PostgreSQL");
    }
    v.sql = "(" + bigint(a) + std::string(spelled(op)) + (shift ? b.sql : bigint(b)) + ")";
    return v;
}

Value SqliteTranslator::concat(const Value& a, const Value& b) {
    if (a.shape == Shape::null || b.shape == Shape::null) {
        return refuse("a concatenation with NULL");
    }
    Value v;
    v.shape = Shape::text;
    v.sql = "(" + as_text(a) + " || " + as_text(b) + ")";
    return v;
}

}  // namespace migrate::backends::postgresql
