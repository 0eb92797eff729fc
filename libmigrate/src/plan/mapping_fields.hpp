#pragma once

#include <string_view>

#include <migrate/mapping_spec.hpp>

#include "plan/json_archive.hpp"

/// The fields of a mapping as they stand in plans. Persisted: names do not change.
MIGRATE_NAMESPACE_BEGIN

std::string_view spelling_of(MappingValue::Kind kind);
bool parse_spelling(std::string_view text, MappingValue::Kind& kind);
std::string_view spelling_of(UnmappedValue handling);
bool parse_spelling(std::string_view text, UnmappedValue& handling);

template <class Archive>
void fields(Archive& a, SourcePosition& v) {
    a.field("line", v.line);
    a.field("column", v.column);
}

template <class Archive>
void fields(Archive& a, MappingText& v) {
    a.field("text", v.text);
    a.field("at", v.at);
    a.field("plain", v.plain);
}

template <class Archive>
void fields(Archive& a, MappingValue& v) {
    a.field("kind", v.kind);
    a.field("text", v.text);
    a.field("at", v.at);
}

template <class Archive>
void fields(Archive& a, MappedValue& v) {
    a.field("from", v.from);
    a.field("to", v.to);
}

template <class Archive>
void fields(Archive& a, ColumnMapping& v) {
    a.field("column", v.column);
    a.field("to", v.to);
    a.field("type", v.type);
    a.field("format", v.format);
    a.field("expression", v.expression);
    a.field("values", v.values);
    a.field("otherwise", v.otherwise);
    a.field("otherwise_value", v.otherwise_value);
}

template <class Archive>
void fields(Archive& a, ComputedColumn& v) {
    a.field("name", v.name);
    a.field("expression", v.expression);
    a.field("constant", v.constant);
    a.field("type", v.type);
}

template <class Archive>
void fields(Archive& a, TableMapping& v) {
    a.field("from", v.from);
    a.field("to", v.to);
    a.field("where", v.where);
    a.field("include", v.include);
    a.field("exclude", v.exclude);
    a.field("columns", v.columns);
    a.field("compute", v.compute);
    a.field("key", v.key);
}

template <class Archive>
void fields(Archive& a, MappingSpec& v) {
    a.field("file", v.file);
    a.field("include", v.include);
    a.field("exclude", v.exclude);
    a.field("tables", v.tables);
    a.field("order", v.order);
}

MIGRATE_NAMESPACE_END
