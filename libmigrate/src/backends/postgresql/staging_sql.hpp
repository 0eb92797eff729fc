#pragma once

#include <string>
#include <vector>

#include "backends/postgresql/staging_names.hpp"

/// The SQL that makes the staging area of an adopted Schema, and that moves what is in it to its destination.
namespace migrate::backends::postgresql {

/// Schemas, types, sequences, tables and partitions, each after what it needs.
std::vector<std::string> staging_statements(const Schema& schema, const StagingNames& names);

/// Everything that staging_statements made gets its final place and name; the staging schemas go.
std::vector<std::string> relocation_statements(const Schema& schema, const StagingNames& names);

/// What ALTER and DROP call an object that is staged (is_staged_kind) or a type.
const char* object_word(const std::string& kind);

}  // namespace migrate::backends::postgresql
