#include "conformance/existing_fixture.hpp"

namespace migrate::test {
namespace {

template <class Rows>
std::string text_of(const Rows& rows) {
    std::string out;
    for (const auto& row : rows) {
        for (const auto& value : row) {
            out += value.value_or("(null)") + "|";
        }
        out += "\n";
    }
    return out;
}

class PgApplication final : public ApplicationTarget {
  public:
    explicit PgApplication(std::unique_ptr<PgDatabase> database)
        : m_database(std::move(database)), m_connection(m_database->connect()) {}

    [[nodiscard]] Endpoint endpoint() const override {
        Endpoint endpoint;
        endpoint.engine = "postgresql";
        endpoint.location = m_database->conninfo();
        return endpoint;
    }
    void exec(const std::string& sql) override { m_connection.exec(sql); }
    std::string value(const std::string& sql) override { return m_connection.value(sql); }

    std::string everything() override {
        std::string out = text_of(
            m_connection.query("SELECT n.nspname, c.relname, c.relkind, coalesce(c.relacl::text, ''), "
                               "pg_get_userbyid(c.relowner), coalesce(obj_description(c.oid, 'pg_class'), "
                               "''), CASE WHEN c.relkind "
                               "= 'v' THEN pg_get_viewdef(c.oid) WHEN c.relkind = 'i' THEN "
                               "pg_get_indexdef(c.oid) ELSE '' END FROM "
                               "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ "
                               "'^(pg_|_migrate|inform)' "
                               "ORDER BY 1, 2"));
        out += text_of(m_connection.query(
            "SELECT conrelid::regclass, conname, pg_get_constraintdef(c.oid) FROM pg_constraint c JOIN "
            "pg_namespace n ON n.oid = c.connamespace WHERE n.nspname !~ '^(pg_|_migrate|inform)' ORDER BY "
            "1::text, "
            "2"));
        out += text_of(m_connection.query(
            "SELECT attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, "
            "attgenerated, coalesce(attacl::text, ''), (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef "
            "WHERE "
            "adrelid = attrelid AND adnum = attnum) FROM pg_attribute a JOIN pg_class c ON c.oid = "
            "a.attrelid JOIN "
            "pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^(pg_|_migrate|inform)' AND attnum "
            "> 0 "
            "AND NOT attisdropped ORDER BY 1::text, attnum"));
        out +=
            text_of(m_connection.query("SELECT pg_get_triggerdef(oid), tgenabled FROM pg_trigger WHERE NOT "
                                       "tgisinternal ORDER BY 1"));
        for (const auto& row : m_connection.query(
                 "SELECT quote_ident(schemaname) || '.' || quote_ident(sequencename) FROM pg_sequences WHERE "
                 "schemaname !~ '^_migrate' ORDER BY 1")) {
            out += *row[0] + text_of(m_connection.query("SELECT last_value, is_called FROM " + *row[0]));
        }
        for (const auto& row : m_connection.query(
                 "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables "
                 "WHERE schemaname !~ '^(pg_|_migrate|inform)' ORDER BY 1")) {
            out += *row[0] + "\n" +
                   text_of(m_connection.query("SELECT r::text FROM " + *row[0] + " r ORDER BY 1"));
        }
        return out;
    }

  private:
    std::unique_ptr<PgDatabase> m_database;
    PgConnection m_connection;
};

class SqliteApplication final : public ApplicationTarget {
  public:
    explicit SqliteApplication(std::string path) : m_path(std::move(path)) {}

    [[nodiscard]] Endpoint endpoint() const override {
        Endpoint endpoint;
        endpoint.engine = "sqlite";
        endpoint.location = m_path;
        return endpoint;
    }
    void exec(const std::string& sql) override { SqliteDatabase(m_path).exec(sql); }
    std::string value(const std::string& sql) override { return SqliteDatabase(m_path).value(sql); }

    std::string everything() override {
        SqliteDatabase database(m_path);
        std::string out =
            text_of(database.query("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE "
                                   "'%\\_migrate\\_%' ESCAPE '\\' ORDER BY type, name"));
        for (const auto& row :
             database.query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT "
                            "LIKE '\\_migrate\\_%' ESCAPE '\\' ORDER BY name")) {
            const std::string name = sqlite_quote(*row[0]);
            std::string columns;
            for (const auto& column :
                 database.query("SELECT name FROM pragma_table_xinfo('" + *row[0] + "')")) {
                columns +=
                    ", typeof(" + sqlite_quote(*column[0]) + "), quote(" + sqlite_quote(*column[0]) + ")";
            }
            out += *row[0] + "\n" +
                   text_of(database.query("SELECT 1" + columns + " FROM " + name + " ORDER BY 3"));
        }
        return out;
    }

  private:
    std::string m_path;
};

}  // namespace

std::unique_ptr<ApplicationTarget> make_application_target(const std::string& engine,
                                                           const TemporaryDirectory& directory) {
    if (engine == "sqlite") {
        return std::make_unique<SqliteApplication>(directory.path("application.db"));
    }
    auto database = make_pg_database();
    return database ? std::make_unique<PgApplication>(std::move(database)) : nullptr;
}

Endpoint source_file(const TemporaryDirectory& directory, const std::string& sql) {
    Endpoint endpoint;
    endpoint.engine = "sqlite";
    endpoint.location = directory.path("source.db");
    SqliteDatabase(endpoint.location).exec(sql);
    return endpoint;
}

MigrationResult migrate_into(const Endpoint& from, const Endpoint& to, const PlanOptions& options) {
    CrossDatabaseMigrator migrator{MigratorConfig{}};
    return migrator.execute_migration(migrator.plan_migration({from}, {to}, options));
}

}  // namespace migrate::test
