#pragma once

#include <string>
#include <vector>

#include <migrate/finding.hpp>
#include <migrate/schema.hpp>

#include "backends/sqlite/column_profile.hpp"

namespace migrate::backends::sqlite {

/// Decides what a column's values are read as from its declaration and its profile; sets type, format and
/// why, and adds what is worth knowing to the findings. bad_text: stop, replace or bytes.
void decide_reading(const Table& table, Column& column, const ColumnProfile& profile,
                    const std::string& bad_text, std::vector<Finding>& findings);

/// The reading of a column without a value, by its declaration alone.
void decide_by_declaration(Column& column, const DeclaredType& declared);

}  // namespace migrate::backends::sqlite
