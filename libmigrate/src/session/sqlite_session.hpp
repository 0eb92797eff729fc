#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

struct sqlite3;
namespace soci {
class session;
}

namespace migrate::session {

/// One SQLite connection with the safe settings, held as a SOCI session, or a host's own that is borrowed.
///
/// A database file may be untrusted input: the schema's functions are not trusted, triggers do not fire,
/// shadow tables cannot be written, nothing can be loaded. Used by one thread at a time.
///
/// Closing a connection that was opened to read leaves the bytes of the main file, -wal and -journal as they
/// are: frames in the WAL stay there.
class SqliteSession {
  public:
    enum class Access : std::uint8_t {
        read,         ///< A source: query_only, but on a read-write handle where the file allows it.
        strict_read,  ///< A read-only handle.
        write,        ///< An existing file, which may still be empty.
    };

    /// Requires: for `read`, no hot journal (see refuse_hot_journal). Throws: Error{not_found, permission,
    /// unreachable, refused}.
    static SqliteSession open(const std::string& path, Access access, unsigned busy_timeout_ms);
    /// The host's session is neither closed nor are its settings changed. Throws: Error{usage} if it is not
    /// SQLite's.
    static SqliteSession borrow(soci::session& host);

    SqliteSession(SqliteSession&& other) noexcept;
    SqliteSession& operator=(SqliteSession&& other) noexcept;
    ~SqliteSession();

    [[nodiscard]] sqlite3* handle() const noexcept { return m_handle; }
    /// The file, for messages; ":memory:" if it has none.
    [[nodiscard]] const std::string& path() const noexcept { return m_path; }
    [[nodiscard]] bool is_borrowed() const noexcept { return m_owned == nullptr; }
    [[nodiscard]] bool is_read_only() const noexcept;
    [[nodiscard]] bool in_transaction() const noexcept;

    /// Runs one or more statements without results. Throws: Error.
    void execute(const std::string& sql, std::string_view doing = "run a statement on") const;
    /// The same of text that others have written: one statement, or nothing is run. Throws: Error{malformed}
    /// where another follows.
    void execute_one(const std::string& sql, std::string_view doing) const;
    /// First column of the first row; empty if there is none or it is NULL.
    [[nodiscard]] std::string query_text(const std::string& sql, std::string_view doing = "read") const;
    [[nodiscard]] std::int64_t query_integer(const std::string& sql, std::string_view doing = "read") const;

    /// Statements that run longer than a moment look at the token and fail with Error{cancelled}. Not for
    /// borrowed sessions, whose progress handler is the host's.
    void watch(std::stop_token stop);

  private:
    SqliteSession(std::string path, sqlite3* handle, std::unique_ptr<soci::session> owned);
    void apply_settings(Access access, unsigned busy_timeout_ms) const;
    void close() noexcept;

    std::string m_path;
    sqlite3* m_handle = nullptr;
    std::unique_ptr<soci::session> m_owned;
    std::unique_ptr<std::stop_token> m_stop;
    bool m_reading = false;
};

}  // namespace migrate::session
