#include "backends/postgresql/sqlite_translator.hpp"

#include <algorithm>

#include "util/ascii.hpp"

namespace migrate::backends::postgresql {

using model::Affinity;

Value SqliteTranslator::refuse(std::string why) {
    if (m_why_not.empty()) {
        m_why_not = std::move(why);
    }
    return {};
}

namespace {

bool names_collation(const Expression& e) {
    return e.is(ExpressionKind::collate) ||
           std::any_of(e.children().begin(), e.children().end(), names_collation);
}

}  // namespace

model::Rendering SqliteTranslator::render(const Expression& expression) {
    const bool stored = m_context.use == model::ExpressionUse::default_value ||
                        m_context.use == model::ExpressionUse::generated;
    std::string sql;
    if (std::optional<Value> now = stored ? clock(expression) : std::nullopt) {
        sql = now->sql;
    } else {
        const Value v = value(expression);
        if (m_volatile && m_context.use != model::ExpressionUse::default_value) {
            refuse("its value changes from call to call");
        }
        if (m_context.use == model::ExpressionUse::condition) {
            sql = condition(v);
        } else if (stored) {
            sql = assign(v);
        } else if (v.shape == Shape::special || v.shape == Shape::null || v.literal || v.may_overflow) {
            refuse("an index on this is not the same in PostgreSQL");
        } else {
            sql = v.shape == Shape::text && v.collation == "nocase"  ? "lower(" + v.sql + " COLLATE \"C\")"
                  : v.shape == Shape::text && v.collation == "rtrim" ? "rtrim(" + v.sql + ", ' ')"
                                                                     : v.sql;
        }
    }
    return refused() ? model::Rendering{std::nullopt, m_why_not} : model::Rendering{std::move(sql), ""};
}

Value SqliteTranslator::truth(std::string sql) {
    Value v;
    v.shape = Shape::truth;
    v.sql = std::move(sql);
    v.range = {0, 1};
    return v;
}

std::string SqliteTranslator::condition(const Value& v) {
    switch (v.shape) {
        case Shape::truth:
            return v.sql;
        case Shape::null:
            return "NULL::boolean";
        case Shape::integer:
            return integer_of(v) ? (*integer_of(v) != 0 ? "TRUE" : "FALSE") : "(" + v.sql + " <> 0)";
        case Shape::decimal:
            return "(" + v.sql + " <> 0)";
        case Shape::real:
            return v.literal ? refuse("a real number as a condition").sql : "(" + v.sql + " <> 0)";
        default:
            return refuse("a text or blob as a condition").sql;
    }
}

Value SqliteTranslator::value(const Expression& e) {
    if (refused()) {
        return {};
    }
    Value v = value_of_kind(e);
    // Where a collation is named, SQLite takes it for that of all text that is made of the named one.
    const bool passes = e.is(ExpressionKind::collate) || e.is(ExpressionKind::cast) ||
                        e.is(ExpressionKind::unary, Operator::plus);
    return v.shape == Shape::text && !passes && names_collation(e)
               ? refuse("a collation inside of the expression that is compared by it")
               : v;
}

Value SqliteTranslator::value_of_kind(const Expression& e) {
    switch (e.kind()) {
        case ExpressionKind::column:
            return column(e);
        case ExpressionKind::unary:
            return unary(e);
        case ExpressionKind::binary:
            return binary(e);
        case ExpressionKind::pattern:
            return pattern(e);
        case ExpressionKind::in_list:
            return in_list(e);
        case ExpressionKind::between:
            return between(e);
        case ExpressionKind::case_when:
            return case_when(e);
        case ExpressionKind::cast:
            return cast(e);
        case ExpressionKind::collate:
            return collate(e);
        case ExpressionKind::function:
            return function(e);
        case ExpressionKind::keyword_value:
            return refuse("the current time inside of an expression");
        case ExpressionKind::array:
        case ExpressionKind::quantified:
            return refuse("it is not an expression of SQLite");
        default:
            return literal(e);
    }
}

Value SqliteTranslator::unary(const Expression& e) {
    if (e->op == Operator::minus &&
        (e.child(0).is(ExpressionKind::integer_literal) || e.child(0).is(ExpressionKind::real_literal))) {
        if (e.child(0)->text == "9223372036854775808") {
            return integer_value(INT64_MIN);
        }
        Value v = value(e.child(0));
        if (const auto number = integer_of(v)) {
            return integer_value(-*number);
        }
        v.literal = e;
        v.sql = "(-" + v.sql + ")";
        return v;
    }
    Value v = value(e.child(0));
    switch (e->op) {
        case Operator::plus:
            v.affinity = model::Affinity::none;
            return v;
        case Operator::minus:
            return arithmetic(Operator::sub, integer_value(0), std::move(v));
        case Operator::bit_not:
            return bits(Operator::bit_not, v, v);
        case Operator::logical_not:
            return truth("(NOT " + condition(v) + ")");
        case Operator::is_null:
            return truth("(" + v.sql + " IS NULL)");
        case Operator::is_not_null:
            return truth("(" + v.sql + " IS NOT NULL)");
        case Operator::is_true:
            return truth("(" + condition(v) + " IS TRUE)");
        case Operator::is_not_true:
            return truth("(" + condition(v) + " IS NOT TRUE)");
        case Operator::is_false:
            return truth("(" + condition(v) + " IS FALSE)");
        default:
            return truth("(" + condition(v) + " IS NOT FALSE)");
    }
}

std::string SqliteTranslator::chain(const Expression& e) {
    const Expression& left = e.child(0);
    const bool longer = left.is(ExpressionKind::binary, e->op) &&
                        !is_json_guard(left.child(0), left.child(1)) &&
                        !is_json_guard(left.child(1), left.child(0));
    const std::string first = longer ? chain(left) : condition(value(left));
    return first + (e->op == Operator::logical_and ? " AND " : " OR ") + condition(value(e.child(1)));
}

Value SqliteTranslator::binary(const Expression& e) {
    const Expression& left = e.child(0);
    const Expression& right = e.child(1);
    if (e->op == Operator::logical_or && (is_json_guard(left, right) || is_json_guard(right, left))) {
        return truth("TRUE");
    }
    if (e->op == Operator::logical_and || e->op == Operator::logical_or) {
        return truth("(" + chain(e) + ")");
    }
    Value a = value(left);
    Value b = value(right);
    switch (e->op) {
        case Operator::add:
        case Operator::sub:
        case Operator::mul:
            return arithmetic(e->op, std::move(a), std::move(b));
        case Operator::div:
        case Operator::mod:
            return divide(e->op, a, b);
        case Operator::bit_and:
        case Operator::bit_or:
        case Operator::shift_left:
        case Operator::shift_right:
            return bits(e->op, a, b);
        case Operator::concat:
            return concat(a, b);
        case Operator::json_get:
        case Operator::json_get_text:
            return refuse("JSON paths are not the same in PostgreSQL");
        default:
            return compare(e->op, a, b);
    }
}

bool SqliteTranslator::is_json_guard(const Expression& valid, const Expression& null) {
    if (!valid.is(ExpressionKind::function) || valid->text != "json_valid" || valid.children().size() != 1 ||
        !valid.child(0).is(ExpressionKind::column) || !null.is(ExpressionKind::unary, Operator::is_null) ||
        !(null.child(0) == valid.child(0))) {
        return false;
    }
    const Value v = value(valid.child(0));
    return v.column.target != nullptr &&
           (v.column.target->type.kind == TypeKind::json || v.column.target->type.kind == TypeKind::jsonb);
}

Value SqliteTranslator::collate(const Expression& e) {
    Value v = value(e.child(0));
    const std::string name = util::lower_ascii(e->text);
    if (name != "binary" && name != "nocase" && name != "rtrim") {
        return refuse("a collation of the application's own");
    }
    v.collation = name == "binary" ? "" : name;
    v.has_collation = true;
    v.explicit_collation = true;
    return v;
}

Value SqliteTranslator::unify(std::vector<Value>& values) {
    Shape shape = Shape::null;
    Value common;
    Range range{INT64_MAX, INT64_MIN};
    for (const Value& v : values) {
        if (v.shape == Shape::null) {
            continue;
        }
        if (v.shape == Shape::special || v.may_overflow || (v.shape == Shape::real && v.literal) ||
            (shape != Shape::null && v.shape != shape)) {
            return refuse("its alternatives have different types");
        }
        shape = v.shape;
        range = {std::min(range.low, v.range.low), std::max(range.high, v.range.high)};
    }
    common.shape = shape;
    common.range = range;
    common.wide = shape == Shape::integer;
    for (Value& v : values) {
        v.sql = shape == Shape::integer && v.shape == Shape::integer ? bigint(v) : v.sql;
    }
    return common;
}

Value SqliteTranslator::case_when(const Expression& e) {
    const std::size_t first = e->has_operand ? 1 : 0;
    const std::size_t end = e.children().size() - (e->has_else ? 1 : 0);
    std::vector<std::string> conditions;
    std::vector<Value> results;
    for (std::size_t i = first; i + 1 < end; i += 2) {
        const Value when = value(e.child(i));
        conditions.push_back(
            condition(e->has_operand ? compare(Operator::eq, value(e.child(0)), when) : when));
        results.push_back(value(e.child(i + 1)));
    }
    if (e->has_else) {
        results.push_back(value(e.children().back()));
    }
    Value v = unify(results);
    if (v.shape == Shape::null) {
        return refuse("a CASE that gives only NULL");
    }
    v.sql = "CASE";
    for (std::size_t i = 0; i < conditions.size(); ++i) {
        v.sql += " WHEN " + conditions[i] + " THEN " + results[i].sql;
    }
    v.sql = "(" + v.sql + (e->has_else ? " ELSE " + results.back().sql : "") + " END)";
    return v;
}

Value SqliteTranslator::cast(const Expression& e) {
    Value v = value(e.child(0));
    const Affinity to = model::affinity_of(e->type.name);
    if (v.shape == Shape::null) {
        return refuse("a cast of NULL");
    }
    if (to == Affinity::text &&
        (v.shape == Shape::text || v.shape == Shape::integer || v.shape == Shape::truth)) {
        Value text;
        text.shape = Shape::text;
        text.sql = as_text(v);
        text.affinity = to;
        // A cast keeps the collation.
        text.collation = v.collation;
        text.has_collation = v.has_collation;
        text.explicit_collation = v.explicit_collation;
        return text;
    }
    const bool whole = v.shape == Shape::integer || v.shape == Shape::truth;
    if (whole && !v.may_overflow && (to == Affinity::integer || to == Affinity::numeric)) {
        v = as_integer(std::move(v));
        v.affinity = to;
        v.literal.reset();
        return v;
    }
    if (whole && !v.may_overflow && to == Affinity::real) {
        Value real;
        real.shape = Shape::real;
        real.sql = "(" + as_integer(std::move(v)).sql + ")::double precision";
        real.affinity = to;
        return real;
    }
    return refuse("this cast is not the same in PostgreSQL");
}

}  // namespace migrate::backends::postgresql
