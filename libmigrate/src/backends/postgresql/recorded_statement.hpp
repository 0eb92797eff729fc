#pragma once

#include <migrate/schema.hpp>

namespace migrate::backends::postgresql {

/// Whether a definition begins as the catalog's statements for an object of its kind do. Those of a record
/// come from files that anybody can write, and are given to the server in sessions that may be a superuser's.
[[nodiscard]] bool is_statement_of_kind(const SchemaObject& object);

}  // namespace migrate::backends::postgresql
