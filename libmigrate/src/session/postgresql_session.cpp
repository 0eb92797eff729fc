#include "session/postgresql_session.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <migrate/error.hpp>

#include "session/postgresql_conninfo.hpp"
#include "session/postgresql_error.hpp"
#include "session/postgresql_native.hpp"

namespace migrate::session {
namespace {

/// How long a server may take to end the process of a session that was closed.
constexpr int k_goodbye_ms = 5000;

/// Connects once more, by hand, to learn why SOCI could not: libpq gives the SQLSTATE of a refused login only
/// in the text, and only when asked before.
Error connect_error(const std::string& conninfo, const Endpoint& endpoint) {
    PGconn* probe = PQconnectStart(conninfo.c_str());
    PQsetErrorVerbosity(probe, PQERRORS_VERBOSE);
    for (auto state = PGRES_POLLING_WRITING; state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED;) {
        pollfd socket{.fd = PQsocket(probe),
                      .events = static_cast<short>(state == PGRES_POLLING_READING ? POLLIN : POLLOUT),
                      .revents = 0};
        constexpr int k_timeout_ms = 15000;
        if (poll(&socket, 1, k_timeout_ms) == 0) {
            break;
        }
        state = PQconnectPoll(probe);
    }
    const std::string message = PQerrorMessage(probe);
    const bool wants_password = PQconnectionNeedsPassword(probe) != 0;
    PQfinish(probe);

    ErrorFacts facts{.code = ErrorCode::unreachable, .backend = "postgresql"};
    facts.next_step = "Check host, port and that the server is running and accepts connections from here.";
    for (const char* state : {"28P01", "28000", "3D000", "53300", "57P03", "42501"}) {
        if (message.find(state + std::string(":")) != std::string::npos) {
            facts.sqlstate = state;
            facts.code = error_code_of(state);
        }
    }
    std::string why = "no server answers there";
    if (facts.sqlstate.starts_with("28") || wants_password) {
        facts.code = ErrorCode::permission;
        why = wants_password ? "the server wants a password and none was found"
                             : "the server refuses this login";
        facts.next_step =
            "Check user and password (configuration, PGPASSWORD, ~/.pgpass, service file) and pg_hba.conf.";
    } else if (facts.sqlstate == "3D000") {
        why = "there is no such database";
        facts.next_step = "Create the database first, or correct its name.";
    } else if (facts.sqlstate == "53300") {
        why = "the server has no free connection";
        facts.next_step = "Wait, use fewer workers, or raise max_connections.";
    } else if (facts.sqlstate == "57P03") {
        why = "the server is starting up or shutting down";
        facts.next_step = "Try again in a moment.";
    } else if (message.find("could not translate host name") != std::string::npos) {
        why = "the host name is not known";
        facts.next_step = "Correct the host name, or check the name service.";
    } else if (message.find("SSL") != std::string::npos || message.find("certificate") != std::string::npos) {
        why = "no connection with a verified certificate could be made";
        facts.next_step =
            "Give sslrootcert=FILE for the server's authority, or sslmode=require to trust the network.";
    }
    return {facts, fmt::format("PostgreSQL: cannot connect to {}: {}.", endpoint.display(), why)};
}

}  // namespace

/// Cancels the running statement from whatever thread asks for the stop. PQcancel opens a connection of its
/// own and touches nothing of the session.
class PostgresqlSession::Canceller {
  public:
    Canceller(PGconn* connection, const std::stop_token& stop)
        : m_cancel(PQgetCancel(connection), &PQfreeCancel), m_callback(stop, Request{m_cancel.get()}) {}

  private:
    struct Request {
        PGcancel* cancel;
        void operator()() const noexcept {
            char message[256];
            PQcancel(cancel, message, sizeof message);
        }
    };
    std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> m_cancel;
    std::stop_callback<Request> m_callback;
};

PostgresqlSession::PostgresqlSession(const Endpoint& endpoint, PostgresqlOptions options)
    : m_options(std::move(options)) {
    throw_if_stopped();
    if (borrowed_capacity(endpoint) > 0) {
        borrow(endpoint);
    } else {
        connect(endpoint);
    }
    try {
        m_canceller = std::make_unique<Canceller>(m_connection, m_options.stop);
        apply_settings();
    } catch (...) {
        give_back();
        throw;
    }
}

PostgresqlSession::~PostgresqlSession() {
    give_back();
}

void PostgresqlSession::connect(const Endpoint& endpoint) {
    m_place.emplace(m_options.limit);
    std::optional<std::string> password;
    if (m_options.credentials != nullptr) {
        password = m_options.credentials->password(endpoint);
    }
    const std::string conninfo = postgresql_conninfo(endpoint, password, m_options.application_name);
    try {
        m_own = std::make_unique<soci::session>(soci::postgresql, conninfo);
    } catch (const soci::soci_error&) {
        throw connect_error(conninfo, endpoint);
    }
    m_session = m_own.get();
    m_connection = native_connection(*m_session);
    // libpq prints notices to stderr by default; a library does not.
    PQsetNoticeReceiver(
        m_connection, [](void*, const PGresult*) {}, nullptr);
}

void PostgresqlSession::borrow(const Endpoint& endpoint) {
    m_lease = std::make_unique<SessionLease>(endpoint);
    m_session = &m_lease->session();
    m_connection = native_connection(*m_session);
    if (PQtransactionStatus(m_connection) != PQTRANS_IDLE) {
        ErrorFacts facts{.code = ErrorCode::refused, .backend = "postgresql"};
        facts.next_step = "Commit or roll back first, or lend another session.";
        throw Error(facts, "PostgreSQL: the session that was lent is in a transaction of its own.");
    }
    const auto rows = query(
        "SELECT pg_catalog.string_agg(pg_catalog.format('SELECT pg_catalog.set_config(%L, %L, false)', name, "
        "setting), '; ') FROM pg_catalog.pg_settings WHERE name IN ('search_path', 'client_encoding', "
        "'row_security', 'DateStyle', 'IntervalStyle', 'TimeZone', 'extra_float_digits', 'bytea_output', "
        "'xmloption', 'statement_timeout', 'idle_in_transaction_session_timeout', 'lock_timeout', "
        "'standard_conforming_strings', 'client_min_messages', 'default_transaction_read_only', "
        "'restrict_nonsystem_relation_kind', 'synchronous_commit', 'maintenance_work_mem')",
        "reading the lent session's settings");
    m_restore = rows.text(0, 0);
}

void PostgresqlSession::give_back() noexcept {
    m_canceller.reset();
    if (m_lease == nullptr) {
        disconnect();
        return;
    }
    if (PQtransactionStatus(m_connection) != PQTRANS_IDLE) {
        PQclear(PQexec(m_connection, "ROLLBACK"));
    }
    PQclear(PQexec(m_connection, m_restore.c_str()));
    m_lease.reset();
}

/// A server's process outlives the connection by a moment. Where sessions are counted, the place of this one
/// is free when the server has closed its end too.
void PostgresqlSession::disconnect() noexcept {
    const int watched =
        m_options.limit != nullptr && m_connection != nullptr ? ::dup(PQsocket(m_connection)) : -1;
    m_session = nullptr;
    m_connection = nullptr;
    m_own.reset();
    if (watched < 0) {
        return;
    }
    pollfd socket{.fd = watched, .events = POLLIN, .revents = 0};
    char rest[1024];
    while (poll(&socket, 1, k_goodbye_ms) == 1 && ::recv(watched, rest, sizeof rest, MSG_DONTWAIT) > 0) {
    }
    ::close(watched);
}

void PostgresqlSession::apply_settings() {
    std::string sql =
        "SET search_path = ''; SET client_encoding = 'UTF8'; SET row_security = off; SET DateStyle = 'ISO, "
        "YMD'; SET IntervalStyle = 'postgres'; SET TimeZone = 'UTC'; SET extra_float_digits = 3; SET "
        "bytea_output = 'hex'; SET xmloption = 'content'; SET statement_timeout = 0; SET "
        "idle_in_transaction_session_timeout = 0; SET standard_conforming_strings = on; SET "
        "client_min_messages = warning; ";
    sql += fmt::format("SET lock_timeout = {}; ", m_options.lock_timeout_ms);
    if (m_options.use == PostgresqlUse::read) {
        sql +=
            "SET default_transaction_read_only = on; SELECT pg_catalog.set_config(name, "
            "'view,foreign-table', "
            "false) FROM pg_catalog.pg_settings WHERE name = 'restrict_nonsystem_relation_kind'; ";
    }
    execute(sql, "setting up the session");
}

PostgresqlResult PostgresqlSession::execute(const std::string& sql, std::string_view doing) {
    throw_if_stopped();
    PostgresqlResult result(PQexec(m_connection, sql.c_str()));
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_NONFATAL_ERROR) {
        fail(result.get(), doing);
    }
    return result;
}

PostgresqlRows PostgresqlSession::query(std::string_view sql,
                                        const std::vector<std::optional<std::string>>& parameters,
                                        std::string_view doing) {
    throw_if_stopped();
    std::vector<const char*> values;
    values.reserve(parameters.size());
    for (const auto& parameter : parameters) {
        values.push_back(parameter ? parameter->c_str() : nullptr);
    }
    PostgresqlResult result(PQexecParams(m_connection, std::string(sql).c_str(),
                                         static_cast<int>(values.size()), nullptr, values.data(), nullptr,
                                         nullptr, 0));
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        fail(result.get(), doing);
    }
    return PostgresqlRows(std::move(result));
}

void PostgresqlSession::ignore_stop() noexcept {
    m_canceller.reset();
    m_options.stop = {};
}

void PostgresqlSession::throw_if_stopped() const {
    if (m_options.stop.stop_requested()) {
        throw Error(ErrorCode::cancelled, "Cancelled.");
    }
}

void PostgresqlSession::fail(const PGresult* result, std::string_view doing) const {
    const Error error = postgresql_error(m_connection, result, doing);
    ErrorFacts facts = error.facts();
    if (facts.code == ErrorCode::cancelled && !m_options.stop.stop_requested()) {
        facts.code = ErrorCode::transient;
        facts.next_step = "Raise the server's statement_timeout, or find out who cancelled the statement.";
    }
    throw Error(std::move(facts), error.what());
}

}  // namespace migrate::session
