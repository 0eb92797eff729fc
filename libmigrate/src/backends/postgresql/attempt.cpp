#include "backends/postgresql/attempt.hpp"

#include <migrate/error.hpp>

#include "backends/postgresql/identifier.hpp"

namespace migrate::backends::postgresql {

std::optional<std::string> attempt(session::PostgresqlSession& session, const std::string& sql,
                                   const std::string& object, const std::string& role) {
    session.execute("SAVEPOINT extra" + (role.empty() ? "" : "; SET LOCAL ROLE " + quote_identifier(role)),
                    "beginning " + object);
    try {
        session.execute_one(sql, "creating " + object);
        session.execute(role.empty() ? "RELEASE SAVEPOINT extra" : "RESET ROLE; RELEASE SAVEPOINT extra",
                        "creating " + object);
        return std::nullopt;
    } catch (const Error& error) {
        if (!session.alive() || error.retryable() || error.code() == ErrorCode::cancelled) {
            throw;
        }
        session.execute("ROLLBACK TO SAVEPOINT extra", "giving up on " + object);
        return error.what();
    }
}

}  // namespace migrate::backends::postgresql
