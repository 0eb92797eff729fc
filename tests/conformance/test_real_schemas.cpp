#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>

#include "conformance/application_tables.hpp"
#include "conformance/existing_fixture.hpp"
#include "support/run_command.hpp"
#include "support/shared_data.hpp"

/// The five largest schemas of the collection of real data, by columns over both engines, each data set once:
/// MyVideos107 (30 tables, 244 columns), Pagila (21, 123), Sakila in SQLite (16, 89), Northwind (13, 88),
/// Chinook (11, 64).
namespace {

using namespace migrate;
using namespace migrate::test;

struct RealSchema {
    std::string name;
    std::string engine;
    std::vector<std::string> files;  ///< Of the collection.
};

/// A source of its own for a test: the collection is only read.
struct Loaded {
    Endpoint endpoint;
    std::unique_ptr<PgDatabase> database;
    RealDatabase real;
};

/// psql reads what the scripts have beside SQL: COPY's rows. Statements that make another database are left
/// out.
void run_script(const PgDatabase& database, const std::string& script, const TemporaryDirectory& directory) {
    const std::string copy = directory.path("script.sql");
    run_tool({"sh", "-c", "grep -vE '^(DROP DATABASE|CREATE DATABASE|\\\\c )' \"$1\" > \"$2\"", "sh", script,
              copy});
    run_tool({"psql", "-X", "-q", "-o", "/dev/null", "-f", copy, database.conninfo()});
}

std::optional<Loaded> load_schema(const RealSchema& schema, const TemporaryDirectory& directory) {
    Loaded loaded;
    loaded.endpoint.engine = schema.engine;
    if (schema.engine == "postgresql") {
        loaded.database = make_pg_database();
        if (!loaded.database) {
            return std::nullopt;
        }
        loaded.endpoint.location = loaded.database->conninfo();
    }
    for (const std::string& file : schema.files) {
        const auto path = shared_data(file);
        if (!path) {
            return std::nullopt;
        }
        if (loaded.database) {
            run_script(*loaded.database, *path, directory);
        } else {
            loaded.endpoint.location = directory.path("source.db");
            std::filesystem::copy_file(*path, loaded.endpoint.location);
        }
    }
    if (loaded.database) {
        PgConnection connection = loaded.database->connect();
        loaded.real = read_real_postgresql(connection);
    } else {
        loaded.real = read_real_sqlite(loaded.endpoint.location);
    }
    return loaded;
}

using Rows = std::vector<std::string>;

Rows expected_rows(const Application& application, const AppTable& table, const RealTable& real) {
    Rows out;
    for (const auto& row : real.rows) {
        std::string& text = out.emplace_back();
        for (const AppColumn& column : table.columns) {
            text +=
                column.name + "=" +
                expected_value(application, column, real.columns[column.source].nature, row[column.source]) +
                "|";
        }
        text += "import|\\N|";
    }
    std::sort(out.begin(), out.end());
    return out;
}

std::string select(const AppTable& table) {
    std::string columns;
    for (const AppColumn& column : table.columns) {
        columns += sqlite_quote(column.name) + ", ";
    }
    return "SELECT " + columns + "x_loaded_by, x_checked FROM " + sqlite_quote(table.name);
}

Rows rows_in_postgresql(PgConnection& connection, const AppTable& table) {
    Rows out;
    for (const auto& row : connection.query(select(table))) {
        std::string& text = out.emplace_back();
        for (std::size_t c = 0; c < table.columns.size(); ++c) {
            text += table.columns[c].name + "=" + shown_value(table.columns[c], row[c]) + "|";
        }
        text += row[row.size() - 2].value_or("\\N") + "|" + row.back().value_or("\\N") + "|";
    }
    std::sort(out.begin(), out.end());
    return out;
}

Rows rows_in_sqlite(SqliteDatabase& database, const AppTable& table) {
    const std::map<SqliteValue::Class, std::string> k_classes{{SqliteValue::Class::null, "null"},
                                                              {SqliteValue::Class::integer, "integer"},
                                                              {SqliteValue::Class::real, "real"},
                                                              {SqliteValue::Class::text, "text"},
                                                              {SqliteValue::Class::blob, "blob"}};
    Rows out;
    SqliteStatement rows = database.prepare(select(table));
    while (rows.step()) {
        std::string& text = out.emplace_back();
        const int count = static_cast<int>(table.columns.size());
        for (int c = 0; c < count; ++c) {
            const SqliteValue value = rows.value(c);
            const AppColumn& column = table.columns[static_cast<std::size_t>(c)];
            RealValue plain;
            if (value.type == SqliteValue::Class::text || value.type == SqliteValue::Class::blob) {
                plain = value.bytes;
            } else if (value.type == SqliteValue::Class::real) {
                plain = shortest(value.real);
            } else if (value.type == SqliteValue::Class::integer) {
                plain = std::to_string(value.integer);
            }
            text += column.name + "=" + shown_value(column, plain, k_classes.at(value.type)) + "|";
        }
        text += rows.text(count).value_or("\\N") + "|" + rows.text(count + 1).value_or("\\N") + "|";
    }
    std::sort(out.begin(), out.end());
    return out;
}

/// The first row that is not as expected, both ways; empty where all are.
std::string first_difference(const Rows& expected, const Rows& shown) {
    const auto [e, s] = std::mismatch(expected.begin(), expected.end(), shown.begin(), shown.end());
    if (e == expected.end() && s == shown.end()) {
        return {};
    }
    return std::to_string(expected.size()) + " rows expected, " + std::to_string(shown.size()) +
           " there; expected\n" + (e == expected.end() ? "(nothing)" : *e) + "\nbut there is\n" +
           (s == shown.end() ? "(nothing)" : *s);
}

void check_rows(const Application& application, const RealDatabase& real, const Endpoint& target) {
    for (const AppTable& table : application.tables) {
        const RealTable& source = real.tables[table.source];
        const Rows expected = expected_rows(application, table, source);
        INFO(source.name);
        if (application.postgresql) {
            PgConnection connection(target.location);
            connection.exec("SET TimeZone = 'UTC'; SET DateStyle = ISO; SET extra_float_digits = 3");
            CHECK(first_difference(expected, rows_in_postgresql(connection, table)) == std::string());
        } else {
            SqliteDatabase database(target.location, true);
            CHECK(first_difference(expected, rows_in_sqlite(database, table)) == std::string());
        }
    }
}

/// The next row that the application adds gets a number of its own.
void check_numbers(const Application& application, const RealDatabase& real, ApplicationTarget& target) {
    for (const AppTable& table : application.tables) {
        const RealTable& source = real.tables[table.source];
        if (table.numbered.empty() || source.rows.empty()) {
            continue;
        }
        INFO(source.name);
        const std::string highest =
            target.value("SELECT max(" + sqlite_quote(table.numbered) + ") FROM " + sqlite_quote(table.name));
        std::string next;
        if (application.postgresql) {
            const std::string sequence =
                target.value("SELECT pg_get_serial_sequence('" + sqlite_quote(table.name) + "', '" +
                             table.numbered + "')");
            next = target.value("SELECT last_value + is_called::int FROM " + sequence);
        } else {
            next = target.value("SELECT seq + 1 FROM sqlite_sequence WHERE name = '" + table.name + "'");
        }
        REQUIRE_FALSE(next.empty());
        CHECK(std::stoll(next) > std::stoll(highest));
    }
}

PlanOptions load_options() {
    PlanOptions options;
    options.on_existing = ExistingTables::load;
    options.skip = {"views",     "triggers", "functions", "enums",      "domains",
                    "sequences", "indexes",  "comments",  "aggregates", "rules"};
    options.source_backup = SourceBackup::never;
    return options;
}

std::string said(const MigrationResult& result) {
    std::string out = result.failure + "\n";
    for (const Finding& finding : result.findings) {
        if (finding.severity != Severity::note) {
            out += std::string(to_string(finding.severity)) + " " + finding.code + " " + finding.object +
                   ": " + finding.message + "\n";
        }
    }
    return out + render_text(result.verification);
}

void check_load(const RealSchema& schema, const std::string& engine) {
    const TemporaryDirectory directory;
    const auto loaded = load_schema(schema, directory);
    const auto target = make_application_target(engine, directory);
    if (!loaded || !target) {
        return;
    }
    const Application application = design_application(loaded->real, engine);
    INFO(application.definition);
    target->exec(application.definition);
    const std::string before = target->everything();
    const MigrationResult result = migrate_into(loaded->endpoint, target->endpoint(), load_options());
    INFO(said(result));
    REQUIRE(result.exit_code() == 0);
    check_rows(application, loaded->real, target->endpoint());
    check_numbers(application, loaded->real, *target);
    CHECK(target->value("SELECT count(*) FROM app_log") ==
          target->value("SELECT count(*) FROM " + sqlite_quote(application.logged)));
    const RollbackResult back = CrossDatabaseMigrator(MigratorConfig{})
                                    .rollback_migration(result.id, {true, false}, target->endpoint());
    CHECK(back.exit_code() == 0);
    CHECK(target->everything() == before);
}

void check_loads(const RealSchema& schema) {
    for (const std::string engine : {"sqlite", "postgresql"}) {
        DYNAMIC_SECTION(schema.name << " into " << engine) {
            check_load(schema, engine);
        }
    }
}

}  // namespace

TEST_CASE("real schemas: MyVideos107 loads into an application's own tables, value by value",
          "[conformance][existing][real][slow]") {
    check_loads({"MyVideos107", "sqlite", {"sqlite/plaso/sqlite/MyVideos107.db"}});
}

TEST_CASE("real schemas: Pagila loads into an application's own tables, value by value",
          "[conformance][existing][real][slow]") {
    check_loads({"Pagila",
                 "postgresql",
                 {"postgres/sakila/postgres-sakila-schema.sql",
                  "postgres/sakila/postgres-sakila-insert-data-using-copy.sql"}});
}

TEST_CASE("real schemas: Sakila loads into an application's own tables, value by value",
          "[conformance][existing][real][slow]") {
    check_loads({"Sakila", "sqlite", {"sqlite/sakila/sakila.db"}});
}

TEST_CASE("real schemas: Northwind loads into an application's own tables, value by value",
          "[conformance][existing][real][slow]") {
    check_loads({"Northwind", "sqlite", {"sqlite/northwind/northwind.db"}});
}

TEST_CASE("real schemas: Chinook loads into an application's own tables, value by value",
          "[conformance][existing][real][slow]") {
    check_loads({"Chinook", "postgresql", {"postgres/chinook/Chinook_PostgreSql_SerialPKs.sql"}});
}
