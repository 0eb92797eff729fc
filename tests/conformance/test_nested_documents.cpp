// Databases that never were JSON, written as documents nested by their foreign keys, and back: compared by
// plain driver calls.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include <migrate/migrator.hpp>

#include "support/compare_databases.hpp"
#include "support/pg.hpp"
#include "support/shared_data.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

using namespace migrate;
using namespace migrate::test;
namespace fs = std::filesystem;

namespace {

std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
}

using Options = std::map<std::string, std::string>;

Endpoint documents(const std::string& path, Options options = {}) {
    Endpoint endpoint = parse_endpoint("json:" + path, true);
    options.emplace("layout", "documents");
    endpoint.options = std::move(options);
    return endpoint;
}

MigrationResult move(const Endpoint& from, const Endpoint& to, PlanOptions options = {}) {
    CrossDatabaseMigrator migrator{MigratorConfig{}};
    options.source_backup = SourceBackup::never;
    return migrator.execute_migration(migrator.plan_migration({from}, {to}, options), {});
}

void require_moved(const Endpoint& from, const Endpoint& to) {
    const MigrationResult result = move(from, to);
    INFO(result.failure);
    REQUIRE(result.state == MigrationState::done);
    REQUIRE(result.verification.equal());
}

void require_equal(const std::string& left, const std::string& right) {
    const CompareResult result = compare_databases(left, right);
    std::string text;
    for (const std::string& line : result.differences) {
        text += line + "\n";
    }
    INFO(text);
    CHECK(result.equal());
    CHECK(result.tables > 0);
}

std::vector<std::string> files_of(const std::string& directory) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory)) {
        names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// A file to documents and back to a file; the same again gives the same bytes.
void go_and_return_sqlite(const std::string& path, const TemporaryDirectory& directory) {
    require_moved(parse_endpoint("sqlite:" + path, false), documents(directory.path("out/")));
    require_moved(parse_endpoint("json:" + directory.path("out"), false),
                  parse_endpoint("sqlite:" + directory.path("back.db"), true));
    require_equal("sqlite:" + path, "sqlite:" + directory.path("back.db"));
    require_moved(parse_endpoint("sqlite:" + path, false), documents(directory.path("again/")));
    CHECK(files_of(directory.path("out")) == files_of(directory.path("again")));
    for (const std::string& name : files_of(directory.path("out"))) {
        if (name != "manifest.json") {
            CHECK(content(directory.path("out/" + name)) == content(directory.path("again/" + name)));
        }
    }
}

/// The same through a server: out of it into documents and back into another database.
void go_and_return_pg(const PgDatabase& from, const TemporaryDirectory& directory) {
    const auto back = make_pg_database();
    require_moved(parse_endpoint("pg:" + from.conninfo(), false), documents(directory.path("pg-out/")));
    require_moved(parse_endpoint("json:" + directory.path("pg-out"), false),
                  parse_endpoint("pg:" + back->conninfo(), true));
    require_equal("pg:" + from.conninfo(), "pg:" + back->conninfo());
}

const char* const k_music =
    "CREATE TABLE artist (id INTEGER PRIMARY KEY, name TEXT);"
    "CREATE TABLE album (id INTEGER PRIMARY KEY, artist INTEGER REFERENCES artist (id), title TEXT NOT NULL);"
    "CREATE TABLE genre (id INTEGER PRIMARY KEY, name TEXT);"
    "CREATE TABLE track (album INTEGER NOT NULL, disc INTEGER NOT NULL, no INTEGER NOT NULL, name TEXT,"
    " genre INTEGER REFERENCES genre (id), price DECIMAL(8,2), PRIMARY KEY (album, disc, no),"
    " FOREIGN KEY (album) REFERENCES album (id));"
    "CREATE TABLE take (id INTEGER PRIMARY KEY, album INTEGER, disc INTEGER, no INTEGER, note TEXT,"
    " FOREIGN KEY (album, disc, no) REFERENCES track (album, disc, no) ON DELETE CASCADE);"
    "CREATE TABLE playlist (id INTEGER PRIMARY KEY, name TEXT);"
    "CREATE TABLE playlist_track (playlist INTEGER REFERENCES playlist (id), album INTEGER, disc INTEGER,"
    " no INTEGER, PRIMARY KEY (playlist, album, disc, no),"
    " FOREIGN KEY (album, disc, no) REFERENCES track (album, disc, no));"
    "CREATE TABLE employee (id INTEGER PRIMARY KEY, boss INTEGER REFERENCES employee (id), name TEXT);"
    "CREATE TABLE log (line TEXT, artist INTEGER REFERENCES artist (id))";

const char* const k_music_rows =
    "INSERT INTO artist VALUES (10,'Ten'),(9,NULL),(2,'');"
    "INSERT INTO album VALUES (1,10,'A'),(2,NULL,'Sampler'),(3,10,'B');"
    "INSERT INTO genre VALUES (1,'Rock');"
    "INSERT INTO track VALUES (1,1,2,'two',1,9.95),(1,1,1,'one',NULL,10.10),(2,1,1,'s',1,NULL);"
    "INSERT INTO take VALUES (5,1,1,2,'x'),(6,1,NULL,2,'half'),(7,2,1,1,NULL),(4,1,1,2,'y');"
    "INSERT INTO playlist VALUES (1,'p'),(2,'q');"
    "INSERT INTO playlist_track VALUES (1,1,1,2),(1,2,1,1),(2,1,1,2);"
    "INSERT INTO employee VALUES (1,NULL,'a'),(2,1,'b'),(3,2,'c');"
    "INSERT INTO log VALUES ('b',9),('a',9),('a',9),('c',NULL)";

}  // namespace

TEST_CASE("nested documents: rows stand in the rows they refer to, and come back as tables",
          "[nested-documents]") {
    const TemporaryDirectory directory;
    SqliteDatabase(directory.path("a.db")).exec(std::string(k_music) + ";" + k_music_rows);
    go_and_return_sqlite(directory.path("a.db"), directory);
    CHECK(files_of(directory.path("out")) ==
          std::vector<std::string>{"album.json", "artist.json", "employee.json", "genre.json", "log.json",
                                   "manifest.json", "playlist.json", "take.json"});
    CHECK(
        content(directory.path("out/artist.json")) ==
        "[\n"
        R"({"id":2,"name":"","album":[],"log":[]},)"
        "\n"
        R"({"id":9,"name":null,"album":[],"log":[{"line":"a"},{"line":"a"},{"line":"b"}]},)"
        "\n"
        R"({"id":10,"name":"Ten","album":[{"id":1,"title":"A","track":[)"
        R"({"disc":1,"no":1,"name":"one","genre":null,"price":10.10,"take":[]},)"
        R"({"disc":1,"no":2,"name":"two","genre":1,"price":9.95,"take":[{"id":4,"note":"y"},{"id":5,"note":"x"}]}]},)"
        R"({"id":3,"title":"B","track":[]}],"log":[]})"
        "\n]\n");
    // What refers to nothing is a document of its own, with what stands in it.
    CHECK(content(directory.path("out/album.json")) ==
          "[\n"
          R"({"id":2,"artist":null,"title":"Sampler","track":[)"
          R"({"disc":1,"no":1,"name":"s","genre":1,"price":null,"take":[{"id":7,"note":null}]}]})"
          "\n]\n");
    CHECK(content(directory.path("out/take.json")) ==
          "[\n"
          R"({"id":6,"album":1,"disc":null,"no":2,"note":"half"})"
          "\n]\n");
    CHECK(content(directory.path("out/log.json")) ==
          "[\n"
          R"({"line":"c","artist":null})"
          "\n]\n");
    CHECK(content(directory.path("out/playlist.json")) ==
          "[\n"
          R"({"id":1,"name":"p","playlist_track":[{"album":1,"disc":1,"no":2},{"album":2,"disc":1,"no":1}]},)"
          "\n"
          R"({"id":2,"name":"q","playlist_track":[{"album":1,"disc":1,"no":2}]})"
          "\n]\n");
    CHECK(content(directory.path("out/employee.json")).find(R"("boss":2)") != std::string::npos);
}

TEST_CASE("nested documents: PostgreSQL's tables come back as they were", "[nested-documents][postgresql]") {
    const auto server = make_pg_database();
    if (!server) {
        return;
    }
    const TemporaryDirectory directory;
    server->connect().exec(std::string(k_music) + ";" + k_music_rows);
    server->connect().exec(
        "CREATE SCHEMA s; CREATE TABLE s.customer (id uuid PRIMARY KEY, code varchar(8) UNIQUE);"
        "CREATE TABLE s.\"Order\" (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, customer uuid NOT "
        "NULL REFERENCES s.customer, at timestamptz, tags text[], data jsonb);"
        "CREATE TABLE line (o bigint REFERENCES s.\"Order\" ON DELETE CASCADE, n smallint, amount "
        "numeric(10,2), PRIMARY KEY (o, n));"
        "CREATE TABLE note (code varchar(8) REFERENCES s.customer (code), body text);"
        "INSERT INTO s.customer VALUES ('00000000-0000-0000-0000-000000000001', 'a'), "
        "('00000000-0000-0000-0000-000000000002', NULL);"
        "INSERT INTO s.\"Order\" (customer, at, tags, data) VALUES ('00000000-0000-0000-0000-000000000001', "
        "'2024-02-29 12:00+01', '{a,NULL}', '{\"b\": [1.50]}');"
        "INSERT INTO line VALUES (1, 2, 10.10), (1, 1, NULL); INSERT INTO note VALUES ('a', 'x'), (NULL, "
        "'y')");
    go_and_return_pg(*server, directory);
    const std::string customers = content(directory.path("pg-out/s.customer.json"));
    CHECK(customers.find(R"("line":[{"n":1,"amount":null},{"n":2,"amount":10.10}])") != std::string::npos);
    CHECK(customers.find(R"("note":[{"body":"x"}])") != std::string::npos);
}

TEST_CASE("nested documents: cycles, keys of text that only look equal, and names that meet",
          "[nested-documents]") {
    const TemporaryDirectory directory;
    SqliteDatabase(directory.path("a.db"))
        .exec(
            "CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES b (id), manifest TEXT);"
            "CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id));"
            "CREATE TABLE word (w TEXT COLLATE NOCASE PRIMARY KEY);"
            "CREATE TABLE use (w TEXT COLLATE NOCASE REFERENCES word (w), n INTEGER);"
            "CREATE TABLE manifest (id INTEGER PRIMARY KEY);"
            "CREATE TABLE \"Manifest x\" (id INTEGER PRIMARY KEY, \"\" INTEGER REFERENCES manifest (id));"
            "INSERT INTO a VALUES (1,1,'x'),(2,NULL,NULL),(3,2,''); INSERT INTO b VALUES "
            "(1,2),(2,1),(3,NULL);"
            "INSERT INTO word VALUES ('Abc'),('x\"y'); INSERT INTO use VALUES ('abc',1),('Abc',2),('x\"y',3);"
            "INSERT INTO manifest VALUES (7); INSERT INTO \"Manifest x\" VALUES (1,7),(2,NULL)");
    go_and_return_sqlite(directory.path("a.db"), directory);
    CHECK(content(directory.path("out/use.json")) ==
          "[\n"
          R"({"w":"abc","n":1})"
          "\n]\n");
}

TEST_CASE("nested documents: an empty database and one without keys", "[nested-documents]") {
    const TemporaryDirectory directory;
    SqliteDatabase(directory.path("a.db"))
        .exec(
            "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p INTEGER REFERENCES p (id));"
            "CREATE TABLE plain (x BLOB, y)");
    go_and_return_sqlite(directory.path("a.db"), directory);
    CHECK(content(directory.path("out/p.json")) == "[]\n");
    CHECK(files_of(directory.path("out")) ==
          std::vector<std::string>{"manifest.json", "p.json", "plain.json"});
}

TEST_CASE("nested documents: what was edited is read, and what makes no sense is refused",
          "[nested-documents]") {
    const TemporaryDirectory directory;
    SqliteDatabase(directory.path("a.db")).exec(std::string(k_music) + ";" + k_music_rows);
    require_moved(parse_endpoint("sqlite:" + directory.path("a.db"), false),
                  documents(directory.path("out/")));
    const auto read_with = [&](const std::string& text) {
        std::ofstream(directory.path("out/artist.json"), std::ios::trunc) << text;
        fs::remove(directory.path("b.db"));
        return move(parse_endpoint("json:" + directory.path("out"), false),
                    parse_endpoint("sqlite:" + directory.path("b.db"), true));
    };
    // A new album, its members in another order; an artist's number is another.
    const MigrationResult edited = read_with(
        R"([{"album":[{"title":"N","id":8},{"id":1,"title":"A","track":[{"disc":1,"no":2},{"no":1,"disc":1}]}],"id":77}])");
    INFO(edited.failure);
    REQUIRE(edited.state == MigrationState::done);
    SqliteDatabase database(directory.path("b.db"));
    CHECK(database.value("SELECT group_concat(id || ':' || artist || ':' || title, ' ') FROM (SELECT * FROM "
                         "album ORDER BY id)") == "1:77:A 8:77:N");
    CHECK(database.value("SELECT count(*) FROM track WHERE album = 1") == "2");
    for (const char* text :
         {R"([{"id":1,"album":{}}])", R"([{"id":1,"albums":[]}])", R"([{"id":"x"}])", R"([{"id":1},2])",
          R"([{"album":[{"id":1,"title":"A"}]}])", R"([{"id":1,"id":2}])"}) {
        CAPTURE(text);
        const MigrationResult refused = read_with(text);
        CHECK(refused.state == MigrationState::failed);
        CHECK_FALSE(fs::exists(directory.path("b.db")));
    }
    for (const char* text : {R"({"id":1})", R"([{"id":1}] x)", R"([{"id":1})"}) {
        CAPTURE(text);
        CHECK_THROWS(read_with(text));
    }
}

TEST_CASE("nested documents: a place that is taken is refused, an empty one is used", "[nested-documents]") {
    const TemporaryDirectory directory;
    SqliteDatabase(directory.path("a.db")).exec(std::string(k_music) + ";" + k_music_rows);
    fs::create_directory(directory.path("out"));
    const Endpoint from = parse_endpoint("sqlite:" + directory.path("a.db"), false);
    require_moved(from, documents(directory.path("out/")));
    for (const Options& options : {Options{{"layout", "documents"}}, Options{{"layout", "tables"}}}) {
        CrossDatabaseMigrator migrator{MigratorConfig{}};
        const MigrationPlan plan =
            migrator.plan_migration({from}, {documents(directory.path("out/"), options)}, {});
        CHECK(plan.exit_code() == 3);
    }
}

TEST_CASE("nested documents: a migration into them is undone", "[nested-documents]") {
    const TemporaryDirectory directory;
    SqliteDatabase(directory.path("a.db")).exec(std::string(k_music) + ";" + k_music_rows);
    CrossDatabaseMigrator migrator{MigratorConfig{}};
    const Endpoint to = documents(directory.path("out/"));
    const MigrationResult done = migrator.execute_migration(
        migrator.plan_migration({parse_endpoint("sqlite:" + directory.path("a.db"), false)}, {to}, {}), {});
    REQUIRE(done.state == MigrationState::done);
    RollbackOptions rollback;
    rollback.execute = true;
    const RollbackResult undone = migrator.rollback_migration(done.id, rollback, to);
    CHECK(undone.executed);
    CHECK_FALSE(fs::exists(directory.path("out")));
}

TEST_CASE("nested documents: real databases come back", "[nested-documents]") {
    for (const char* name : {"sqlite/chinook/Chinook_Sqlite.sqlite", "sqlite/northwind/northwind.db"}) {
        INFO(name);
        const auto data = shared_data(name);
        if (!data) {
            continue;
        }
        const TemporaryDirectory directory;
        fs::copy_file(*data, directory.path("a.db"));
        fs::permissions(directory.path("a.db"), fs::perms::owner_write, fs::perm_options::add);
        go_and_return_sqlite(directory.path("a.db"), directory);
    }
}

TEST_CASE("nested documents: Chinook comes back out of PostgreSQL", "[nested-documents][postgresql]") {
    const auto data = shared_data("postgres/chinook/Chinook_PostgreSql.sql");
    const auto server = make_pg_database();
    if (!data || !server) {
        return;
    }
    std::istringstream script(content(*data));
    std::string statements;
    for (std::string line; std::getline(script, line);) {
        const bool skipped = line.starts_with("DROP DATABASE") || line.starts_with("CREATE DATABASE") ||
                             line.starts_with("\\c");
        statements += skipped ? "" : line + "\n";
    }
    server->connect().exec(statements);
    const TemporaryDirectory directory;
    go_and_return_pg(*server, directory);
    const std::string artists = content(directory.path("pg-out/public.artist.json"));
    CHECK(
        artists.find(R"("album":[{"album_id":1,"title":"For Those About To Rock We Salute You","track":[)") !=
        std::string::npos);
}
