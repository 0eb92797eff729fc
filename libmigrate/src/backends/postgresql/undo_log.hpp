#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <migrate/schema.hpp>

#include "backend/column_changes.hpp"
#include "backends/postgresql/stored_digest.hpp"
#include "session/postgresql_session.hpp"

/// What a migration leaves behind so that it can be undone: digests from before and after, statements in the
/// order in which a rollback runs them, positions of sequences, and in the kept schema the rows that a merge
/// has changed.
namespace migrate::backends::postgresql::undo {

struct LoggedTable {
    int ordinal = 0;
    QualifiedName name;
    Placement placement = Placement::create;
    RowDigest before;
    RowDigest after;
    /// As the cutover left them; empty for a table that rows were loaded into, and in older records.
    std::vector<backend::StoredColumn> columns;
};

/// The schema in which the merge keeps the rows it changed, and those in which replaced tables are kept.
std::string kept_schema(const std::string& migration);
std::string kept_schema(const std::string& migration, std::size_t destination);
/// "old_3" holds the rows of the third table that were overwritten, "new_3" those that are there instead.
QualifiedName old_rows(const std::string& migration, int ordinal);
QualifiedName new_rows(const std::string& migration, int ordinal);

/// Rows that this session has written, by table, this library's own left aside. What it wrote in a
/// transaction shortly before may still be counted: compare with an earlier answer.
std::map<QualifiedName, std::int64_t> rows_written(session::PostgresqlSession& session);
/// The tables that a table is a partition of, or inherits from, directly or not: its rows are theirs, too.
std::vector<QualifiedName> ancestors_of(session::PostgresqlSession& session, const QualifiedName& table);

/// Makes the tables of schema _migrate for all this where they are not there.
void create_tables(session::PostgresqlSession& session);
[[nodiscard]] bool exists(session::PostgresqlSession& session);

/// Takes the place of an entry of the same ordinal.
void add_table(session::PostgresqlSession& session, const std::string& migration, const LoggedTable& table);
/// The ordinal of the first table that was made. Persisted.
inline constexpr int k_first_made = 10'000;
void add_step(session::PostgresqlSession& session, const std::string& migration,
              const std::string& statement);
std::vector<LoggedTable> tables(session::PostgresqlSession& session, const std::string& migration);
/// What has become of its columns since, for people; empty if nothing, or if the record does not say.
std::string column_changes(session::PostgresqlSession& session, const LoggedTable& table);
std::vector<std::string> steps(session::PostgresqlSession& session, const std::string& migration);

/// Where a sequence stands, as the server says it.
struct SequencePosition {
    std::string last;
    std::string called;
    friend bool operator==(const SequencePosition&, const SequencePosition&) = default;
};
/// By quoted names.
using SequencePositions = std::map<std::string, SequencePosition>;

/// Of all sequences that the session's role may read. Numbers that are taken stay taken when a transaction
/// or a savepoint is rolled back, so they have to be asked for before anything is tried.
SequencePositions sequence_positions(session::PostgresqlSession& session);
/// Remembers where the sequences stood that the table owns or takes defaults from.
void note_sequences(session::PostgresqlSession& session, const std::string& migration,
                    const QualifiedName& table, const SequencePositions& before);
/// And the others of which this session has taken numbers since: functions did.
void note_used_sequences(session::PostgresqlSession& session, const std::string& migration,
                         const SequencePositions& before);
/// Remembers where they stand now, at the end of the cutover.
void close_sequences(session::PostgresqlSession& session, const std::string& migration);
/// Puts those back that nobody has used since; names the others. Taken back with the transaction where the
/// role owns the sequence, and only there: so let nothing follow that may be refused.
std::vector<std::string> restore_sequences(session::PostgresqlSession& session, const std::string& migration);

/// Drops everything that was kept; returns the bytes freed. Inside the caller's transaction.
std::uint64_t drop(session::PostgresqlSession& session, const std::string& migration);

}  // namespace migrate::backends::postgresql::undo
