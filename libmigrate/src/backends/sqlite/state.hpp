#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <migrate/chunk.hpp>

#include "backend/target.hpp"
#include "session/sqlite_session.hpp"

/// The tables in which a target keeps its migrations: _migrate_migration (one row each), _migrate_checkpoint
/// (one row a chunk), _migrate_dead_letter (one row a rejected row) and _migrate_provenance (one row in all).
namespace migrate::backends::sqlite {

/// Makes them where they are not there yet, and gives those of earlier versions the columns that they lack.
void create_state_tables(const session::SqliteSession& session, std::string_view doing);

bool has_table(const session::SqliteSession& session, const std::string& name);

void insert_migration(const session::SqliteSession& session, const backend::TargetPlan& plan,
                      const std::string& state);
void set_migration_state(const session::SqliteSession& session, const std::string& migration,
                         const std::string& state);
/// "ready", with the plan as it is by then.
void set_migration_ready(const session::SqliteSession& session, const std::string& migration,
                         const std::string& plan_json);
/// The plan as it is once the cutover is done.
void set_migration_plan(const session::SqliteSession& session, const std::string& migration,
                        const std::string& plan_json);
/// Newest first; empty where there is no such table.
std::vector<backend::RecordedMigration> read_migrations(const session::SqliteSession& session);
/// Raises the epoch and writes the new owner; returns the new epoch. Throws: Error{not_found}.
std::uint64_t take_over(const session::SqliteSession& session, const std::string& migration,
                        const std::string& owner);
[[noreturn]] void throw_taken_over(const std::string& migration);
/// Throws: Error{locked} where another run has taken the migration over. `database`: "main", or what the
/// staging file is attached as.
void require_owner(const session::SqliteSession& session, const std::string& database,
                   const backend::TargetPlan& plan);

void insert_checkpoint(const session::SqliteSession& session, const Checkpoint& checkpoint);
/// Likewise, under a number that no chunk of the load has; its count of rows is below 0.
void insert_checkpoint(const session::SqliteSession& session, const Checkpoint& checkpoint,
                       std::int64_t number);
/// Those of the load and, apart, what corrects them; tables are found by their names in the schema.
/// Throws: Error{corrupt} for a checkpoint of a table that is not in it.
void read_checkpoints(const session::SqliteSession& session, const backend::TargetPlan& plan,
                      backend::Resumption& out);
std::optional<Checkpoint> read_checkpoint(const session::SqliteSession& session, const std::string& migration,
                                          const QualifiedName& table, const Chunk& chunk);
void insert_dead_letter(const session::SqliteSession& session, const std::string& migration,
                        const QualifiedName& table, std::int64_t chunk, const RejectedRow& row);
/// In the order of table, chunk and ordinal. False where the database keeps none of any migration.
bool read_dead_letters(const session::SqliteSession& session, const std::string& migration,
                       const std::function<void(const DeadLetter&)>& take);

/// Those of one table behind a place, in order, at most so many.
std::vector<DeadLetter> read_dead_letters(const session::SqliteSession& session, const std::string& migration,
                                          const std::string& table,
                                          const std::optional<backend::LetterRetry::Place>& after,
                                          std::size_t most);
void delete_dead_letter(const session::SqliteSession& session, const std::string& migration,
                        const std::string& table, const DeadLetter& letter);
/// Writes its column and reason anew.
void update_dead_letter(const session::SqliteSession& session, const std::string& migration,
                        const std::string& table, const DeadLetter& letter);

std::optional<std::string> read_provenance(const session::SqliteSession& session);
void write_provenance(const session::SqliteSession& session, const std::string& migration,
                      const std::string& json);

}  // namespace migrate::backends::sqlite
