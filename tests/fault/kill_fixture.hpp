#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/temporary_directory.hpp"

/// Migrations that are killed at a point of their code and taken up again.
namespace migrate::test {

/// In every title of a book: no output may have it, and no file but the data artefacts made for rows.
inline constexpr const char* k_canary_row = "canary-4Hw9-of-a-row";
/// What the commands are given for a password: no output, file or list of processes may have it.
inline constexpr const char* k_canary_password = "canary-Zt31-of-a-password";

/// A source with several tables, each of several chunks: keys, references, indexes, rows of every size, a
/// table without a key. Made once for all the runs from it.
class KillSource {
  public:
    /// Null (with a warning in the test's output) where the engine has no server to run against.
    /// `scale` is how many times its rows, and those of a chunk, are more than usual.
    static std::unique_ptr<KillSource> make(const std::string& engine, unsigned scale = 1);

    /// As the command and compare_databases take it.
    [[nodiscard]] const std::string& endpoint() const { return m_endpoint; }
    [[nodiscard]] std::uint64_t rows() const { return m_changed ? 1015 : std::uint64_t{1050} * m_scale; }
    [[nodiscard]] unsigned chunk_rows() const { return 100 * m_scale; }
    /// Inserts, updates and deletes rows, in all tables, by plain driver calls, once. A directory of JSON is
    /// written anew. Requires: a scale of 1.
    void change();
    /// Runs a statement in it, likewise. Requires: not JSON.
    void execute(const std::string& sql) const;

  private:
    TemporaryDirectory m_directory;
    std::unique_ptr<PgDatabase> m_database;
    std::string m_endpoint;
    unsigned m_scale = 1;
    bool m_changed = false;
};

/// A target in which other data may be already, and the state of the commands that write to it.
class KillTarget {
  public:
    KillTarget(const std::string& engine, bool with_other_data);

    [[nodiscard]] const std::string& endpoint() const { return m_endpoint; }
    /// Runs the command; where `kill_at` is not empty, it is killed there, and where `kill_after` is not 0,
    /// after so long if it still runs. Requires that neither canary is in what it says or keeps of itself.
    [[nodiscard]] CommandResult run(const std::vector<std::string>& arguments,
                                    const std::string& kill_at = {},
                                    std::chrono::milliseconds kill_after = {}) const;
    /// Runs it by another program, which gets it as its last arguments.
    [[nodiscard]] CommandResult run_wrapped(const std::vector<std::string>& arguments,
                                            const std::vector<std::string>& wrapper) const;
    /// All that it has on disk, the state of its commands included.
    [[nodiscard]] std::string directory() const { return m_directory.path(); }
    /// The id of the newest migration that is done, as the index has it; empty if there is none.
    [[nodiscard]] std::string newest_done() const;
    /// Runs a statement in the target's database, by a plain driver call.
    void execute(const std::string& sql) const;
    /// The one value of a query's one row, likewise. Requires: not JSON.
    [[nodiscard]] std::string value(const std::string& sql) const;
    /// What beside the target, or in it, is left of a migration that is over.
    [[nodiscard]] std::vector<std::string> leftovers() const;
    /// The tables that others see, by plain driver calls or names of files.
    [[nodiscard]] std::size_t visible_tables() const;
    /// How many backups its commands have made.
    [[nodiscard]] std::size_t backups() const;
    /// Requires that neither canary is in what the target keeps of migrations beside rows.
    void require_quiet_records() const;
    /// The index of migrations that its commands keep.
    [[nodiscard]] std::string state_file() const { return m_directory.path("state/migrate/state.db"); }
    /// The file that says who migrates into the target. Requires: not PostgreSQL.
    [[nodiscard]] std::string lock_file() const;

  private:
    void require_quiet(const CommandResult& result) const;

    std::string m_engine;
    TemporaryDirectory m_directory;
    std::unique_ptr<PgDatabase> m_database;
    std::string m_endpoint;
};

}  // namespace migrate::test
