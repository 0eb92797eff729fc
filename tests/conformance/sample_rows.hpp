#pragma once

#include <memory>
#include <string>
#include <vector>

#include <migrate/logical_type.hpp>

#include "support/memory_backend.hpp"

namespace migrate::test {

/// A logical type with its odd values, in the spelling of model/value_text.hpp. Variants as "i:1", "r:0.5",
/// "t:text", "b:base64".
struct TypeSamples {
    std::string column;
    LogicalType type;
    std::vector<std::string> values;
};

const std::vector<TypeSamples>& every_type();

/// A table with an int64 key and these columns; as many rows as the longest list has values, shorter lists
/// end in NULLs, and a last row is all NULL.
InMemoryTable sample_table(const std::string& name, const std::vector<TypeSamples>& columns);

/// A database of one such table for every type, named after it, and one table of all that `types` names.
std::shared_ptr<InMemoryDatabase> sample_database(const std::vector<TypeSamples>& types);

}  // namespace migrate::test
