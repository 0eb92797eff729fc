#include "state/state_schema.hpp"

#include <array>
#include <string>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "session/sqlite_session.hpp"
#include "state/sql/version_1.sql.hpp"
#include "state/sql/version_2.sql.hpp"
#include "state/sql/version_3.sql.hpp"
#include "util/printable.hpp"

namespace migrate::state {
namespace {

/// The version of the file, 0 for an empty one. Throws where it is not an index that this library can use.
std::size_t checked_version(session::SqliteSession& session, std::size_t last) {
    const auto version = session.query_integer("PRAGMA user_version", "read the version of");
    const auto application = session.query_integer("PRAGMA application_id", "read the kind of");
    const bool empty = version == 0 && application == 0 &&
                       session.query_integer("SELECT count(*) FROM sqlite_schema", "read the tables of") == 0;
    ErrorFacts facts{.code = ErrorCode::refused, .backend = "sqlite"};
    if (!empty && application != k_application_id) {
        facts.next_step = "Name another file for the index of migrations (--state).";
        throw Error(facts, fmt::format("{} is a SQLite database, but no index of migrations.",
                                       util::printable(session.path())));
    }
    if (version < 0 || static_cast<std::size_t>(version) > last) {
        facts.code = ErrorCode::unsupported;
        facts.next_step = "Use the newer version of this tool, or name another file (--state).";
        throw Error(facts, fmt::format("The index of migrations {} is of version {}; this library knows {}.",
                                       util::printable(session.path()), version, last));
    }
    return static_cast<std::size_t>(version);
}

class ReadTransaction {
  public:
    explicit ReadTransaction(session::SqliteSession& session) : m_session(session) {
        m_session.execute("BEGIN", "read");
    }
    ~ReadTransaction() {
        try {
            m_session.execute("ROLLBACK", "read");
        } catch (const Error&) {
            // SQLite has ended the transaction itself, as it does after an I/O error.
        }
    }
    ReadTransaction(const ReadTransaction&) = delete;
    ReadTransaction& operator=(const ReadTransaction&) = delete;

  private:
    session::SqliteSession& m_session;
};

}  // namespace

std::span<const std::string_view> schema_versions() {
    static constexpr std::array versions{sql::version_1, sql::version_2, sql::version_3};
    return versions;
}

bool is_current(session::SqliteSession& session, std::span<const std::string_view> versions) {
    // One transaction: another command may be making the tables just now.
    const ReadTransaction transaction(session);
    return checked_version(session, versions.size()) == versions.size();
}

void upgrade_schema(session::SqliteSession& session, std::span<const std::string_view> versions) {
    session.execute("BEGIN IMMEDIATE", "upgrade");
    try {
        // Looked at under the lock: another command may have upgraded the file since.
        for (std::size_t i = checked_version(session, versions.size()); i < versions.size(); ++i) {
            session.execute(std::string(versions[i]), "upgrade");
        }
        session.execute(fmt::format("PRAGMA application_id={}; PRAGMA user_version={}; COMMIT",
                                    k_application_id, versions.size()),
                        "upgrade");
    } catch (...) {
        if (session.in_transaction()) {
            session.execute("ROLLBACK", "undo the upgrade of");
        }
        throw;
    }
}

}  // namespace migrate::state
