#include "backends/sqlite/translate.hpp"

#include "backends/sqlite/column_codec.hpp"
#include "model/expression_parser.hpp"
#include "model/value_text.hpp"
#include "session/sqlite_statement.hpp"
#include "util/hex.hpp"

namespace migrate::backends::sqlite {
namespace {

/// A literal's text as the source engine would read it into a column; nullopt if it is no literal.
std::optional<std::string> literal_text(const Expression& expression) {
    const ExpressionNode& node = expression.node();
    switch (node.kind) {
        case ExpressionKind::integer_literal:
        case ExpressionKind::real_literal:
        case ExpressionKind::string_literal:
        case ExpressionKind::boolean_literal:
            return node.text;
        case ExpressionKind::unary:
            if (node.op == Operator::minus) {
                const auto text = literal_text(expression.child(0));
                return text ? std::optional("-" + *text) : std::nullopt;
            }
            return std::nullopt;
        case ExpressionKind::cast:
            return literal_text(expression.child(0));
        default:
            return std::nullopt;
    }
}

std::string cell_literal(const Cell& cell) {
    switch (cell.storage) {
        case Cell::Class::integer:
            return std::to_string(cell.integer);
        case Cell::Class::real: {
            std::string text;
            model::append_float64(cell.real, text);
            return text;
        }
        case Cell::Class::text:
            return session::quote_literal(cell.bytes);
        case Cell::Class::blob:
            return "X'" + util::to_hex(cell.bytes) + "'";
        case Cell::Class::null:
            break;
    }
    return "NULL";
}

}  // namespace

Translation translate_default(const Schema& /*schema*/, const Table& /*source*/, const Column& from,
                              const Column& to) {
    const auto parsed = model::parse_expression(*from.default_sql, Dialect::postgresql);
    if (!parsed) {
        return {std::nullopt, "it cannot be read"};
    }
    if (parsed.expression->is(ExpressionKind::null_literal)) {
        return {"NULL", ""};
    }
    const auto text = literal_text(*parsed.expression);
    ColumnVector value(to.type.kind);
    Cell cell;
    std::string scratch;
    if (!text || !model::append_from_text(value, to.type, *text) ||
        !ColumnCodec(to.type, to.format).encode(value, 0, cell, scratch)) {
        return {std::nullopt, *from.default_sql};
    }
    return {cell_literal(cell), ""};
}

Translation translate_generated(const Schema& /*schema*/, const Table& /*source*/, const Table& /*target*/,
                                const Column& from, const Column& /*to*/) {
    return {std::nullopt, from.generated->expression};
}

Translation translate_check(const Schema& /*schema*/, const Table& /*source*/, const Table& /*target*/,
                            const std::string& expression) {
    return {std::nullopt, expression};
}

Translation translate_index_key(const Schema& /*schema*/, const Table& /*source*/, const Table& /*target*/,
                                const std::string& expression) {
    return {std::nullopt, expression};
}

}  // namespace migrate::backends::sqlite
