#pragma once

#include <string>
#include <string_view>

#include "session/sqlite_session.hpp"

namespace migrate::backends::sqlite {

/// Makes a table, index, view or trigger by its definition, which may have come in a file that anybody can
/// write: one statement that begins as SQLite itself keeps those of this kind. Throws: Error{malformed} for
/// anything else, and nothing of it is run.
void execute_definition(const session::SqliteSession& session, std::string_view kind, const std::string& sql,
                        std::string_view doing);

}  // namespace migrate::backends::sqlite
