#pragma once

#include <string>
#include <vector>

#include "backend/target.hpp"
#include "session/sqlite_session.hpp"

/// The staging file: a whole SQLite database beside the target, in which the tables are loaded, built and
/// verified before anybody sees them.
namespace migrate::backends::sqlite {

/// "<directory>/.<name>.migrate-<migration>".
std::string staging_path(const std::string& target, const std::string& migration);

/// The staging files that lie beside a target, by the ids of their migrations.
std::vector<std::string> staged_migrations(const std::string& target);

/// Removes a staging file with its side files; returns the bytes freed. No error if there is none.
std::uint64_t remove_staging(const std::string& path);

/// A session for writing the staging file: a rollback journal, so that what a checkpoint says is there after
/// any kill, but no waiting for the disk. memory_bytes is SQLite's page cache.
session::SqliteSession open_staging_session(const std::string& path, std::uint64_t memory_bytes);

/// Gives the session a page cache of that size, which is also that of a run that its sorter sorts.
void set_cache(const session::SqliteSession& session, std::uint64_t memory_bytes);

/// Makes the file with its tables, without indexes, and the state tables. `encoding` is that of the existing
/// target, with which it will be attached; empty = this will be the target itself, with the page size,
/// encoding and user_version of the schema. On failure nothing stays.
void create_staging(const std::string& path, const backend::TargetPlan& plan, const std::string& encoding);

/// Drops the indexes, views and triggers: the tables and their rows stay. In the caller's transaction.
void drop_built(const session::SqliteSession& staging);

/// The statements that make the tables, in order.
std::vector<std::string> table_statements(const Schema& schema);
/// Likewise indexes, then views and triggers.
std::vector<std::string> later_statements(const Schema& schema);

}  // namespace migrate::backends::sqlite
