#pragma once

#include <memory>

#include "backend/target.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// Begins a transaction of the session's.
std::unique_ptr<backend::LetterRetry> make_letter_retry(std::shared_ptr<session::PostgresqlSession> session,
                                                        const backend::TargetPlan& plan);

}  // namespace migrate::backends::postgresql
