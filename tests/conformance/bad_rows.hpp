#pragma once

#include <fstream>
#include <memory>
#include <string>

#include <migrate/migrator.hpp>

#include "support/pg.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// Migrations of rows that do not fit, into real engines.
namespace migrate::test {

/// A target that is thrown away: PostgreSQL or a SQLite file.
struct BadRowsTarget {
    explicit BadRowsTarget(const std::string& name) : engine(name) {
        if (engine == "postgresql") {
            server = make_pg_database();
            location = server ? server->conninfo() : "";
        } else {
            location = directory.path("target.db");
        }
    }

    [[nodiscard]] bool usable() const { return engine != "postgresql" || server != nullptr; }
    [[nodiscard]] Endpoint endpoint() const {
        Endpoint to;
        to.engine = engine;
        to.location = location;
        return to;
    }
    [[nodiscard]] std::string value(const std::string& sql) const {
        return server ? server->connect().value(sql) : SqliteDatabase(location, true).value(sql);
    }
    void execute(const std::string& sql) const {
        if (server) {
            server->connect().exec(sql);
        } else {
            SqliteDatabase(location).exec(sql);
        }
    }
    /// What the target has of a table, by its keys.
    [[nodiscard]] std::string keys(const std::string& table) const {
        return server ? value("SELECT coalesce(string_agg(id::text, ' ' ORDER BY id), '') FROM " + table)
                      : value("SELECT coalesce(group_concat(id, ' '), '') FROM (SELECT id FROM " + table +
                              " ORDER BY id)");
    }
    [[nodiscard]] std::string letters() const {
        return value(std::string("SELECT count(*) FROM ") +
                     (server ? "_migrate.dead_letter" : "_migrate_dead_letter"));
    }
    /// The sum of what the checkpoints of a table count.
    [[nodiscard]] std::string checkpointed(const std::string& table) const {
        return server ? value(
                            "SELECT sum(rows) || ' ' || sum(rejects) FROM _migrate.checkpoint WHERE "
                            "table_name = '" +
                            table + "'")
                      : value(
                            "SELECT sum(row_count) || ' ' || sum(rejects) FROM _migrate_checkpoint WHERE "
                            "table_name = '" +
                            table + "'");
    }
    [[nodiscard]] bool is_untouched() const {
        return server ? value(
                            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                            "WHERE "
                            "nspname = 'public' OR nspname LIKE '\\_migrate%'") == "0"
                      : !std::ifstream(location).good();
    }

    std::string engine;
    TemporaryDirectory directory;
    std::unique_ptr<PgDatabase> server;
    std::string location;
};

struct Policies {
    RejectHandling on_reject = RejectHandling::stop;
    OrphanHandling on_orphan = OrphanHandling::not_valid;
};

inline MigrationResult migrate_into(const BadRowsTarget& target, const Endpoint& from,
                                    const Policies& policies) {
    CrossDatabaseMigrator migrator{MigratorConfig{}};
    PlanOptions options;
    options.on_reject = policies.on_reject;
    options.on_orphan = policies.on_orphan;
    options.source_backup = SourceBackup::never;
    return migrator.execute_migration(migrator.plan_migration({from}, {target.endpoint()}, options));
}

inline MigrationResult migrate_sql(const BadRowsTarget& target, const std::string& sql,
                                   const Policies& policies) {
    const TemporaryDirectory directory;
    const std::string path = directory.path("source.db");
    SqliteDatabase(path).exec(sql);
    Endpoint from;
    from.engine = "sqlite";
    from.location = path;
    return migrate_into(target, from, policies);
}

}  // namespace migrate::test
