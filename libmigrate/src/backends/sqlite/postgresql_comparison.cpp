#include <algorithm>
#include <charconv>

#include "backends/sqlite/postgresql_translator.hpp"
#include "model/expression_printer.hpp"
#include "model/sqlite_storage.hpp"

namespace migrate::backends::sqlite {

namespace {

// Decimals of so many digits are told apart, and ordered, by their nearest 64-bit floats.
constexpr int k_exact_digits = 15;

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

std::string spelled(Operator op) {
    return " " + std::string(model::operator_text(op, Dialect::sqlite)) + " ";
}

bool is_zero(const std::string& literal) {
    return literal.find_first_of("123456789") == std::string::npos;
}

bool is_exact(const Said& v) {
    return v.source != nullptr && v.source->type.precision > 0 &&
           v.source->type.precision <= k_exact_digits && v.source->type.scale >= 0;
}

// The sign of a canonical decimal text, without reading it as a number: any digits, NaN and infinities
// included.
std::string compare_with_zero(Operator op, const std::string& d) {
    const std::string negative = "substr(" + d + ", 1, 1) = '-'";
    const std::string zero = "ltrim(" + d + ", '0.') = ''";
    switch (op) {
        case Operator::lt:
            return "(" + negative + ")";
        case Operator::le:
            return "(" + negative + " OR " + zero + ")";
        case Operator::gt:
            return "(NOT " + negative + " AND NOT " + zero + ")";
        case Operator::ge:
            return "(NOT " + negative + ")";
        case Operator::eq:
            return "(" + zero + ")";
        default:
            return "(NOT " + zero + ")";
    }
}

// A moment's year, BC negative, infinities beyond all: what its text alone is not in the order of.
std::string year_of(const std::string& moment) {
    return "(CASE WHEN " + moment + " = 'infinity' THEN 9999999 WHEN " + moment +
           " = '-infinity' THEN -9999999 WHEN " + moment + " LIKE '%BC' THEN -CAST(" + moment +
           " AS INTEGER) ELSE CAST(" + moment + " AS INTEGER) END)";
}

std::string year_of_literal(const std::string& text) {
    if (text == "infinity" || text == "-infinity") {
        return text == "infinity" ? "9999999" : "-9999999";
    }
    int year = 0;
    std::from_chars(text.data(), text.data() + text.size(), year);
    return (text.ends_with("BC") ? "-" : "") + std::to_string(year);
}

bool is_bytewise(const std::string& collation) {
    return collation == "C" || collation == "POSIX" || collation == "ucs_basic";
}

}  // namespace

bool PostgresqlTranslator::check_text(Operator op, const Said& a, const Said& b) {
    const std::string& collation = a.collation.empty() ? b.collation : a.collation;
    if (is_ordering(op)) {
        if (!is_bytewise(collation)) {
            refuse("an order of texts by a collation that SQLite does not have");
        }
    } else if (!collation.empty() && !is_bytewise(collation) && collation != "default" &&
               collation.find('_') == std::string::npos && !collation.ends_with("-x-icu")) {
        refuse("a collation that may take different texts for equal");
    }
    return !refused();
}

std::optional<std::string> PostgresqlTranslator::direct(Operator op, const Said& a, const Said& b) {
    const auto both = [&](Held held) { return a.held == held && b.held == held; };
    const auto one = [&](Held x, Held y) {
        return (a.held == x && b.held == y) || (a.held == y && b.held == x);
    };
    bool fits = both(Held::truth) || both(Held::integer) || both(Held::real) || both(Held::blob) ||
                both(Held::uuid) || both(Held::clock);
    fits = fits || (both(Held::label) && !is_ordering(op));
    fits = fits || (both(Held::moment) && a.kind == b.kind && !is_ordering(op));
    if (one(Held::real, Held::number) || one(Held::integer, Held::number) || one(Held::real, Held::integer)) {
        const Said& other = a.held == Held::real ? b : a;
        const Said& literal = a.literal ? a : b;
        const bool rounds =
            one(Held::real, Held::integer) && !literal.literal && other.kind == TypeKind::int64;
        fits = !rounds && (!literal.literal || model::is_portable_real(*literal.literal));
    }
    if (both(Held::text)) {
        if (!check_text(op, a, b)) {
            return std::nullopt;
        }
        const std::string binary = a.folds || b.folds ? " COLLATE BINARY" : "";
        return "(" + a.sql + binary + spelled(op) + b.sql + ")";
    }
    return fits ? std::optional("(" + a.sql + spelled(op) + b.sql + ")") : std::nullopt;
}

std::string PostgresqlTranslator::compare_decimal(Operator op, const Said& a, const Said& b) {
    const bool literal = b.literal.has_value();
    if (literal && is_zero(*b.literal)) {
        return compare_with_zero(op, a.sql);
    }
    const bool number = b.held == Held::integer || b.held == Held::number;
    if (!is_exact(a) || (b.held == Held::decimal && !is_exact(b)) || (b.held != Held::decimal && !number) ||
        (literal && !model::is_portable_real(*b.literal))) {
        return refuse("a decimal of more than 15 digits, which SQLite holds as text").sql;
    }
    const std::string value = "CAST(" + a.sql + " AS REAL)" + spelled(op);
    const bool nan_fits = op == Operator::gt || op == Operator::ge || op == Operator::ne;
    if (literal) {
        return nan_fits ? "(" + a.sql + " = 'NaN' OR " + value + b.sql + ")"
                        : "(" + a.sql + " <> 'NaN' AND " + value + b.sql + ")";
    }
    if (b.held != Held::decimal) {
        return "(CASE WHEN " + b.sql + " IS NULL THEN NULL WHEN " + a.sql + " = 'NaN' THEN " +
               (nan_fits ? "1" : "0") + " ELSE " + value + b.sql + " END)";
    }
    // NaN is equal to itself and greater than all else.
    const std::string same = "((" + a.sql + " = 'NaN') = (" + b.sql + " = 'NaN')";
    std::string compared = same + " AND " + value + "CAST(" + b.sql + " AS REAL))";
    if (op == Operator::eq) {
        return compared;
    }
    const Operator strict = op == Operator::le ? Operator::lt : op == Operator::ge ? Operator::gt : op;
    return "((" + a.sql + " = 'NaN')" + spelled(strict) + "(" + b.sql + " = 'NaN') OR " + compared + ")";
}

std::string PostgresqlTranslator::compare_moment(Operator op, const Said& a, const Said& b) {
    const auto year = [](const Said& v) { return v.literal ? year_of_literal(*v.literal) : year_of(v.sql); };
    const Operator strict = op == Operator::le ? Operator::lt : op == Operator::ge ? Operator::gt : op;
    return "(" + year(a) + spelled(strict) + year(b) + " OR (" + year(a) + " = " + year(b) + " AND " + a.sql +
           spelled(op) + b.sql + "))";
}

Said PostgresqlTranslator::compare(Operator op, Said a, Said b) {
    const bool identity = op == Operator::is_not_distinct || op == Operator::is_distinct;
    if (!identity && !is_ordering(op) && op != Operator::eq && op != Operator::ne) {
        return refuse("an operator that SQLite does not have");
    }
    if (refused() || a.held == Held::null || b.held == Held::null) {
        const Said& other = a.held == Held::null ? b : a;
        return truth(!identity
                         ? "NULL"
                         : "(" + other.sql + (op == Operator::is_distinct ? " IS NOT NULL)" : " IS NULL)"));
    }
    if (a.literal && !b.literal) {
        std::swap(a, b);
        op = mirrored(op);
    }
    // A string that has no type yet takes the other side's.
    if (b.unknown && a.held != Held::text) {
        const std::string text = *b.literal;
        b.held = Held::label;
        b.unknown = false;
        b = a.held == Held::label ? b : typed_literal(text, a.kind);
    }
    if (b.held == Held::decimal && a.held != Held::decimal && !b.literal) {
        std::swap(a, b);
        op = mirrored(op);
    }
    if (std::optional<std::string> sql = direct(op, a, b)) {
        return truth(std::move(*sql));
    }
    if (!identity && a.held == Held::decimal) {
        return truth(compare_decimal(op, a, b));
    }
    if (!identity && a.held == Held::moment && b.held == Held::moment && a.kind == b.kind) {
        return truth(compare_moment(op, a, b));
    }
    return refuse("values that SQLite holds in another form are compared");
}

Said PostgresqlTranslator::any_of(const Expression& subject, const std::vector<Expression>& items,
                                  std::size_t first, bool negated, const TypeName* element) {
    const Said left = value(subject);
    std::string chain;
    std::string list;
    bool plain = !left.folds && (left.held == Held::integer || left.held == Held::text ||
                                 left.held == Held::label || left.held == Held::uuid);
    for (std::size_t i = first; i < items.size() && !refused(); ++i) {
        Said item = value(items[i]);
        item = element != nullptr ? cast_value(item, *element) : item;
        plain = plain && item.literal && left.held == item.held;
        list += ", " + item.sql;
        chain += (chain.empty() ? ""
                  : negated     ? " AND "
                                : " OR ") +
                 compare(negated ? Operator::ne : Operator::eq, left, item).sql;
    }
    if (chain.empty()) {
        return truth(negated ? "1" : "0");
    }
    return truth(plain ? "(" + left.sql + (negated ? " NOT IN (" : " IN (") + list.substr(2) + "))"
                       : "(" + chain + ")");
}

Said PostgresqlTranslator::quantified(const Expression& e) {
    const bool negated = e->op == Operator::ne && e->text == "all";
    if (!negated && !(e->op == Operator::eq && e->text == "any")) {
        return refuse("ANY or ALL with this operator");
    }
    Expression array = e.child(1);
    std::optional<TypeName> element;
    while (array.is(ExpressionKind::cast) && array->type.array_dimensions == 1) {
        if (element && !(*element == array->type)) {
            return refuse("an array that is cast twice");
        }
        element = array->type;
        array = Expression(array.child(0));
    }
    if (!array.is(ExpressionKind::array)) {
        return refuse("an array that is not spelled out");
    }
    if (element) {
        element->array_dimensions = 0;
    }
    return any_of(e.child(0), array.children(), 0, negated, element ? &*element : nullptr);
}

Said PostgresqlTranslator::between(const Expression& e) {
    const Said v = value(e.child(0));
    const Said low = compare(Operator::ge, v, value(e.child(1)));
    const Said high = compare(Operator::le, v, value(e.child(2)));
    return truth(std::string(e->negated ? "(NOT " : "") + "(" + low.sql + " AND " + high.sql + ")" +
                 (e->negated ? ")" : ""));
}

}  // namespace migrate::backends::sqlite
