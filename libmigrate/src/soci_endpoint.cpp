#include <memory>
#include <string>

#include <fmt/format.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <migrate/error.hpp>
#include <migrate/soci.hpp>

#include "session/borrowed.hpp"
#include "session/postgresql_native.hpp"

MIGRATE_NAMESPACE_BEGIN

namespace {

constexpr int k_pool_wait_ms = 5000;

[[noreturn]] void fail(ErrorCode code, const std::string& message, const std::string& next_step) {
    ErrorFacts facts{.code = code};
    facts.next_step = next_step;
    throw Error(facts, message);
}

/// The file of the main database; empty for one in memory.
std::string file_of(soci::session& session) {
    std::string file;
    soci::indicator indicator = soci::i_null;
    session << "SELECT file FROM pragma_database_list WHERE name = 'main'", soci::into(file, indicator);
    return indicator == soci::i_ok ? file : std::string();
}

std::string quoted(const char* value) {
    std::string text = "'";
    for (const char* c = value; *c != '\0'; ++c) {
        if (*c == '\'' || *c == '\\') {
            text += '\\';
        }
        text += *c;
    }
    return text + "'";
}

/// Where the session is connected, as a conninfo string; libpq is asked, the server is not.
std::string conninfo_of(soci::session& session) {
    const PGconn* connection = session::native_connection(session);
    std::string text;
    const auto append = [&](const char* key, const char* value) {
        if (value != nullptr && *value != '\0') {
            text += (text.empty() ? "" : " ") + std::string(key) + "=" + quoted(value);
        }
    };
    append("host", PQhost(connection));
    append("port", PQport(connection));
    append("dbname", PQdb(connection));
    append("user", PQuser(connection));
    return text;
}

/// Engine and location of a connected session.
Endpoint described(soci::session& session) {
    try {
        if (!session.is_connected()) {
            fail(ErrorCode::usage, "The session is not connected.", "Open it before it is lent.");
        }
        const std::string engine = session.get_backend_name();
        Endpoint endpoint;
        if (engine == "sqlite3") {
            endpoint.engine = "sqlite";
            endpoint.location = file_of(session);
        } else if (engine == "postgresql") {
            endpoint = parse_endpoint("pg:" + conninfo_of(session), false);
        } else {
            fail(ErrorCode::unsupported, fmt::format("A SOCI session of {} cannot be migrated.", engine),
                 "Lend a session of sqlite3 or postgresql.");
        }
        return endpoint;
    } catch (const soci::soci_error& error) {
        fail(ErrorCode::usage, fmt::format("The session cannot be used: {}.", error.what()),
             "Lend a session that is connected and in no failed transaction.");
    }
}

}  // namespace

Endpoint endpoint_from(soci::session& session) {
    Endpoint endpoint = described(session);
    auto borrowed = std::make_shared<session::BorrowedSessions>();
    borrowed->engine = endpoint.engine;
    borrowed->session = &session;
    endpoint.borrowed = std::move(borrowed);
    return endpoint;
}

Endpoint endpoint_from(soci::connection_pool& pool, unsigned sessions) {
    if (sessions == 0) {
        fail(ErrorCode::usage, "No session of the pool may be used.", "Lend at least one.");
    }
    std::size_t position = 0;
    if (!pool.try_lease(position, k_pool_wait_ms)) {
        fail(ErrorCode::locked, "All sessions of the pool are in use.", "Give one back first.");
    }
    /// Gives the session back however this ends.
    struct Return {
        soci::connection_pool& pool;
        std::size_t position;
        ~Return() { pool.give_back(position); }
    } const back{pool, position};
    Endpoint endpoint = described(pool.at(position));
    auto borrowed = std::make_shared<session::BorrowedSessions>();
    borrowed->engine = endpoint.engine;
    borrowed->pool = &pool;
    borrowed->capacity = sessions;
    endpoint.borrowed = std::move(borrowed);
    return endpoint;
}

MIGRATE_NAMESPACE_END
