#pragma once

#include <string_view>

#include <migrate/schema.hpp>

namespace migrate::backends::postgresql {

/// Making it runs, or leaves to be run, code of the source: functions, views, triggers; and whatever calls
/// functions of the database's own.
bool is_code(const SchemaObject& object);
/// Definitions that are no code by themselves and belong to a table or partition: policies, statistics,
/// exclusion constraints, what a partition has for itself.
bool is_structure_kind(std::string_view kind) noexcept;
/// Comments, settings, owners, privileges: they describe another object.
bool is_detail(const SchemaObject& object);

}  // namespace migrate::backends::postgresql
