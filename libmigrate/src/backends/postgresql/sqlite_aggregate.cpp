#include <algorithm>

#include "backends/postgresql/sqlite_translator.hpp"
#include "model/expression_printer.hpp"

/// What only queries have: aggregates, results, and keys of grouping and order.
namespace migrate::backends::postgresql {
namespace {

Value whole_number(std::string sql, Wide low) {
    Value v;
    v.shape = Shape::integer;
    v.sql = std::move(sql);
    v.range = {low, INT64_MAX};
    v.wide = true;
    return v;
}

bool is_plain_column(const Value& v) {
    return v.column.target != nullptr;
}

/// A column in a form of its own whose values are equal where SQLite's are: one spelling a value.
bool has_one_spelling(const Value& v) {
    if (!is_plain_column(v) || !v.collation.empty()) {
        return false;
    }
    switch (v.column.target->type.kind) {
        case TypeKind::boolean:
        case TypeKind::int16:
        case TypeKind::int32:
        case TypeKind::int64:
        case TypeKind::date:
        case TypeKind::time:
        case TypeKind::timestamp:
        case TypeKind::timestamp_tz:
        case TypeKind::uuid:
            return v.column.source->type.kind == v.column.target->type.kind;
        default:
            return false;
    }
}

/// Of those, the ones whose texts are in order of time, or of the bytes they spell.
bool has_order_of_text(const Value& v) {
    const TypeKind kind = is_plain_column(v) ? v.column.target->type.kind : TypeKind::opaque;
    const std::string& format = is_plain_column(v) ? v.column.source->format : v.sql;
    const bool moment = kind == TypeKind::date || kind == TypeKind::time || kind == TypeKind::timestamp ||
                        kind == TypeKind::timestamp_tz;
    const bool fixed = !format.empty() && format.find('[') == std::string::npos;
    return has_one_spelling(v) &&
           ((moment && (fixed || (kind == TypeKind::date && format.empty()))) ||
            (kind == TypeKind::uuid && (format.empty() || format == "upper" || format == "blob")));
}

std::string typed(const std::string& sql, const char* type) {
    return "(" + sql + ")::" + type;
}

}  // namespace

bool SqliteTranslator::is_aggregate(const Expression& e) {
    const std::string& name = e->text;
    const bool always = e->star || e->distinct || name == "count" || name == "sum" || name == "avg" ||
                        name == "total" || name == "group_concat" || name == "string_agg" ||
                        name == "json_group_array" || name == "json_group_object";
    return always || ((name == "min" || name == "max") && e.children().size() == 1);
}

void SqliteTranslator::refuse_volatile() {
    if (m_volatile) {
        refuse("its value changes from call to call");
    }
}

Value SqliteTranslator::project(const Expression& expression) {
    Value v = value(expression);
    refuse_volatile();
    return v;
}

std::string SqliteTranslator::where(const Expression& expression) {
    std::string sql = condition(value(expression));
    refuse_volatile();
    return sql;
}

Value SqliteTranslator::aggregate(const Expression& e) {
    if (!m_context.aggregates || m_in_aggregate) {
        return refuse("an aggregate");
    }
    const std::string& name = e->text;
    if (name == "count" && (e->star || e.children().empty())) {
        return whole_number("count(*)", 0);
    }
    if (e.children().size() != 1 || (name != "count" && name != "sum" && name != "min" && name != "max")) {
        return refuse(name == "avg" || name == "total"
                          ? "the sum that " + name + " is made of is rounded in another way in SQLite"
                          : "the aggregate " + name + " has no equal in PostgreSQL");
    }
    m_in_aggregate = true;
    Value v = value(e.child(0));
    m_in_aggregate = false;
    if (refused() || v.shape == Shape::null) {
        return refuse("an aggregate of NULL");
    }
    const std::string distinct = e->distinct ? "DISTINCT " : "";
    if (name == "count") {
        return whole_number("count(" + (e->distinct ? distinct + group_key(v) : result(v)) + ")", 0);
    }
    if (name == "sum") {
        const bool whole = (v.shape == Shape::integer || v.shape == Shape::truth) && !v.may_overflow;
        return whole ? whole_number(typed("sum(" + distinct + as_integer(std::move(v)).sql + ")", "bigint"),
                                    INT64_MIN)
                     : refuse("the sum of what are no integers is rounded in another way in SQLite");
    }
    return extreme(e, v);
}

Value SqliteTranslator::extreme(const Expression& e, const Value& given) {
    Value v = given;
    if (v.shape == Shape::special && has_order_of_text(v)) {
        const TypeKind kind = v.column.target->type.kind;
        if (kind == TypeKind::uuid) {
            return refuse("PostgreSQL has no least or greatest uuid");
        }
        v.sql = e->text + "(" + v.sql + ")";
        return v;
    }
    if (v.shape == Shape::truth) {
        v = as_integer(std::move(v));
    }
    const bool number = (v.shape == Shape::integer && !v.may_overflow) || v.shape == Shape::real;
    if (!v.collation.empty() || v.literal || !(number || v.shape == Shape::text)) {
        return refuse("the least or greatest of these is not the same in PostgreSQL");
    }
    v.sql = e->text + "(" + (v.shape == Shape::text ? v.sql + " COLLATE \"C\"" : v.sql) + ")";
    v.column = {};
    return v;
}

std::string SqliteTranslator::result(const Value& v) {
    if (is_plain_column(v) && v.shape == Shape::special) {
        return v.sql;
    }
    switch (v.shape) {
        case Shape::truth:
            return is_plain_column(v) ? v.sql : typed(as_integer(v).sql, "bigint");
        case Shape::integer:
            return v.may_overflow ? refuse("an integer beyond 64 bits is a real number in SQLite").sql
                                  : typed(v.sql, "bigint");
        case Shape::real:
            return v.literal ? "'" + literal_text(*v.literal) + "'::double precision"
                             : typed(v.sql, "double precision");
        case Shape::text:
            return typed(v.sql, "text");
        case Shape::blob:
            return v.sql;
        case Shape::decimal:
            return is_plain_column(v) ? v.sql : refuse("a decimal that is calculated").sql;
        default:
            return refuse("a result that is no value of one type").sql;
    }
}

std::string SqliteTranslator::group_key(const Value& v) {
    if (has_one_spelling(v)) {
        // Itself, also where expressions take it for another value (seconds since 1970).
        return v.column.prefix + model::quote_name(v.column.target->name);
    }
    const bool plain = (v.shape == Shape::integer && !v.may_overflow) || v.shape == Shape::truth ||
                       v.shape == Shape::real || v.shape == Shape::blob || v.shape == Shape::text ||
                       (v.shape == Shape::decimal && is_plain_column(v));
    return plain && v.collation.empty() && !v.literal
               ? v.sql
               : refuse("what is equal in SQLite is not the same in PostgreSQL").sql;
}

std::string SqliteTranslator::order_key(const Value& v) {
    if (v.shape == Shape::special && has_order_of_text(v)) {
        return v.sql;
    }
    if (v.shape == Shape::text && !v.literal &&
        (v.collation.empty() || v.collation == "nocase" || v.collation == "rtrim")) {
        const std::string key = v.collation == "nocase"  ? "lower(" + v.sql + " COLLATE \"C\")"
                                : v.collation == "rtrim" ? "rtrim(" + v.sql + ", ' ')"
                                                         : v.sql;
        return "(" + key + ") COLLATE \"C\"";
    }
    const bool plain = (v.shape == Shape::integer && !v.may_overflow) || v.shape == Shape::truth ||
                       v.shape == Shape::real || v.shape == Shape::blob || v.shape == Shape::decimal;
    return plain && !v.literal ? v.sql : refuse("an order that is not the same in PostgreSQL").sql;
}

}  // namespace migrate::backends::postgresql
