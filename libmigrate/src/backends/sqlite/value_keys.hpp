#pragma once

#include <vector>

#include <migrate/finding.hpp>
#include <migrate/schema.hpp>

#include "session/sqlite_session.hpp"

namespace migrate::backends::sqlite {

/// Rows that SQLite tells apart by how a key is spelled ('1.5' and '1.50', a UUID in either case), and that
/// have the same key where the columns' types are real. One finding per key (code
/// "repeated-values-at-source"), with its count, severity left_out, and rowids as examples, but no row
/// values. Only keys with columns that are marked (backend::k_many_spellings) are looked at.
std::vector<Finding> find_repeated_values(const session::SqliteSession& session, const Schema& schema);

}  // namespace migrate::backends::sqlite
