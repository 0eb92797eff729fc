#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>
#include <migrate/json_adapter.hpp>
#include <migrate/postgresql_adapter.hpp>
#include <migrate/sqlite_adapter.hpp>

#include "support/pg.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace migrate {
namespace {

namespace fs = std::filesystem;

constexpr const char* k_make_shop = R"(
    CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, photo BLOB);
    CREATE TABLE purchase (
        id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customer (id),
        price DECIMAL(10,2), weight REAL);
    CREATE INDEX purchase_customer ON purchase (customer);
    INSERT INTO customer VALUES (1, 'Ada', x'00ff'), (2, 'naïve ''quoted''', NULL);
    INSERT INTO purchase VALUES (10, 1, 19.99, 0.1), (11, 2, NULL, -0.0), (12, 1, 5, 1e300);
)";

std::string make_shop(const test::TemporaryDirectory& directory, const std::string& name = "shop.db") {
    test::SqliteDatabase(directory.path(name)).exec(k_make_shop);
    return directory.path(name);
}

using Rows = std::vector<std::vector<std::string>>;

/// Every value of the shop by plain calls.
Rows shop_rows(const std::string& path) {
    test::SqliteDatabase database(path, true);
    Rows rows;
    for (const char* sql : {"SELECT id, name, photo FROM customer ORDER BY id",
                            "SELECT id, customer, price, weight FROM purchase ORDER BY id"}) {
        auto statement = database.prepare(sql);
        while (statement.step()) {
            std::vector<std::string>& row = rows.emplace_back();
            for (int i = 0; i < statement.columns(); ++i) {
                row.push_back(statement.value(i).show());
            }
        }
    }
    return rows;
}

/// The result, which must have left nothing out.
MigrationResult import_all(MigrationAdapter& target, RowStream& rows) {
    MigrationResult result = target.import_data(rows);
    CAPTURE(render_text(result));
    CHECK(result.exit_code() == 0);
    return result;
}

template <typename Call>
ErrorCode code_of(const Call& call) {
    try {
        call();
    } catch (const Error& error) {
        CAPTURE(error.what());
        return error.code();
    }
    FAIL("no error was thrown");
    return ErrorCode::internal;
}

}  // namespace

TEST_CASE("adapters: rows go from one to the next and come back as they were", "[adapter][sqlite][json]") {
    const test::TemporaryDirectory directory;
    const std::string from = make_shop(directory);
    JsonAdapter json(directory.path("out/"));
    import_all(json, *SqliteAdapter(from).export_data());
    SqliteAdapter back(directory.path("100%?.db"));
    import_all(back, *json.export_data());
    CHECK(fs::exists(directory.path("100%?.db")));
    CHECK(shop_rows(directory.path("100%?.db")) == shop_rows(from));
}

TEST_CASE("adapters: PostgreSQL takes rows and gives them back", "[adapter][sqlite][postgresql]") {
    const auto database = test::make_pg_database();
    if (database == nullptr) {
        return;
    }
    const test::TemporaryDirectory directory;
    const std::string from = make_shop(directory);
    PostgresqlAdapter server(database->conninfo());
    import_all(server, *SqliteAdapter(from).export_data());
    CHECK(database->connect().value("SELECT count(*) FROM purchase") == "3");
    CHECK(server.validate_integrity().empty());
    SqliteAdapter back(directory.path("back.db"));
    import_all(back, *server.export_data());
    CHECK(shop_rows(directory.path("back.db")) == shop_rows(from));
    CHECK(code_of([&] { server.create_backup(directory.path("backup")); }) == ErrorCode::unsupported);
    CHECK(code_of([&] { server.import_data(*back.export_data()); }) == ErrorCode::refused);
}

TEST_CASE("adapters: only what is asked for is exported", "[adapter][sqlite]") {
    const test::TemporaryDirectory directory;
    SqliteAdapter shop(make_shop(directory));
    ExportOptions options;
    options.exclude = {"purch*"};
    options.limits.max_rows = 1;
    const auto rows = shop.export_data(options);
    REQUIRE(rows->schema().tables.size() == 1);
    CHECK(rows->schema().tables[0].name.name == "customer");
    const auto turn = rows->next_table();
    REQUIRE(turn);
    RowBatch batch = batch_for(rows->schema(), *turn);
    int batches = 0;
    while (rows->next(batch)) {
        CHECK(batch.row_count() == 1);
        ++batches;
    }
    CHECK(batches == 2);
    CHECK_FALSE(rows->next_table());
    CHECK(code_of([&] { rows->next(batch); }) == ErrorCode::usage);
}

TEST_CASE("adapters: an export sees one state while others write", "[adapter][sqlite]") {
    const test::TemporaryDirectory directory;
    const std::string path = make_shop(directory);
    test::SqliteDatabase(path).exec("PRAGMA journal_mode = WAL");
    SqliteAdapter shop(path);
    const auto rows = shop.export_data();
    test::SqliteDatabase(path).exec("DELETE FROM purchase; DELETE FROM customer");
    std::size_t count = 0;
    while (const auto turn = rows->next_table()) {
        RowBatch batch = batch_for(rows->schema(), *turn);
        while (rows->next(batch)) {
            count += batch.row_count();
        }
    }
    CHECK(count == 5);
}

TEST_CASE("adapters: a backup is the database again", "[adapter][sqlite][json]") {
    const test::TemporaryDirectory directory;
    const std::string path = make_shop(directory);
    SqliteAdapter shop(path);
    shop.create_backup(directory.path("backup.db"));
    CHECK(shop_rows(directory.path("backup.db")) == shop_rows(path));
    CHECK_THROWS_AS(shop.create_backup(directory.path("backup.db")), Error);

    JsonAdapter json(directory.path("out/"));
    json.import_data(*shop.export_data());
    json.create_backup(directory.path("copy"));
    SqliteAdapter again(directory.path("again.db"));
    again.import_data(*JsonAdapter(directory.path("copy/")).export_data());
    CHECK(shop_rows(directory.path("again.db")) == shop_rows(path));
}

TEST_CASE("adapters: violated keys are found", "[adapter][sqlite]") {
    const test::TemporaryDirectory directory;
    const std::string path = make_shop(directory);
    CHECK(SqliteAdapter(path).validate_integrity().empty());
    test::SqliteDatabase(path).exec("PRAGMA foreign_keys = OFF; INSERT INTO purchase VALUES (13, 99, 1, 1)");
    CHECK_FALSE(SqliteAdapter(path).validate_integrity().empty());
}

TEST_CASE("adapters: a target that cannot be written stays as it is", "[adapter][sqlite]") {
    const test::TemporaryDirectory directory;
    SqliteAdapter shop(make_shop(directory));
    CHECK(code_of([&] {
              SqliteAdapter(directory.path("no/such/dir.db")).import_data(*shop.export_data());
          }) == ErrorCode::not_found);
    CHECK(code_of([&] { SqliteAdapter(directory.path("absent.db")).export_data(); }) == ErrorCode::not_found);
    CHECK_FALSE(fs::exists(directory.path("absent.db")));
}

TEST_CASE("adapters: a password in a connection string is refused", "[adapter][postgresql][secret]") {
    for (const char* text : {"postgresql://u:hush@h/db", "host=h password=hush"}) {
        try {
            const PostgresqlAdapter adapter(text);
            FAIL("a password was taken: " << text);
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::usage);
            CHECK_THAT(std::string(error.what()) + error.facts().next_step, !Catch::Contains("hush"));
        }
    }
    CHECK(PostgresqlAdapter("postgresql://u@h/db?schema=a").endpoint().option("schema") == "a");
    CHECK(PostgresqlAdapter("host=h dbname=db").endpoint().location == "host=h dbname=db");
}

}  // namespace migrate
