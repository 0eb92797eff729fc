#pragma once

#include <vector>

#include <migrate/finding.hpp>
#include <migrate/schema.hpp>

#include "backend/rule_queries.hpp"
#include "session/sqlite_session.hpp"

namespace migrate::backends::sqlite {

/// SQLite's own integrity check, rows that violate foreign keys, foreign keys without an index, and what is
/// known of this version of SQLite.
std::vector<Finding> check_integrity(const session::SqliteSession& session, const Schema& schema);

/// As backend::Source::broken_rules().
std::vector<backend::BrokenRule> broken_rules(const session::SqliteSession& session, const Schema& schema);

/// Rows of a table whose foreign keys point nowhere, one finding of this severity a key. A key that SQLite
/// cannot check (no such table, its columns not unique) is a finding too.
std::vector<Finding> find_orphans(const session::SqliteSession& session, const Table& table,
                                  Severity severity);

/// True when the columns, in this order, begin an index or key of the table.
bool has_index_on(const Table& table, const std::vector<std::string>& columns);

/// Throws: Error{corrupt} unless PRAGMA quick_check finds nothing.
void require_quick_check(const session::SqliteSession& session);

/// Likewise, of a staging file: Error{differs}. `thorough`: where the file is small, indexes are compared
/// with their tables too.
void require_sound_staging(const session::SqliteSession& session, bool thorough);

/// Of what is there before anything is written to it. `thorough`: likewise. Throws: Error{refused}.
void refuse_damaged_target(const session::SqliteSession& session, bool thorough);

}  // namespace migrate::backends::sqlite
