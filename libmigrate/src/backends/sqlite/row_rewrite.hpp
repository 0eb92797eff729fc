#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/error.hpp>

#include "session/sqlite_session.hpp"

namespace migrate::backends::sqlite {

/// A name under which SQL finds the rowid, also where it is a column of the table; empty where there is none,
/// or the table has columns of all the names for it.
std::string rowid_of(const session::SqliteSession& session, const std::string& table);

/// The column that is the rowid, if one is: alone in the primary key, which has no index then.
std::string rowid_column(const session::SqliteSession& session, const std::string& table);

/// True for a value that another row has already, by a primary or unique key or a unique index.
bool is_repeated_value(const Error& error);

/// Gives rows new values all at once, which UPDATE cannot where they exchange those of a unique key: they are
/// taken out and put in again, under the same rowid. The rows are those that `t` is in " FROM … AS t …"
/// (`from`); `value` says what a column becomes. Requires: no triggers. Returns the number of rows.
std::uint64_t rewrite_rows(const session::SqliteSession& session, const std::string& table,
                           const std::function<std::string(const std::string&)>& value,
                           const std::string& from, std::string_view doing);

}  // namespace migrate::backends::sqlite
