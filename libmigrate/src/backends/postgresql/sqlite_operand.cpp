#include <charconv>

#include "backends/postgresql/sqlite_translator.hpp"
#include "model/expression_printer.hpp"
#include "util/ascii.hpp"
#include "util/hex.hpp"

namespace migrate::backends::postgresql {

namespace {

using model::SqliteStorage;

Range range_of(TypeKind kind) {
    switch (kind) {
        case TypeKind::int16:
            return {INT16_MIN, INT16_MAX};
        case TypeKind::int32:
            return {INT32_MIN, INT32_MAX};
        default:
            return {};
    }
}

// Seconds since 1970 and its fractions, for columns whose source holds such numbers.
std::string epoch_sql(const std::string& name, const Column& source) {
    const std::string zone = source.type.kind == TypeKind::timestamp_tz ? " AT TIME ZONE 'UTC'" : "";
    const std::string factor = source.format == "epoch_ms"   ? " * 1000"
                               : source.format == "epoch_us" ? " * 1000000"
                                                             : "";
    return "(EXTRACT(EPOCH FROM " + name + zone + ")" + factor + ")::bigint";
}

Shape shape_of(const Column& column) {
    const SqliteStorage storage = model::sqlite_storage_of(column);
    switch (column.type.kind) {
        case TypeKind::boolean:
            return storage == SqliteStorage::integer ? Shape::truth : Shape::special;
        case TypeKind::int16:
        case TypeKind::int32:
        case TypeKind::int64:
            return storage == SqliteStorage::integer ? Shape::integer : Shape::special;
        case TypeKind::float32:
        case TypeKind::float64:
            return storage == SqliteStorage::real ? Shape::real : Shape::special;
        case TypeKind::decimal:
            return storage == SqliteStorage::number || storage == SqliteStorage::real ? Shape::decimal
                                                                                      : Shape::special;
        case TypeKind::text:
            return column.type.fixed_length || !column.format.empty() ? Shape::special : Shape::text;
        case TypeKind::bytes:
            return storage == SqliteStorage::blob ? Shape::blob : Shape::special;
        case TypeKind::timestamp:
        case TypeKind::timestamp_tz:
            return storage == SqliteStorage::integer ? Shape::integer : Shape::special;
        default:
            return Shape::special;
    }
}

}  // namespace

std::optional<std::int64_t> integer_of(const Value& v) {
    if (v.shape != Shape::integer || !v.literal) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(v.range.low);
}

std::string literal_text(const Expression& literal) {
    return literal.is(ExpressionKind::unary) ? "-" + literal.child(0)->text : literal->text;
}

bool is_text_literal(const Value& v) {
    return v.shape == Shape::text && v.literal.has_value();
}

Value integer_value(std::int64_t number) {
    Value v;
    v.shape = Shape::integer;
    v.literal = Expression::integer(number);
    v.range = {number, number};
    v.wide = number > INT32_MAX || number < INT32_MIN;
    v.sql = number < 0 ? "(" + std::to_string(number) + ")" : std::to_string(number);
    return v;
}

Value text_value(std::string_view text) {
    Value v;
    v.shape = Shape::text;
    v.literal = Expression::string(std::string(text));
    v.sql = model::quote_text(text, Dialect::postgresql);
    return v;
}

Value SqliteTranslator::literal(const Expression& e) {
    Value v;
    switch (e.kind()) {
        case ExpressionKind::null_literal:
            v.sql = "NULL";
            return v;
        case ExpressionKind::boolean_literal:
            v = truth(e->text == "true" ? "TRUE" : "FALSE");
            v.literal = e;
            return v;
        case ExpressionKind::integer_literal: {
            std::int64_t number = 0;
            std::from_chars(e->text.data(), e->text.data() + e->text.size(), number);
            return integer_value(number);
        }
        case ExpressionKind::real_literal:
            v.shape = Shape::real;
            v.literal = e;
            v.sql = e->text;
            return model::is_portable_real(e->text) ? v : refuse("a number of more than 15 digits");
        case ExpressionKind::blob_literal:
            v.shape = Shape::blob;
            v.literal = e;
            v.sql = "'\\x" + util::to_hex(e->text) + "'::bytea";
            return v;
        default:
            return text_value(e->text);
    }
}

Value SqliteTranslator::column(const Expression& e) {
    const std::optional<model::ColumnPair> pair = m_context.qualified_column
                                                      ? m_context.qualified_column(e->qualifier, e->text)
                                                  : m_context.column ? m_context.column(e->text)
                                                                     : std::nullopt;
    if (!pair || pair->source == nullptr || pair->target == nullptr) {
        return refuse("it names what is no column here");
    }
    Value v;
    v.column = *pair;
    v.sql = pair->prefix + model::quote_name(pair->target->name);
    v.affinity = model::affinity_of(pair->source->native_type, m_context.strict);
    v.collation = util::lower_ascii(pair->source->collation);
    v.collation = v.collation == "binary" ? "" : v.collation;
    v.has_collation = true;
    const bool same = pair->source->type.kind == pair->target->type.kind;
    v.shape = same ? shape_of(*pair->source) : Shape::special;
    // Texts that hold NUL are kept as JSON strings.
    if (v.shape == Shape::text && (pair->target->type.fixed_length || pair->target->native_type == "json")) {
        v.shape = Shape::special;
    }
    v.range = v.shape == Shape::truth ? Range{0, 1} : range_of(pair->target->type.kind);
    v.wide = pair->target->type.kind == TypeKind::int64;
    if (v.shape == Shape::integer && layout_of(pair->source->type.kind) == ValueLayout::fixed &&
        (pair->source->type.kind == TypeKind::timestamp ||
         pair->source->type.kind == TypeKind::timestamp_tz)) {
        v.sql = epoch_sql(v.sql, *pair->source);
        v.wide = true;
    }
    return v;
}

}  // namespace migrate::backends::postgresql
