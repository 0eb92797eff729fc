#pragma once

#include <memory>
#include <string>

#include "backend/target.hpp"

namespace migrate::backends::sqlite {

/// Writes into a staging file. Requires: the schema outlives the writer.
std::unique_ptr<backend::Writer> make_writer(const std::string& staging, const Schema& schema);

/// "INSERT INTO t (columns) VALUES (?…)" of the table's copied columns.
std::string insert_sql(const Table& table);

/// The columns that are copied: not generated, not hidden.
std::vector<const Column*> copied_columns(const Table& table);

}  // namespace migrate::backends::sqlite
