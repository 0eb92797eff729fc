#pragma once

#include <vector>

#include "backend/target.hpp"
#include "backends/postgresql/staging_names.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// What would stop a migration into this database, and what may hurt.
std::vector<Finding> preflight_target(session::PostgresqlSession& session, const Schema& schema,
                                      StagingNames::Place place);

}  // namespace migrate::backends::postgresql
