#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <migrate/endpoint.hpp>
#include <migrate/event.hpp>
#include <migrate/migration_result.hpp>

#include "state/run_history.hpp"

namespace migrate::session {
class SqliteSession;
}

namespace migrate::state {

/// Both sides of a recorded migration, as they were given. A borrowed session is not recorded: such an
/// endpoint has to be given again.
struct RecordedEndpoints {
    Endpoint from;
    Endpoint to;
};

struct StateOptions {
    std::chrono::milliseconds busy_timeout{5000};  ///< How long to wait for another command's write.
    std::function<std::chrono::system_clock::time_point()> clock;  ///< Empty = the system's.
};

/// The index of migrations, their events and plans: one SQLite file, shared by every command of a user. It
/// can be deleted at any time, since targets hold what a migration needs; then only `history` forgets.
///
/// Nothing is created before the first record_…: on a file that does not exist reading finds nothing. The
/// directory is made with mode 0700 and the file with 0600. Every record is one transaction, so several
/// commands may write at once. Holds no secrets: Endpoint has none, and texts are redacted on their way in.
/// Not thread-safe.
///
/// Throws, from every call: Error{permission, io, corrupt, transient} of the file, Error{unsupported} for one
/// that a later version of this library has written.
class StateStore {
  public:
    /// Opens nothing yet. Requires: path is not empty.
    explicit StateStore(std::string path, StateOptions options = {});
    ~StateStore();
    StateStore(StateStore&&) noexcept;
    StateStore& operator=(StateStore&&) noexcept;

    /// A migration that begins: id, state, from, to and started_at of the record (now, where that is empty).
    /// A second start of the same id (a resume) keeps its events and replaces the rest.
    void record_start(const MigrationRecord& record, const std::string& plan_json,
                      const RecordedEndpoints& endpoints);
    /// One that this store did not start is gone on with, for its last step: it is the newest from then on.
    void record_taken_up(const std::string& id);
    /// Of a migration that this store has started, these three write nothing any more once another run has
    /// gone on with it: how it ends is the other's to say. Requires: the migration was recorded.
    void record_event(const std::string& id, Phase phase, const std::string& text);
    void record_state(const std::string& id, MigrationState state);
    /// Rows: as committed. Sets finished_at to now.
    void record_end(const std::string& id, MigrationState state, int exit_code, std::uint64_t rows,
                    const std::string& message);

    /// How a migration that ended well went, for estimates. Requires: it was recorded.
    void record_run(const std::string& id, const RunKind& kind, const plan::PastRun& run,
                    std::chrono::milliseconds estimated);
    /// The newest runs of the kind, newest first. Writes nothing: none where the file is of an older version.
    [[nodiscard]] std::vector<plan::PastRun> past_runs(const RunKind& kind) const;

    /// The one that was begun or gone on with last comes first, whatever the clock said. Without events.
    [[nodiscard]] std::vector<MigrationRecord> list() const;
    /// One migration with its events, by its id or the beginning of it. Throws: Error{not_found};
    /// Error{usage} where several ids begin so.
    [[nodiscard]] MigrationRecord find(const std::string& id_or_prefix) const;
    /// The whole id for its beginning; throws as find.
    [[nodiscard]] std::string resolve(const std::string& id_or_prefix) const;
    /// Throws: as find.
    [[nodiscard]] std::string plan_json(const std::string& id_or_prefix) const;
    [[nodiscard]] RecordedEndpoints endpoints(const std::string& id_or_prefix) const;

    [[nodiscard]] const std::string& path() const noexcept { return m_path; }

  private:
    session::SqliteSession& open() const;
    /// Null where there is no file, or one in which nothing was recorded yet.
    session::SqliteSession* reading() const;
    session::SqliteSession& writing();
    [[nodiscard]] bool is_superseded(const std::string& id) const;
    [[nodiscard]] std::string now() const;

    std::string m_path;
    StateOptions m_options;
    mutable std::unique_ptr<session::SqliteSession> m_session;
    mutable bool m_current = false;                 ///< The file is of the last version.
    std::map<std::string, std::int64_t> m_started;  ///< Migrations, and the numbers they were started under.
};

}  // namespace migrate::state
