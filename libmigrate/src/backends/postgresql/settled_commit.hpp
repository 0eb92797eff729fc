#pragma once

#include <string>

#include "backends/postgresql/reader_sessions.hpp"

namespace migrate::backends::postgresql {

/// What a transaction makes of a migration, by which it can be told whether it was committed.
struct Outcome {
    std::string migration;
    std::string state;      ///< Of its row, once committed.
    std::string doing;      ///< "committing the cutover".
    std::string next_step;  ///< Where it cannot be told.
};

/// Commits. Where the answer is lost, a new session waits for the lock on the migration's row, so that a
/// commit that is still on its way to the server, or under way there, has ended, and reads what became of it.
/// Requires: the transaction has that row locked.
/// Throws: CommitUnknownError where it cannot be told; any other Error: nothing was committed.
void commit_settled(session::PostgresqlSession& session, const SessionFactory& factory,
                    const Outcome& outcome);

}  // namespace migrate::backends::postgresql
