#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "backend/target.hpp"
#include "session/postgresql_session.hpp"

/// Types whose values are names of other things (regclass, regtype…) and can be said only once those are in
/// their place: such columns are staged as text.
namespace migrate::backends::postgresql {

/// The type a column has until the cutover.
std::string staged_type_of(const Table& table, const Column& column);

/// Gives those columns their own type, inside the cutover's transaction. A column with a value that would not
/// be the same stays text, and is found.
void settle_staged_types(session::PostgresqlSession& session, const Schema& schema,
                         std::vector<Finding>& findings);

}  // namespace migrate::backends::postgresql
