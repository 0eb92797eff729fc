#pragma once

#include <map>
#include <string>

#include <migrate/schema.hpp>

#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// Puts the names that staged things will have after the cutover in the place of those they have now.
/// `staged`: destination schema → staging schema. A staging schema's name is unique and needs no quotes, so
/// it is replaced wherever it stands in types and expressions.
void name_as_destined(session::PostgresqlSession& session, const std::map<std::string, std::string>& staged,
                      Schema& schema);

}  // namespace migrate::backends::postgresql
