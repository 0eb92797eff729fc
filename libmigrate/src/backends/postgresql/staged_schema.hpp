#pragma once

#include <migrate/schema.hpp>

#include "backends/postgresql/staging_names.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// Puts the names that staged things will have after the cutover in the place of those they have now. A
/// staging schema's name, or a staged thing's own, is unique and needs no quotes, so it is replaced wherever
/// it stands in types and expressions.
void name_as_destined(session::PostgresqlSession& session, const StagingNames& staged, Schema& schema);

}  // namespace migrate::backends::postgresql
