#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "backend/target.hpp"
#include "backends/postgresql/state_place.hpp"
#include "session/postgresql_session.hpp"

/// What a target remembers of migrations: the tables of schema _migrate, or where else state_place.hpp says.
namespace migrate::backends::postgresql::state {

/// Makes the tables where they are not there: in a schema of their own, or in `destination` where the role
/// may not create one. Inside the caller's transaction.
void create(session::PostgresqlSession& session, const std::string& destination);
[[nodiscard]] bool exists(session::PostgresqlSession& session);
/// Gives the tables of an earlier version the columns that they lack. Requires: exists().
void upgrade(session::PostgresqlSession& session);

void insert_migration(session::PostgresqlSession& session, const backend::TargetPlan& plan);
void set_state(session::PostgresqlSession& session, const std::string& migration, const std::string& state);
/// "ready", with the plan as it is by then.
/// The cutover's own part of its transaction. An empty plan leaves the one that is recorded.
void set_done(session::PostgresqlSession& session, const std::string& migration,
              const std::string& plan_json);
void set_ready(session::PostgresqlSession& session, const std::string& migration,
               const std::string& plan_json);
/// Keeps another plan in the place of the one that is recorded.
void set_plan(session::PostgresqlSession& session, const std::string& migration,
              const std::string& plan_json);
/// Nullopt where the migration is not recorded.
std::optional<std::string> state_of(session::PostgresqlSession& session, const std::string& migration);
/// A new epoch for whoever takes the migration over; the workers of the old one can no longer write.
/// It is returned.
std::uint64_t raise_epoch(session::PostgresqlSession& session, const std::string& migration,
                          const std::string& owner);
/// Takes back the keys, checks and indexes that were built on what is staged. In the caller's transaction.
void drop_built(session::PostgresqlSession& session, const std::string& migration);
/// And dead letters: of what is staged nothing is known then.
void drop_checkpoints(session::PostgresqlSession& session, const std::string& migration);
/// Those of the load and, apart, what corrects them. Throws: Error{corrupt} for a table that is not in the
/// plan.
void read_checkpoints(session::PostgresqlSession& session, const backend::TargetPlan& plan,
                      backend::Resumption& out);
std::vector<backend::RecordedMigration> migrations(session::PostgresqlSession& session);

/// A dead letter that is not there yet; `chunk` as DeadLetter has it.
void insert_dead_letter(session::PostgresqlSession& session, const Place& place, const std::string& migration,
                        const QualifiedName& table, std::int64_t chunk, const RejectedRow& row);
/// In the order of table, chunk and ordinal; a page at a time, so that memory does not grow with them.
void dead_letters(session::PostgresqlSession& session, const std::string& migration,
                  const std::function<void(const DeadLetter&)>& take);

/// Those of one table behind a place, in order, at most so many. Requires: upgrade() was called.
std::vector<DeadLetter> dead_letters(session::PostgresqlSession& session, const std::string& migration,
                                     const QualifiedName& table,
                                     const std::optional<backend::LetterRetry::Place>& after,
                                     std::size_t most);
void delete_dead_letter(session::PostgresqlSession& session, const std::string& migration,
                        const QualifiedName& table, const DeadLetter& letter);
/// Writes its column and reason anew.
void update_dead_letter(session::PostgresqlSession& session, const std::string& migration,
                        const QualifiedName& table, const DeadLetter& letter);

void insert_provenance(session::PostgresqlSession& session, const std::string& migration,
                       const std::string& record);
/// Forgets the migration, and the schema once it holds nothing else.
void forget(session::PostgresqlSession& session, const std::string& migration);

/// The staging schemas of a migration that exist.
std::vector<std::string> staging_schemas(session::PostgresqlSession& session, const std::string& migration);
/// The statements that drop what is staged in the destinations themselves.
std::vector<std::string> staged_drops(session::PostgresqlSession& session, const std::string& migration);

}  // namespace migrate::backends::postgresql::state
