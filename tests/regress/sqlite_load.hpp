#pragma once

#include <optional>
#include <string>

#include <migrate/error.hpp>
#include <migrate/migrator.hpp>

#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test {

/// A SQLite database whose rows go into the tables of another, by the library's own facade; looked at by
/// plain driver calls.
class SqliteLoad {
  public:
    /// `into` empty: the target is not there yet.
    SqliteLoad(const std::string& from, const std::string& into) {
        options.source_backup = SourceBackup::never;
        options.on_existing = into.empty() ? ExistingTables::refuse : ExistingTables::load;
        SqliteDatabase(source()).exec(from);
        if (!into.empty()) {
            SqliteDatabase(target()).exec(into);
        }
    }

    MigrationResult run() {
        return m_migrator.execute_migration(
            m_migrator.plan_migration({file(source())}, {file(target())}, options));
    }
    MigrationResult run(ConflictHandling policy) {
        options.on_conflict = policy;
        return run();
    }
    /// Up to the cutover; the migration's id.
    std::string stage() {
        MigrationOptions until;
        until.cut_over = false;
        return m_migrator
            .execute_migration(m_migrator.plan_migration({file(source())}, {file(target())}, options), until)
            .id;
    }
    /// What is in the way of it, if anything is.
    std::optional<ErrorCode> cut_over(const std::string& id) {
        try {
            return m_migrator.cutover(id, file(target())).error;
        } catch (const Error& error) {
            return error.code();
        }
    }
    [[nodiscard]] RollbackResult roll_back(const std::string& id) const {
        return CrossDatabaseMigrator(MigratorConfig{}).rollback_migration(id, {true, false}, file(target()));
    }

    /// Every row of the query, "a|b;a|b"; NULL is "-".
    [[nodiscard]] std::string rows(const std::string& sql) const {
        std::string out;
        for (const auto& row : SqliteDatabase(target()).query(sql)) {
            out += out.empty() ? "" : ";";
            for (std::size_t i = 0; i < row.size(); ++i) {
                out += (i == 0 ? "" : "|") + row[i].value_or("-");
            }
        }
        return out;
    }
    /// Whether the rollback says and is so: every row of the query is as before.
    [[nodiscard]] bool comes_back(const std::string& id, const std::string& sql,
                                  const std::string& before) const {
        const RollbackResult result = roll_back(id);
        return result.exit_code() == 0 && rows(sql) == before;
    }

    [[nodiscard]] std::string source() const { return m_directory.path("from.db"); }
    [[nodiscard]] std::string target() const { return m_directory.path("to.db"); }
    [[nodiscard]] static Endpoint file(const std::string& path) {
        Endpoint endpoint;
        endpoint.engine = "sqlite";
        endpoint.location = path;
        return endpoint;
    }

    PlanOptions options;

  private:
    TemporaryDirectory m_directory;
    CrossDatabaseMigrator m_migrator{MigratorConfig{}};
};

}  // namespace migrate::test
