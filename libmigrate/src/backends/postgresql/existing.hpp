#pragma once

#include <set>
#include <vector>

#include <migrate/finding.hpp>
#include <migrate/schema.hpp>

#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// The tables of these names as the catalog has them, with exact row counts and what is in the way of loading
/// into them and of replacing them.
Schema read_existing(session::PostgresqlSession& session, const std::vector<QualifiedName>& names);

/// A blocker for each table of these placements that is not what it was when the plan was made, or in whose
/// way something has come to be since.
std::vector<Finding> changes_since_plan(session::PostgresqlSession& session, const Schema& planned,
                                        const std::set<Placement>& placements);
/// The same under the locks of the cutover. Throws: Error{refused} for the first one.
void refuse_changes(session::PostgresqlSession& session, const Schema& planned, Placement placement);

/// Names of relations and constraints' indexes that leave their schema together with the tables that are
/// replaced.
std::set<QualifiedName> names_of_replaced(session::PostgresqlSession& session, const Schema& schema);

}  // namespace migrate::backends::postgresql
