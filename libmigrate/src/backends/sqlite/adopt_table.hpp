#pragma once

#include <vector>

#include <migrate/finding.hpp>
#include <migrate/schema.hpp>

#include "backend/target.hpp"

namespace migrate::backends::sqlite {

/// One table said in SQLite's terms; its columns stay in their order. native_sql is its former definition
/// where it came from SQLite, else empty.
Table adopt_table(const Schema& schema, const Table& source, const backend::AdoptOptions& options,
                  std::vector<Finding>& findings);

}  // namespace migrate::backends::sqlite
