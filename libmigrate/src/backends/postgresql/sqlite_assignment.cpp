#include <algorithm>

#include "backends/postgresql/sqlite_translator.hpp"
#include "model/value_text.hpp"
#include "util/utf8.hpp"

namespace migrate::backends::postgresql {

namespace {

using model::Affinity;
using model::SqliteStorage;

Range limits_of(TypeKind kind) {
    if (kind == TypeKind::int16) {
        return {INT16_MIN, INT16_MAX};
    }
    return kind == TypeKind::int32 ? Range{INT32_MIN, INT32_MAX} : Range{};
}

bool is_integer(TypeKind kind) {
    return kind == TypeKind::int16 || kind == TypeKind::int32 || kind == TypeKind::int64;
}

bool fits_decimal(const Value& v, const LogicalType& type) {
    std::string numeric;
    if (!model::read_decimal(literal_text(*v.literal), numeric)) {
        return false;
    }
    return type.precision < 0 ||
           model::fit_decimal(type.precision, type.scale, numeric.data(), numeric.size());
}

bool fits_text(const Value& v, const LogicalType& type) {
    const std::string& text = (*v.literal)->text;
    return !type.fixed_length && util::is_valid_utf8(text) &&
           (type.limit < 0 || static_cast<std::int64_t>(util::count_utf8(text)) <= type.limit);
}

// The JSON texts that defaults usually are; others are not looked into.
bool is_plain_json(std::string_view text) {
    return text == "{}" || text == "[]" || text == "null" || text == "true" || text == "false" ||
           text == "\"\"";
}

}  // namespace

std::optional<std::string> SqliteTranslator::assign_literal(const Value& given, const Column& target) {
    const Column& source = *m_context.result.source;
    const Affinity affinity = model::affinity_of(source.native_type, m_context.strict);
    const SqliteStorage storage = model::sqlite_storage_of(source);
    Value v = given;
    apply_affinity(v, affinity);
    if (v.shape == Shape::truth &&
        !(target.type.kind == TypeKind::boolean && storage == SqliteStorage::integer)) {
        v = as_integer(std::move(v));
    }
    const auto number = integer_of(v);
    const bool numeral = v.shape == Shape::integer || v.shape == Shape::real;
    switch (target.type.kind) {
        case TypeKind::boolean:
            if (storage == SqliteStorage::integer) {
                const bool fits = v.shape == Shape::truth || (number && v.range.within(0, 1));
                return !fits ? std::nullopt
                             : std::optional(number ? (*number == 1 ? "TRUE" : "FALSE") : v.sql);
            }
            break;
        case TypeKind::int16:
        case TypeKind::int32:
        case TypeKind::int64: {
            const Range limits = limits_of(target.type.kind);
            const bool fits =
                storage == SqliteStorage::integer && number && v.range.within(limits.low, limits.high);
            return fits ? std::optional(v.sql) : std::nullopt;
        }
        case TypeKind::float64:
            return numeral && storage == SqliteStorage::real ? std::optional(v.sql) : std::nullopt;
        case TypeKind::decimal:
            return numeral && storage != SqliteStorage::text && fits_decimal(v, target.type)
                       ? std::optional(v.sql)
                       : std::nullopt;
        case TypeKind::text:
            return v.shape == Shape::text && fits_text(v, target.type) ? std::optional(v.sql) : std::nullopt;
        case TypeKind::bytes:
            return v.shape == Shape::blob && storage == SqliteStorage::blob ? std::optional(v.sql)
                                                                            : std::nullopt;
        case TypeKind::json:
        case TypeKind::jsonb:
            return is_text_literal(v) && is_plain_json((*v.literal)->text)
                       ? std::optional(v.sql + (target.type.kind == TypeKind::json ? "::json" : "::jsonb"))
                       : std::nullopt;
        default:
            break;
    }
    Value column;
    column.shape = Shape::special;
    column.column = m_context.result;
    const bool moment = target.type.kind == TypeKind::timestamp || target.type.kind == TypeKind::timestamp_tz;
    Operator op = moment ? Operator::ge : Operator::eq;  // A date alone stands for its midnight.
    const Operands sides = special_operands(op, column, v);
    return sides.second.empty() ? std::nullopt : std::optional(sides.second);
}

std::string SqliteTranslator::assign(const Value& v) {
    const Column* source = m_context.result.source;
    const Column* target = m_context.result.target;
    if (refused() || v.shape == Shape::null) {
        return "NULL";
    }
    if (source == nullptr || target == nullptr || source->type.kind != target->type.kind) {
        return refuse("the column has another type in PostgreSQL").sql;
    }
    std::string reason = "it gives what is no value of the column's type in PostgreSQL";
    if (v.literal) {
        const std::optional<std::string> sql = assign_literal(v, *target);
        return sql ? *sql : refuse(reason).sql;
    }
    const Affinity affinity = model::affinity_of(source->native_type, m_context.strict);
    const SqliteStorage storage = model::sqlite_storage_of(*source);
    const bool whole = (v.shape == Shape::integer || v.shape == Shape::truth) && !v.may_overflow;
    const TypeKind kind = target->type.kind;
    if (kind == TypeKind::boolean && storage == SqliteStorage::integer && v.shape == Shape::truth) {
        return v.sql;
    }
    const Range limits = limits_of(kind);
    if (is_integer(kind) && storage == SqliteStorage::integer && whole &&
        v.range.within(limits.low, limits.high)) {
        return as_integer(v).sql;
    }
    if (kind == TypeKind::float64 && storage == SqliteStorage::real && affinity == Affinity::real &&
        (whole || v.shape == Shape::real)) {
        return "(" + (whole ? as_integer(v).sql : v.sql) + ")::double precision";
    }
    const bool unlimited = target->type.limit < 0 && !target->type.fixed_length;
    if (kind == TypeKind::text && source->format.empty() && unlimited &&
        ((v.shape == Shape::text && (affinity == Affinity::text || affinity == Affinity::blob)) ||
         (whole && affinity == Affinity::text))) {
        return as_text(v);
    }
    if (kind == TypeKind::bytes && storage == SqliteStorage::blob && v.shape == Shape::blob) {
        return v.sql;
    }
    if (is_integer(kind) && v.shape == Shape::integer) {
        reason = v.may_overflow
                     ? "a result beyond 64 bits is a real number in SQLite and an error in PostgreSQL"
                     : "its result may be beyond what " + target->native_type + " holds";
    }
    return refuse(reason).sql;
}

}  // namespace migrate::backends::postgresql
