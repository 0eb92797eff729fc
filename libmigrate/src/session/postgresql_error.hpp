#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <libpq-fe.h>

#include <migrate/error.hpp>

namespace migrate::session {

/// What the server said about a failed statement, as an Error. Never carries DETAIL, CONTEXT or a value of a
/// row: of the server's words only the primary message is used, and that only for conditions whose message
/// names objects and not values. `doing` is a phrase: "reading table \"a\"".
Error postgresql_error(PGconn* connection, const PGresult* result, std::string_view doing);

/// Whether there is no server at the other end any more. libpq says so only once it reads: where a write was
/// what failed, its status still says that all is well. What has arrived is read, and kept for who asks next.
bool is_lost(PGconn* connection) noexcept;

/// The ErrorCode that callers act on for an SQLSTATE.
ErrorCode error_code_of(std::string_view sqlstate) noexcept;

/// Where COPY says that a row failed: line number from 1 and column, from the context's position rather than
/// from its words, which the server translates. line is 0 if there is none.
struct CopyPosition {
    std::uint64_t line = 0;
    std::string column;
};
CopyPosition copy_position(const PGresult* result, std::string_view relation,
                           const std::vector<std::string>& columns);

}  // namespace migrate::session
