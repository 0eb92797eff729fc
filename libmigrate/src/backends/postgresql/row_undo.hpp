#pragma once

#include <string>
#include <vector>

#include "backends/postgresql/undo_log.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// Takes what a migration has changed in the rows of tables that it loaded into back, by the undo log. Inside
/// the rollback's transaction, with constraints deferred and triggers off. Throws: Error; nothing is changed.
void undo_rows(session::PostgresqlSession& session, const std::string& migration,
               const std::vector<undo::LoggedTable>& tables);

}  // namespace migrate::backends::postgresql
