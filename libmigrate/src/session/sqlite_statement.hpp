#pragma once

#include <cstdint>
#include <string>
#include <string_view>

struct sqlite3_stmt;

namespace migrate::session {

class SqliteSession;

/// One prepared statement on a session's native handle, finalised by its destructor. Requires: the session
/// outlives it. Every failure throws migrate::Error with the extended result code, which SOCI's own exception
/// does not carry.
class SqliteStatement {
  public:
    /// Throws: Error when the text does not prepare, or holds more than one statement.
    SqliteStatement(const SqliteSession& session, std::string_view sql, std::string_view doing = "read");
    SqliteStatement(const SqliteStatement&) = delete;
    SqliteStatement& operator=(const SqliteStatement&) = delete;
    ~SqliteStatement();

    /// True when there is a row.
    bool step();
    /// Runs to the end, dropping rows, and makes the statement ready for other parameters.
    void run();
    void reset();

    // Parameters count from 1. Text and blobs are copied.
    SqliteStatement& bind(int parameter, std::int64_t value);
    SqliteStatement& bind(int parameter, std::string_view text);
    SqliteStatement& bind_null(int parameter);

    // Columns count from 0. Views are valid until the next step or reset.
    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::string_view text(int column) const;

    [[nodiscard]] sqlite3_stmt* handle() const noexcept { return m_statement; }

  private:
    void check(int result) const;

    const SqliteSession& m_session;
    sqlite3_stmt* m_statement = nullptr;
    std::string m_doing;
};

/// A name as SQL spells it: in double quotes, those within doubled. Throws: Error{refused} for a name with a
/// NUL, which SQL text cannot carry.
std::string quote_identifier(std::string_view name);
/// A string literal; one with a NUL becomes CAST(X'…' AS TEXT).
std::string quote_literal(std::string_view text);

}  // namespace migrate::session
