#include "backends/sqlite/postgresql_translator.hpp"

#include <algorithm>

#include "model/expression_printer.hpp"

namespace migrate::backends::sqlite {

Said PostgresqlTranslator::refuse(std::string why) {
    if (m_why_not.empty()) {
        m_why_not = std::move(why);
    }
    return {};
}

Said PostgresqlTranslator::truth(std::string sql) {
    Said v;
    v.held = Held::truth;
    v.sql = std::move(sql);
    v.kind = TypeKind::boolean;
    return v;
}

model::Rendering PostgresqlTranslator::render(const Expression& expression) {
    const bool stored = m_context.use == model::ExpressionUse::default_value ||
                        m_context.use == model::ExpressionUse::generated;
    std::string sql;
    if (std::optional<std::string> now = stored ? clock(expression) : std::nullopt) {
        sql = std::move(*now);
    } else {
        const Said v = value(expression);
        if (m_context.use == model::ExpressionUse::condition) {
            sql = condition(v);
        } else if (stored) {
            sql = assign(v);
        } else if (v.literal || v.folds ||
                   (v.held != Held::truth && v.held != Held::integer && v.held != Held::text &&
                    v.held != Held::uuid && v.held != Held::blob)) {
            refuse("an index on this is not the same in SQLite");
        } else {
            sql = v.sql;
        }
    }
    return refused() ? model::Rendering{std::nullopt, m_why_not} : model::Rendering{std::move(sql), ""};
}

std::string PostgresqlTranslator::condition(const Said& v) {
    if (v.held == Held::null) {
        return "NULL";
    }
    return v.held == Held::truth ? v.sql : refuse("a condition that is no boolean").sql;
}

Said PostgresqlTranslator::value(const Expression& e) {
    if (refused()) {
        return {};
    }
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
            return any_of(e.child(0), e.children(), 1, e->negated, nullptr);
        case ExpressionKind::quantified:
            return quantified(e);
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
            return refuse("the current time or user inside of an expression");
        case ExpressionKind::array:
            return refuse("an array");
        default:
            return literal(e);
    }
}

Said PostgresqlTranslator::unary(const Expression& e) {
    Said v = value(e.child(0));
    switch (e->op) {
        case Operator::plus:
            return v;
        case Operator::minus:
            if (v.literal && (v.held == Held::integer || v.held == Held::number)) {
                const bool negative = v.literal->starts_with('-');
                v.literal = negative ? v.literal->substr(1) : "-" + *v.literal;
                v.sql = negative ? *v.literal : "(" + *v.literal + ")";
                return v;
            }
            if (v.held != Held::integer || v.numeric) {
                return refuse("arithmetic on what is no integer");
            }
            v.sql = "(-" + v.sql + ")";
            v.source = nullptr;
            return v;
        case Operator::bit_not:
            if (v.held != Held::integer || v.numeric) {
                return refuse("bits of what is no integer");
            }
            v.sql = "(~" + v.sql + ")";
            v.literal.reset();
            v.source = nullptr;
            return v;
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

std::string PostgresqlTranslator::chain(const Expression& e) {
    const Expression& left = e.child(0);
    const std::string first = left.is(ExpressionKind::binary, e->op) ? chain(left) : condition(value(left));
    return first + (e->op == Operator::logical_and ? " AND " : " OR ") + condition(value(e.child(1)));
}

Said PostgresqlTranslator::binary(const Expression& e) {
    if (e->op == Operator::logical_and || e->op == Operator::logical_or) {
        return truth("(" + chain(e) + ")");
    }
    const Said a = value(e.child(0));
    const Said b = value(e.child(1));
    switch (e->op) {
        case Operator::add:
        case Operator::sub:
        case Operator::mul:
        case Operator::div:
        case Operator::mod:
        case Operator::bit_and:
        case Operator::bit_or:
            return arithmetic(e->op, a, b);
        case Operator::concat:
            return concat(a, b);
        case Operator::regex:
        case Operator::regex_nocase:
        case Operator::not_regex:
        case Operator::not_regex_nocase:
            return refuse("a regular expression");
        case Operator::json_get:
        case Operator::json_get_text:
            return refuse("a JSON operator");
        default:
            return compare(e->op, a, b);
    }
}

Said PostgresqlTranslator::arithmetic(Operator op, const Said& a, const Said& b) {
    // A literal that is cast to numeric makes a numeric of the result: 3 / 2.0 is no 1.
    const bool numeric = a.numeric || b.numeric || a.kind == TypeKind::decimal || b.kind == TypeKind::decimal;
    if (a.held != Held::integer || b.held != Held::integer || numeric) {
        return refuse("arithmetic on what is no integer");
    }
    const bool divides = op == Operator::div || op == Operator::mod;
    // PostgreSQL refuses the row where SQLite would go on with NULL.
    if (divides && (!b.literal || *b.literal == "0")) {
        return refuse("a division by what may be zero");
    }
    Said v;
    v.held = Held::integer;
    v.kind = TypeKind::int64;
    v.sql = "(" + a.sql + " " + std::string(model::operator_text(op, Dialect::sqlite)) + " " + b.sql + ")";
    return v;
}

Said PostgresqlTranslator::concat(const Said& a, const Said& b) {
    const auto said = [this](const Said& v) -> std::string {
        if (v.held == Held::text) {
            return v.sql;
        }
        return v.held == Held::integer && !v.numeric ? "CAST(" + v.sql + " AS TEXT)"
                                                     : refuse("a concatenation of what is no text").sql;
    };
    Said v;
    v.held = Held::text;
    v.sql = "(" + said(a) + " || " + said(b) + ")";
    v.collation = a.collation == b.collation ? a.collation : "";
    return v;
}

Said PostgresqlTranslator::collate(const Expression& e) {
    Said v = value(e.child(0));
    if (v.held != Held::text) {
        return refuse("a collation of what is no text");
    }
    v.collation = e->text;
    return v;
}

Said PostgresqlTranslator::unify(std::vector<Said>& values) {
    Said common;
    for (Said& v : values) {
        if (v.held == Held::null) {
            continue;
        }
        const bool fits = v.held == Held::truth || v.held == Held::integer || v.held == Held::text ||
                          v.held == Held::uuid || v.held == Held::blob;
        if (!fits || v.numeric || (common.held != Held::null && common.held != v.held)) {
            return refuse("its alternatives have different types, or one that SQLite holds in another form");
        }
        common.collation = common.held == Held::null || common.collation == v.collation ? v.collation : "";
        common.held = v.held;
        // The widest integer, which a comparison with a real number would round.
        common.kind = common.kind == TypeKind::int64 ? common.kind : v.kind;
    }
    return common.held == Held::null ? refuse("an expression that gives only NULL") : common;
}

Said PostgresqlTranslator::case_when(const Expression& e) {
    const std::size_t first = e->has_operand ? 1 : 0;
    const std::size_t end = e.children().size() - (e->has_else ? 1 : 0);
    std::vector<std::string> conditions;
    std::vector<Said> results;
    for (std::size_t i = first; i + 1 < end; i += 2) {
        const Said when = value(e.child(i));
        conditions.push_back(
            condition(e->has_operand ? compare(Operator::eq, value(e.child(0)), when) : when));
        results.push_back(value(e.child(i + 1)));
    }
    if (e->has_else) {
        results.push_back(value(e.children().back()));
    }
    Said v = unify(results);
    v.sql = "(CASE";
    for (std::size_t i = 0; i < conditions.size(); ++i) {
        v.sql += " WHEN " + conditions[i] + " THEN " + results[i].sql;
    }
    v.sql += (e->has_else ? " ELSE " + results.back().sql : "") + " END)";
    return v;
}

}  // namespace migrate::backends::sqlite
