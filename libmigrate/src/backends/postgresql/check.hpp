#pragma once

#include <functional>
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

/// As backend::Source::broken_rules(); `relation` is what follows FROM for a table alone. Requires: a
/// transaction is open.
std::vector<backend::BrokenRule> count_broken_rules(
    session::PostgresqlSession& session, const Schema& schema,
    const std::function<std::string(const Table& table)>& relation);

}  // namespace migrate::backends::postgresql
