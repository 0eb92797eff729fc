#pragma once

#include <optional>
#include <string>

#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// Runs a statement, inside a transaction, that the server may refuse without harm to the rest: why it did,
/// or nullopt. Under `role` if one is given. Throws: Error that is not about the statement (lost, cancelled,
/// locked).
std::optional<std::string> attempt(session::PostgresqlSession& session, const std::string& sql,
                                   const std::string& object, const std::string& role = {});

}  // namespace migrate::backends::postgresql
