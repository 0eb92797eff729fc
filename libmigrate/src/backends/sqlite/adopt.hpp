#pragma once

#include "backend/target.hpp"

namespace migrate::backends::sqlite {

/// A schema said in SQLite's terms, each table with its CREATE TABLE and each index with its CREATE INDEX in
/// native_sql. Pure. A schema of SQLite's own, and tables that came from SQLite, keep their definitions; of
/// others the declared types are chosen so that no value changes.
backend::Adoption adopt(const Schema& source, const backend::AdoptOptions& options);

}  // namespace migrate::backends::sqlite
