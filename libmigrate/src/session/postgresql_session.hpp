#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/endpoint.hpp>

#include "session/borrowed.hpp"
#include "session/postgresql_result.hpp"
#include "util/session_limit.hpp"

namespace soci {
class session;
}

namespace migrate::session {

enum class PostgresqlUse : unsigned char {
    read,   ///< Every transaction is read-only, whatever the role may do.
    write,  ///< Catalogs, staging and cutover.
};

struct PostgresqlOptions {
    PostgresqlUse use = PostgresqlUse::read;
    CredentialProvider* credentials = nullptr;  ///< May be null: libpq looks where it usually does.
    std::string application_name = "migrate";
    unsigned lock_timeout_ms = 5000;            ///< 0 = wait for ever.
    std::stop_token stop;                       ///< Cancels the statement that runs, at the server.
    std::shared_ptr<util::SessionLimit> limit;  ///< That it counts for, unless it is borrowed; null = none.
};

/// One connection, made by SOCI, with the settings that make reading exact and safe (see
/// postgresql_settings). Rows and statements go through the native handle: SOCI reads ":name" in function
/// bodies as a parameter, and tells neither the fields of an error nor COPY. Used by one thread; stop may be
/// requested from any. A session that the host lends is given back as it was.
class PostgresqlSession {
  public:
    /// Throws: Error{unreachable, permission, not_found, refused…} with the way on.
    PostgresqlSession(const Endpoint& endpoint, PostgresqlOptions options);
    ~PostgresqlSession();
    PostgresqlSession(const PostgresqlSession&) = delete;
    PostgresqlSession& operator=(const PostgresqlSession&) = delete;

    [[nodiscard]] PGconn* native() const noexcept { return m_connection; }
    [[nodiscard]] soci::session& soci() noexcept { return *m_session; }
    [[nodiscard]] int server_version() const noexcept { return PQserverVersion(m_connection); }
    [[nodiscard]] bool alive() const noexcept { return PQstatus(m_connection) == CONNECTION_OK; }

    /// Runs one or several statements by the simple protocol; the last one's result. `doing` is a phrase for
    /// errors: "creating table \"a\"". Throws: Error.
    PostgresqlResult execute(const std::string& sql, std::string_view doing);
    /// Runs one statement and no more, whatever its text says: a definition that is not our own brings no
    /// second one along. Throws: Error.
    void execute_one(const std::string& sql, std::string_view doing) { query(sql, {}, doing); }
    /// One statement with text parameters (nullopt = NULL).
    PostgresqlRows query(std::string_view sql, const std::vector<std::optional<std::string>>& parameters,
                         std::string_view doing);
    PostgresqlRows query(std::string_view sql, std::string_view doing) { return query(sql, {}, doing); }

    /// Throws Error{cancelled} if that was asked for.
    void throw_if_stopped() const;
    /// From here on the stop token is not looked at: for cleaning up after a run that was stopped.
    void ignore_stop() noexcept;
    /// The Error for a failed result; Error{cancelled} where stop was the reason. Throws always.
    [[noreturn]] void fail(const PGresult* result, std::string_view doing) const;

    /// True where the session is the host's.
    [[nodiscard]] bool borrowed() const noexcept { return m_lease != nullptr; }
    [[nodiscard]] const std::stop_token& stop() const noexcept { return m_options.stop; }

  private:
    class Canceller;
    void borrow(const Endpoint& endpoint);
    void connect(const Endpoint& endpoint);
    void apply_settings();
    void give_back() noexcept;
    void disconnect() noexcept;

    PostgresqlOptions m_options;
    std::optional<util::SessionLimit::Lease> m_place;
    std::unique_ptr<SessionLease> m_lease;
    std::string m_restore;  ///< SQL that puts the host's settings back.
    std::unique_ptr<soci::session> m_own;
    soci::session* m_session = nullptr;
    PGconn* m_connection = nullptr;
    std::unique_ptr<Canceller> m_canceller;
};

}  // namespace migrate::session
