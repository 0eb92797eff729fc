#pragma once

#include <string>
#include <vector>

#include <migrate/migrator.hpp>

#include "support/compare_databases.hpp"
#include "support/pg.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test {

/// A SQLite database that goes to another engine and comes back, by the library's own facade.
class SqliteThereAndBack {
  public:
    SqliteThereAndBack(const std::string& sql, const std::string& through) {
        SqliteDatabase(m_directory.path("first.db")).exec(sql);
        Endpoint middle;
        middle.engine = through;
        if (through == "postgresql") {
            m_server = std::make_unique<PgDatabase>();
            middle.location = m_server->conninfo();
        } else {
            middle.location = m_directory.path(through == "json" ? "middle.d/" : "middle.db");
        }
        there = migrate(file("first.db"), middle);
        back = migrate(middle, file("last.db"));
    }

    [[nodiscard]] std::vector<std::string> differences() const {
        return compare_databases("sqlite:" + m_directory.path("first.db"),
                                 "sqlite:" + m_directory.path("last.db"))
            .differences;
    }
    /// Null unless the way led through PostgreSQL.
    [[nodiscard]] const PgDatabase* server() const { return m_server.get(); }

    MigrationResult there;
    MigrationResult back;

  private:
    [[nodiscard]] Endpoint file(const std::string& name) const {
        Endpoint endpoint;
        endpoint.engine = "sqlite";
        endpoint.location = m_directory.path(name);
        return endpoint;
    }

    static MigrationResult migrate(const Endpoint& from, const Endpoint& to) {
        CrossDatabaseMigrator migrator{MigratorConfig{}};
        PlanOptions options;
        options.source_backup = SourceBackup::never;
        return migrator.execute_migration(migrator.plan_migration({from}, {to}, options));
    }

    TemporaryDirectory m_directory;
    std::unique_ptr<PgDatabase> m_server;
};

}  // namespace migrate::test
