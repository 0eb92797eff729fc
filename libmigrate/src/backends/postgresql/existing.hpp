#pragma once

#include <set>
#include <vector>

#include <migrate/schema.hpp>

#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// The tables of these names as the catalog has them, with exact row counts and what is in the way of loading
/// into them and of replacing them.
Schema read_existing(session::PostgresqlSession& session, const std::vector<QualifiedName>& names);

/// Names of relations and constraints' indexes that leave their schema together with the tables that are
/// replaced.
std::set<QualifiedName> names_of_replaced(session::PostgresqlSession& session, const Schema& schema);

}  // namespace migrate::backends::postgresql
