#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/temporary_directory.hpp"

/// Migrations that are killed at a point of their code and then undone, in place of gone on with.
namespace migrate::test {

/// How a migration gets into its target.
struct RollbackMode {
    std::string name;
    std::string engine;
    std::string tables;                ///< SQL that makes what is there before; empty: nothing is.
    std::vector<std::string> options;  ///< Of the migration, besides.
    std::string place;                 ///< Of JSON: what the endpoint ends with.
};

/// Every engine with a new target, one with other tables, and tables that are replaced, added to and
/// overwritten, as far as the engine has it.
const std::vector<RollbackMode>& rollback_modes();

/// What a database holds, by plain driver calls: a line a thing, what it is before what it says. Rows,
/// definitions, sequences, and owners and privileges; or the bytes and modes of files.
using Contents = std::map<std::string, std::string>;

/// What differs, one line each.
std::string difference_of(const Contents& before, const Contents& now);

/// One migration into a target of a mode.
class RollbackTrial {
  public:
    RollbackTrial(const std::string& source, const RollbackMode& mode);

    [[nodiscard]] Contents contents() const;
    /// True where it was killed there.
    [[nodiscard]] bool migrate(const std::string& kill_at) const;
    /// Of the newest migration, as the index has it; empty if there is none.
    [[nodiscard]] std::string id() const;
    [[nodiscard]] CommandResult run(const std::vector<std::string>& arguments,
                                    const std::string& kill_at = {}) const;
    [[nodiscard]] const std::string& endpoint() const { return m_endpoint; }
    /// Where its commands keep what is temporary.
    [[nodiscard]] std::string temporary_directory() const { return m_directory.path("temporary"); }
    /// By a plain driver call. Requires: not JSON.
    void execute(const std::string& sql) const;
    /// What a migration has left in the target, or beside it, that a rollback should have taken away.
    [[nodiscard]] std::vector<std::string> leftovers() const;

  private:
    void make_target();
    [[nodiscard]] Contents sqlite_contents() const;
    [[nodiscard]] Contents postgresql_contents() const;
    [[nodiscard]] Contents file_contents() const;

    std::string m_source;
    const RollbackMode& m_mode;
    TemporaryDirectory m_directory;
    std::unique_ptr<PgDatabase> m_database;
    std::string m_endpoint;
    std::string m_path;  ///< Of a file or directory.
};

/// A SQLite file of three tables, 130 rows, in chunks of 20.
std::string make_rollback_source(const TemporaryDirectory& directory);

}  // namespace migrate::test
