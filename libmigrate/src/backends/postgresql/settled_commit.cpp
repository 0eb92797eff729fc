#include "backends/postgresql/settled_commit.hpp"

#include <chrono>
#include <optional>
#include <string_view>
#include <thread>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backends/postgresql/state_place.hpp"

namespace migrate::backends::postgresql {
namespace {

/// A server that crashed is up again after a moment: some 6 s in all, beside what is waited for the row's
/// lock each time.
constexpr int k_attempts = 6;
constexpr auto k_first_pause = std::chrono::milliseconds(100);

/// As the target has it once nobody else is at it; nullopt where it does not know the migration.
std::optional<std::string> settled_state(const SessionFactory& factory, const Outcome& outcome) {
    const auto session = factory.open();
    const auto rows = session->query(
        state::find_place(*session).sql("SELECT state FROM _migrate.migration WHERE id = $1 FOR UPDATE"),
        {outcome.migration}, outcome.doing);
    return rows.size() == 0 ? std::nullopt : std::optional(rows.text(0, 0));
}

[[noreturn]] void throw_unknown(const Outcome& outcome, const Error& why) {
    ErrorFacts facts{.code = ErrorCode::connection_lost, .backend = "postgresql"};
    facts.next_step = outcome.next_step;
    throw CommitUnknownError(
        facts, fmt::format("PostgreSQL: the connection was lost while {}, and the server cannot be asked "
                           "whether it was done: {}",
                           outcome.doing, why.what()));
}

bool was_committed(const SessionFactory& factory, const Outcome& outcome) {
    for (int attempt = 0;; ++attempt) {
        try {
            return settled_state(factory, outcome) == outcome.state;
        } catch (const Error& error) {
            const bool may_pass = error.retryable() || error.code() == ErrorCode::unreachable;
            if (!may_pass || attempt + 1 == k_attempts) {
                throw_unknown(outcome, error);
            }
        }
        std::this_thread::sleep_for(k_first_pause * (1U << static_cast<unsigned>(attempt)));
    }
}

}  // namespace

void commit_settled(session::PostgresqlSession& session, const SessionFactory& factory,
                    const Outcome& outcome) {
    try {
        const auto result = session.execute("COMMIT", outcome.doing);
        // A transaction that has failed ends with another word, and with no error.
        if (std::string_view(PQcmdStatus(result.get())) != "COMMIT") {
            throw Error(ErrorCode::internal,
                        fmt::format("PostgreSQL: {} has taken everything back.", outcome.doing));
        }
    } catch (const Error&) {
        if (session.alive() || !was_committed(factory, outcome)) {
            throw;
        }
    }
}

}  // namespace migrate::backends::postgresql
