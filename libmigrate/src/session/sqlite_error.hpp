#pragma once

#include <string>
#include <string_view>

struct sqlite3;

namespace migrate::session {

/// Throws the Error for what a SQLite call answered. `doing` completes "cannot …" ("open the database");
/// `where` is the file. The driver's own message is taken from `db` where there is one. Never returns.
[[noreturn]] void throw_sqlite_error(sqlite3* db, int result, std::string_view doing,
                                     const std::string& where);

}  // namespace migrate::session
