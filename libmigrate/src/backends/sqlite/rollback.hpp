#pragma once

#include <string>

#include "backend/staged_digests.hpp"
#include "backend/target.hpp"
#include "session/sqlite_session.hpp"

namespace migrate::backends::sqlite {

/// Undoes a migration that is done, in one transaction, and proves it: see backend::Target::rollback. A file
/// that the migration made is set aside under undone_path() until finalize.
RollbackResult roll_back(const std::string& path, const backend::RollbackRequest& request,
                         unsigned busy_timeout_ms);

/// Before a rollback that is to give the staging back: makes it anew beside a file that was there before, of
/// what the migration has shown in it, under the staging's own name. The rollback itself has to find that it
/// is the same. Durable on return.
void stage_again(const std::string& path, const backend::TargetPlan& plan, unsigned busy_timeout_ms);

/// Where a file that was rolled back lies: beside it, hidden.
std::string undone_path(const std::string& path, const std::string& migration);

/// Writes the digests that verification has found into the undo log of a staging file: what a rollback
/// compares with. They have to be what the tables hold when they are shown.
void log_verified(const session::SqliteSession& session, const backend::TargetPlan& plan,
                  const backend::StagedDigests& digests);

/// Throws: Error{differs} where what is staged is no longer what log_verified() has recorded.
void require_as_verified(const session::SqliteSession& staging, const backend::TargetPlan& plan);

/// Writes into the undo log how what the cutover makes is taken away again.
void log_created(const session::SqliteSession& session, const backend::TargetPlan& plan, bool new_file);

}  // namespace migrate::backends::sqlite
