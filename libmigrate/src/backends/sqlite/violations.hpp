#pragma once

#include <vector>

#include <migrate/finding.hpp>
#include <migrate/schema.hpp>

#include "session/sqlite_session.hpp"

namespace migrate::backends::sqlite {

/// Rows that break what the schema declares and SQLite has let pass, as another engine will find them:
/// foreign keys that lead nowhere when text is compared byte by byte (code "orphans-at-source"), NULLs in
/// primary keys
/// ("null-keys-at-source"), checks ("check-violations-at-source"). One finding each, with its count, severity
/// left_out, counted by query; with rowids as examples, but no row values.
std::vector<Finding> find_violations(const session::SqliteSession& session, const Schema& schema,
                                     bool orphans);

}  // namespace migrate::backends::sqlite
