#pragma once

#include <string>
#include <vector>

namespace migrate::test {

/// A type of PostgreSQL with SQL for its odd values.
struct PostgresqlType {
    const char* type;
    std::vector<const char*> values;
    bool key = true;  ///< Has equality and an order of B-trees.
};

/// Every built-in type that a column may have, and an enumeration, a domain and a composite.
const std::vector<PostgresqlType>& postgresql_types();
/// What makes the types of the list that are not built in.
const std::vector<std::string>& postgresql_type_definitions();

}  // namespace migrate::test
