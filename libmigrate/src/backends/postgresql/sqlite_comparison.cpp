#include <algorithm>
#include <charconv>

#include "backends/postgresql/sqlite_translator.hpp"
#include "model/expression_printer.hpp"
#include "model/value_text.hpp"
#include "util/ascii.hpp"

namespace migrate::backends::postgresql {

namespace {

using model::Affinity;

constexpr Wide k_exact_in_real = Wide{1} << 53;
// A sum or product beyond 64 bits is a rounded REAL in SQLite, but never one smaller than this.
constexpr Wide k_below_overflow = Wide{1} << 62;
// Decimals of so many digits are told apart, and ordered, by their nearest 64-bit floats.
constexpr int k_exact_digits = 15;

bool is_numeric(Affinity affinity) {
    return affinity == Affinity::integer || affinity == Affinity::real || affinity == Affinity::numeric;
}

bool is_number(const Value& v) {
    return v.shape == Shape::integer || v.shape == Shape::real || v.shape == Shape::decimal ||
           v.shape == Shape::truth;
}

bool is_ordering(Operator op) {
    return op == Operator::lt || op == Operator::le || op == Operator::gt || op == Operator::ge;
}

Operator mirrored(Operator op) {
    switch (op) {
        case Operator::lt:
            return Operator::gt;
        case Operator::le:
            return Operator::ge;
        case Operator::gt:
            return Operator::lt;
        case Operator::ge:
            return Operator::le;
        default:
            return op;
    }
}

bool is_exact_decimal(const Value& v) {
    const Column* column = v.column.target;
    return v.shape == Shape::decimal && column != nullptr && column->type.precision > 0 &&
           column->type.precision <= k_exact_digits && column->type.scale >= 0;
}

std::string real_literal(const Value& v) {
    return v.literal ? "'" + literal_text(*v.literal) + "'::double precision" : v.sql;
}

// The collation SQLite compares by: an explicit one, else the left column's, else the right column's.
std::string collation_of(const Value& a, const Value& b) {
    if (a.explicit_collation || b.explicit_collation) {
        return a.explicit_collation ? a.collation : b.collation;
    }
    return a.has_collation ? a.collation : b.collation;
}

std::string folded(const Value& v, const std::string& collation) {
    if (collation.empty()) {
        return v.sql;
    }
    if (v.literal && collation == "nocase") {
        return model::quote_text(util::lower_ascii((*v.literal)->text), Dialect::postgresql);
    }
    return collation == "nocase" ? "lower(" + v.sql + " COLLATE \"C\")" : "rtrim(" + v.sql + ", ' ')";
}

bool same_word_case(std::string_view text, bool upper) {
    return std::none_of(text.begin(), text.end(),
                        [upper](char c) { return upper ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z'; });
}

enum class Fit : std::uint8_t { none, exact, prefix };

// How a literal stands to the texts that a picture writes: one of them, or the beginning of some.
Fit fit_picture(std::string_view picture, std::string_view text) {
    const std::size_t brackets = picture.find('[');
    const bool open_ended = brackets != std::string_view::npos;
    const std::string_view fixed = picture.substr(0, brackets);
    if (fixed.size() < 10 || (open_ended && picture.back() != ']') || text.size() > fixed.size()) {
        return Fit::none;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool digit =
            fixed[i] == 'Y' || fixed[i] == 'M' || fixed[i] == 'D' || fixed[i] == 'H' || fixed[i] == 'S';
        if (digit ? !util::is_digit(text[i]) : text[i] != fixed[i]) {
            return Fit::none;
        }
    }
    if (text.size() == fixed.size()) {
        return Fit::exact;
    }
    return text.size() == 10 || text.size() == 19 ? Fit::prefix : Fit::none;
}

bool is_real_moment(std::string_view text) {
    std::int64_t value = 0;
    if (!model::read_date(text.substr(0, 10), value)) {
        return false;
    }
    const auto number = [text](std::size_t at) { return (text[at] - '0') * 10 + text[at + 1] - '0'; };
    return text.size() < 16 || (number(11) < 24 && number(14) < 60 && (text.size() < 19 || number(17) < 60));
}

}  // namespace

void SqliteTranslator::apply_affinity(Value& v, Affinity other) {
    if (!v.literal) {
        return;
    }
    if (v.shape == Shape::text && is_numeric(other) && model::looks_numeric((*v.literal)->text)) {
        std::string_view text = util::trim((*v.literal)->text);
        text.remove_prefix(text[0] == '+' ? 1 : 0);
        std::int64_t number = 0;
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
        if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size()) {
            v = integer_value(number);
        } else if (model::is_portable_real(text)) {
            v.shape = Shape::real;
            v.sql = "(" + std::string(text) + ")";
            v.literal = Expression::string(std::string(text));
        } else {
            refuse("a number of more than 15 digits");
        }
    } else if (other == Affinity::text && v.affinity == Affinity::none) {
        if (v.shape == Shape::truth) {
            v = integer_value((*v.literal)->text == "true" ? 1 : 0);
        }
        if (const auto number = integer_of(v)) {
            v = text_value(std::to_string(*number));
        } else if (v.shape == Shape::real) {
            refuse("a text compared with a real number");
        }
    }
}

SqliteTranslator::Operands SqliteTranslator::number_operands(const Value& a, const Value& b) {
    if (a.may_overflow || b.may_overflow) {
        const Value& other = a.may_overflow ? b : a;
        const bool safe = other.shape == Shape::integer && !other.may_overflow &&
                          other.range.within(-k_below_overflow, k_below_overflow);
        return safe ? Operands{a.sql, b.sql}
                    : (refuse("an integer beyond 64 bits is a real number in SQLite"), Operands{});
    }
    const bool literals = a.literal && b.literal;
    if (a.shape == Shape::decimal || b.shape == Shape::decimal) {
        const Value& decimal = a.shape == Shape::decimal ? a : b;
        const Value& other = a.shape == Shape::decimal ? b : a;
        const bool zero = integer_of(other) == 0;
        const bool exact =
            is_exact_decimal(decimal) && (other.shape != Shape::decimal || is_exact_decimal(other));
        if (!zero && !exact) {
            refuse("a decimal of more than 15 digits is rounded in SQLite");
        }
        const bool floating = other.shape == Shape::real && !other.literal;
        const auto cast = [&](const Value& v) {
            return floating && v.shape == Shape::decimal ? "(" + v.sql + ")::double precision" : v.sql;
        };
        return {cast(a), cast(b)};
    }
    if (a.shape == Shape::real || b.shape == Shape::real) {
        const Value& other = a.shape == Shape::real ? b : a;
        const Value& real = a.shape == Shape::real ? a : b;
        if (other.shape == Shape::integer && real.literal) {
            return {a.sql, b.sql};  // As numeric, exactly.
        }
        if (literals ||
            (other.shape == Shape::integer && !other.range.within(-k_exact_in_real, k_exact_in_real))) {
            refuse("large integers compared with real numbers are rounded in PostgreSQL");
        }
        const auto cast = [](const Value& v) {
            return v.shape == Shape::integer ? "(" + v.sql + ")::double precision" : real_literal(v);
        };
        return {cast(a), cast(b)};
    }
    return {a.sql, b.sql};
}

SqliteTranslator::Operands SqliteTranslator::text_operands(Operator op, const Value& a, const Value& b) {
    const bool numeric = is_numeric(a.affinity) || is_numeric(b.affinity);
    const bool literal = a.literal || b.literal;
    if (numeric && (is_ordering(op) || !(literal || (is_numeric(a.affinity) && is_numeric(b.affinity))))) {
        refuse("a column that may turn text into numbers in SQLite");
    }
    const std::string collation = collation_of(a, b);
    if (!collation.empty() && collation != "nocase" && collation != "rtrim") {
        refuse("a collation of the application's own");
    }
    Operands sides = {folded(a, collation), folded(b, collation)};
    const auto collated = [](const Value& v) {
        return v.column.target != nullptr && !v.column.target->collation.empty();
    };
    if (is_ordering(op) || !literal || collated(a) || collated(b)) {
        sides.first = "(" + sides.first + " COLLATE \"C\")";
    }
    return sides;
}

SqliteTranslator::Operands SqliteTranslator::special_operands(Operator& op, const Value& column,
                                                              const Value& literal) {
    const auto no = [this] {
        refuse("a column that is held in another form");
        return Operands{};
    };
    if (column.column.source == nullptr || !is_text_literal(literal) ||
        column.column.source->type.kind != column.column.target->type.kind || !column.collation.empty()) {
        return no();
    }
    const std::string& text = (*literal.literal)->text;
    const std::string& format = column.column.source->format;
    const TypeKind kind = column.column.target->type.kind;
    if (kind == TypeKind::boolean && format.starts_with("text:") && !is_ordering(op)) {
        const std::string_view words = std::string_view(format).substr(5);
        const std::size_t slash = words.find('/');
        if (text == words.substr(0, slash)) {
            return {column.sql, "FALSE"};
        }
        return text == words.substr(slash + 1) ? Operands{column.sql, "TRUE"} : no();
    }
    if (kind == TypeKind::uuid && (format.empty() || format == "upper") && !is_ordering(op)) {
        std::string bytes;
        return same_word_case(text, !format.empty()) && model::read_uuid(text, bytes)
                   ? Operands{column.sql, literal.sql + "::uuid"}
                   : no();
    }
    const bool moment =
        kind == TypeKind::date || kind == TypeKind::timestamp || kind == TypeKind::timestamp_tz;
    if (!moment || (format.empty() && kind != TypeKind::date)) {
        return no();
    }
    const Fit fit = fit_picture(format.empty() ? "YYYY-MM-DD" : format, text);
    if (fit == Fit::none || !is_real_moment(text) || (fit == Fit::prefix && !is_ordering(op))) {
        return no();
    }
    if (fit == Fit::prefix) {
        // Texts that go on after the literal are greater than it, though the moment may be the same.
        op = op == Operator::gt ? Operator::ge : op == Operator::le ? Operator::lt : op;
    }
    const bool zoned = kind == TypeKind::timestamp_tz;
    const std::string suffix =
        zoned && text.back() != 'Z' ? (text.size() == 10 ? " 00:00:00+00" : "+00") : "";
    const std::string type = kind == TypeKind::date ? "date" : zoned ? "timestamptz" : "timestamp";
    return {column.sql, "'" + text + suffix + "'::" + type};
}

SqliteTranslator::Operands SqliteTranslator::operands(Operator& op, Value a, Value b) {
    const Affinity left = a.affinity;
    const Affinity right = b.affinity;
    apply_affinity(a, right);
    apply_affinity(b, left);
    if (a.shape == Shape::special || b.shape == Shape::special) {
        if (a.shape == Shape::special) {
            return special_operands(op, a, b);
        }
        op = mirrored(op);
        return special_operands(op, b, a);
    }
    if (a.shape == Shape::truth && b.shape == Shape::truth) {
        return {a.sql, b.sql};
    }
    if (a.shape == Shape::truth || b.shape == Shape::truth) {
        const auto word = [](const Value& v) -> std::string {
            return *integer_of(v) == 1 ? "TRUE" : "FALSE";
        };
        const auto small = [](const Value& v) { return integer_of(v) && v.range.within(0, 1); };
        if (small(a) || small(b)) {
            return small(a) ? Operands{word(a), b.sql} : Operands{a.sql, word(b)};
        }
        (a.shape == Shape::truth ? a : b) = as_integer(a.shape == Shape::truth ? a : b);
    }
    if (is_number(a) && is_number(b)) {
        return number_operands(a, b);
    }
    if (a.shape == Shape::text && b.shape == Shape::text) {
        return text_operands(op, a, b);
    }
    if (a.shape == Shape::blob && b.shape == Shape::blob) {
        return {a.sql, b.sql};
    }
    refuse("values of different types are compared");
    return {};
}

Value SqliteTranslator::compare(Operator op, Value a, Value b) {
    const bool identity = op == Operator::is_not_distinct || op == Operator::is_distinct;
    if (a.shape == Shape::null || b.shape == Shape::null) {
        if (identity) {
            const Value& other = a.shape == Shape::null ? b : a;
            return truth("(" + other.sql + (op == Operator::is_distinct ? " IS NOT NULL)" : " IS NULL)"));
        }
        return truth("NULL::boolean");
    }
    switch (op) {
        case Operator::eq:
        case Operator::ne:
        case Operator::lt:
        case Operator::le:
        case Operator::gt:
        case Operator::ge:
        case Operator::is_not_distinct:
        case Operator::is_distinct:
            break;
        default:
            return refuse("an operator that PostgreSQL does not have");
    }
    const auto [left, right] = operands(op, std::move(a), std::move(b));
    return truth("(" + left + " " + std::string(model::operator_text(op, Dialect::postgresql)) + " " + right +
                 ")");
}

Value SqliteTranslator::in_list(const Expression& e) {
    const Value left = value(e.child(0));
    if (e.children().size() == 1) {
        return truth(e->negated ? "TRUE" : "FALSE");
    }
    std::string subject;
    std::string items;
    for (std::size_t i = 1; i < e.children().size() && !refused(); ++i) {
        Value item = value(e.child(i));
        item.affinity = model::Affinity::none;  // Items of a list have none, even columns.
        // Nor a collation: it is the left side's that counts.
        item.collation.clear();
        item.has_collation = false;
        item.explicit_collation = false;
        if (item.shape == Shape::null || left.shape == Shape::null) {
            items += ", NULL";
            continue;
        }
        Operator op = Operator::eq;
        const auto [first, second] = operands(op, left, item);
        if (!subject.empty() && first != subject) {
            refuse("the items of IN have different types");
        }
        subject = first;
        items += ", " + second;
    }
    if (subject.empty()) {
        return truth("NULL::boolean");
    }
    return truth("(" + subject + (e->negated ? " NOT IN (" : " IN (") + items.substr(2) + "))");
}

Value SqliteTranslator::between(const Expression& e) {
    const Value v = value(e.child(0));
    const Value low = compare(Operator::ge, v, value(e.child(1)));
    const Value high = compare(Operator::le, v, value(e.child(2)));
    return truth(std::string(e->negated ? "(NOT " : "") + "(" + low.sql + " AND " + high.sql + ")" +
                 (e->negated ? ")" : ""));
}

}  // namespace migrate::backends::postgresql
