#pragma once

#include <string>
#include <vector>

#include "backend/database_identity.hpp"
#include "backend/source.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

backend::SourceInfo describe_server(session::PostgresqlSession& session, const Endpoint& endpoint);
backend::DatabaseIdentity identity_of_server(session::PostgresqlSession& session);

/// System, timeline, database, the snapshot's edge and where the sequences stand; empty while any transaction
/// is in flight, because then the edge alone does not tell what is visible.
backend::Fingerprint fingerprint_of(session::PostgresqlSession& session);

std::vector<Finding> check_database(session::PostgresqlSession& session,
                                    const std::vector<std::string>& schemas, const Schema& schema);

}  // namespace migrate::backends::postgresql
