#pragma once

#include <string_view>

#include <migrate/plan_options.hpp>
#include <migrate/schema.hpp>

#include "plan/json_archive.hpp"

/// The fields of the model's structures as they stand in plans and provenance. Persisted: names do not
/// change.
MIGRATE_NAMESPACE_BEGIN

inline std::string_view spelling_of(TypeKind kind) {
    return to_string(kind);
}
bool parse_spelling(std::string_view text, TypeKind& kind);
inline std::string_view spelling_of(IdentityValue::Kind kind) {
    return to_string(kind);
}
bool parse_spelling(std::string_view text, IdentityValue::Kind& kind);
inline std::string_view spelling_of(ReferenceAction action) {
    return to_string(action);
}
bool parse_spelling(std::string_view text, ReferenceAction& action);
inline std::string_view spelling_of(Placement placement) {
    return to_string(placement);
}
bool parse_spelling(std::string_view text, Placement& placement);
std::string_view spelling_of(TableRole role);
bool parse_spelling(std::string_view text, TableRole& role);

template <class Archive>
void fields(Archive& a, LogicalType& v) {
    a.field("kind", v.kind);
    a.field("precision", v.precision);
    a.field("scale", v.scale);
    a.field("limit", v.limit);
    a.field("fixed_length", v.fixed_length);
    a.field("labels", v.labels);
    a.field("native_name", v.native_name);
    if constexpr (Archive::k_reading) {
        a.field("trimmed", v.trimmed);
        a.field("element", v.element);
    } else {
        if (v.trimmed) {
            a.field("trimmed", v.trimmed);
        }
        if (v.element) {
            a.field("element", *v.element);
        }
    }
}

template <class Archive>
void fields(Archive& a, QualifiedName& v) {
    a.field("schema", v.schema);
    a.field("name", v.name);
}

template <class Archive>
void fields(Archive& a, GeneratedValue& v) {
    a.field("expression", v.expression);
    a.field("stored", v.stored);
}

template <class Archive>
void fields(Archive& a, IdentityValue& v) {
    a.field("kind", v.kind);
    a.field("sequence", v.sequence);
    a.field("next", v.next);
    a.field("increment", v.increment);
    a.field("minimum", v.minimum);
    a.field("maximum", v.maximum);
    a.field("start", v.start);
    a.field("cache", v.cache);
    a.field("cycle", v.cycle);
}

template <class Archive>
void fields(Archive& a, Column& v) {
    a.field("name", v.name);
    a.field("native_type", v.native_type);
    a.field("type", v.type);
    a.field("format", v.format);
    a.field("nullable", v.nullable);
    a.field("default_sql", v.default_sql);
    a.field("generated", v.generated);
    a.field("identity", v.identity);
    a.field("collation", v.collation);
    a.field("comment", v.comment);
    a.field("hidden", v.hidden);
    a.field("why", v.why);
    a.field("properties", v.properties);
}

template <class Archive>
void fields(Archive& a, Key& v) {
    a.field("name", v.name);
    a.field("columns", v.columns);
    a.field("collations", v.collations);
    a.field("deferrable", v.deferrable);
    a.field("initially_deferred", v.initially_deferred);
    a.field("on_conflict", v.on_conflict);
    a.field("native_sql", v.native_sql);
}

template <class Archive>
void fields(Archive& a, IndexPart& v) {
    a.field("column", v.column);
    a.field("expression", v.expression);
    a.field("collation", v.collation);
    a.field("operator_class", v.operator_class);
    a.field("descending", v.descending);
    a.field("nulls_first", v.nulls_first);
}

template <class Archive>
void fields(Archive& a, Index& v) {
    a.field("name", v.name);
    a.field("unique", v.unique);
    a.field("nulls_not_distinct", v.nulls_not_distinct);
    a.field("parts", v.parts);
    a.field("included", v.included);
    a.field("predicate", v.predicate);
    a.field("method", v.method);
    a.field("native_sql", v.native_sql);
}

template <class Archive>
void fields(Archive& a, ForeignKey& v) {
    a.field("name", v.name);
    a.field("columns", v.columns);
    a.field("referenced_table", v.referenced_table);
    a.field("referenced_columns", v.referenced_columns);
    a.field("on_update", v.on_update);
    a.field("on_delete", v.on_delete);
    a.field("match", v.match);
    a.field("deferrable", v.deferrable);
    a.field("initially_deferred", v.initially_deferred);
    a.field("validated", v.validated);
    a.field("set_columns", v.set_columns);
}

template <class Archive>
void fields(Archive& a, Check& v) {
    a.field("name", v.name);
    a.field("expression", v.expression);
    a.field("validated", v.validated);
    a.field("no_inherit", v.no_inherit);
}

template <class Archive>
void fields(Archive& a, Table& v) {
    a.field("name", v.name);
    a.field("role", v.role);
    a.field("placement", v.placement);
    a.field("columns", v.columns);
    a.field("primary_key", v.primary_key);
    a.field("unique_keys", v.unique_keys);
    a.field("checks", v.checks);
    a.field("foreign_keys", v.foreign_keys);
    a.field("indexes", v.indexes);
    a.field("comment", v.comment);
    a.field("native_sql", v.native_sql);
    a.field("properties", v.properties);
    a.field("row_estimate", v.row_estimate);
    a.field("row_count_exact", v.row_count_exact);
    a.field("byte_estimate", v.byte_estimate);
}

template <class Archive>
void fields(Archive& a, SchemaObject& v) {
    a.field("kind", v.kind);
    a.field("name", v.name);
    a.field("table", v.table);
    a.field("native_sql", v.native_sql);
    a.field("properties", v.properties);
    a.field("reason", v.reason);
}

/// Origins are not among the fields: provenance keeps them side by side, and attaches them again.
template <class Archive>
void fields(Archive& a, Schema& v) {
    a.field("engine", v.engine);
    a.field("engine_version", v.engine_version);
    a.field("tables", v.tables);
    a.field("objects", v.objects);
    a.field("properties", v.properties);
}

MIGRATE_NAMESPACE_END
