#pragma once

#include "backend/target.hpp"
#include "session/sqlite_session.hpp"

namespace migrate::backends::sqlite {

/// Takes rows that the source has no more out of what is staged, with their checkpoints and dead letters. In
/// the caller's transaction.
void take_back(const session::SqliteSession& staging, const backend::TargetPlan& plan,
               const backend::StaleRows& stale);

}  // namespace migrate::backends::sqlite
