#include "backends/postgresql/translation.hpp"

#include "backends/postgresql/identifier.hpp"
#include "model/expression_parser.hpp"

namespace migrate::backends::postgresql {
namespace {

Translation no_equal(std::string why) {
    return {std::nullopt, std::move(why)};
}

bool is_number(TypeKind kind) {
    return kind == TypeKind::int16 || kind == TypeKind::int32 || kind == TypeKind::int64 ||
           kind == TypeKind::float64 || kind == TypeKind::decimal;
}

/// A literal as the column's type takes it.
Translation literal_default(const ExpressionNode& node, bool minus, const Column& to) {
    switch (node.kind) {
        case ExpressionKind::null_literal:
            return {"NULL", {}};
        case ExpressionKind::string_literal:
            if (to.type.kind == TypeKind::text && node.text.find('\0') == std::string::npos) {
                return {quote_literal(node.text), {}};
            }
            return no_equal("a text for a column of another type");
        case ExpressionKind::integer_literal:
            if (is_number(to.type.kind)) {
                return {(minus ? "-" : "") + node.text, {}};
            }
            if (to.type.kind == TypeKind::boolean && (node.text == "0" || node.text == "1")) {
                return {node.text == "1" ? "true" : "false", {}};
            }
            return no_equal("a number for a column of another type");
        case ExpressionKind::real_literal:
            if (to.type.kind == TypeKind::float64 || to.type.kind == TypeKind::decimal) {
                return {(minus ? "-" : "") + node.text, {}};
            }
            return no_equal("a number for a column of another type");
        default:
            return no_equal("it is more than a literal");
    }
}

}  // namespace

Translation translate_default(const Schema& schema, const Table& /*from*/, const Column& column,
                              const Column& to) {
    if (schema.engine != "sqlite") {
        return no_equal("it is in no dialect of SQL that is known");
    }
    const auto parsed = model::parse_expression(*column.default_sql, Dialect::sqlite);
    if (!parsed) {
        return no_equal("it does not parse");
    }
    const ExpressionNode& node = parsed.expression->node();
    if (node.kind == ExpressionKind::unary && node.op == Operator::minus) {
        return literal_default(node.children.front().node(), true, to);
    }
    return literal_default(node, false, to);
}

Translation translate_generated(const Schema&, const Table&, const Column&, const Column&) {
    return no_equal("generated columns are only known from PostgreSQL itself");
}

Translation translate_condition(const Schema&, const Table&, const Table&, const std::string&) {
    return no_equal("conditions are only known from PostgreSQL itself");
}

Translation translate_index_key(const Schema&, const Table&, const Table&, const std::string&) {
    return no_equal("expressions are only known from PostgreSQL itself");
}

}  // namespace migrate::backends::postgresql
