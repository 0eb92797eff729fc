// JSON to a database and back: the documents are the ones that went in.

#include <filesystem>
#include <functional>

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include <migrate/error.hpp>
#include <migrate/migrator.hpp>

#include "support/canonical_json.hpp"
#include "support/pg.hpp"
#include "support/shared_data.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

using namespace migrate;
using namespace migrate::test;
namespace fs = std::filesystem;

namespace {

bool is_lines(const std::string& name) {
    return name.ends_with(".ndjson") || name.ends_with(".jsonl");
}

std::string content(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
}

MigrationResult move(const Endpoint& from, const Endpoint& to) {
    CrossDatabaseMigrator migrator{MigratorConfig{}};
    PlanOptions options;
    options.source_backup = SourceBackup::never;
    return migrator.execute_migration(migrator.plan_migration({from}, {to}, options), {});
}

void require_moved(const Endpoint& from, const Endpoint& to) {
    const MigrationResult result = move(from, to);
    INFO(result.failure);
    REQUIRE(result.state == MigrationState::done);
    REQUIRE(result.verification.equal());
}

Endpoint json(const std::string& path, std::map<std::string, std::string> options = {}) {
    Endpoint endpoint;
    endpoint.engine = "json";
    endpoint.location = path;
    endpoint.options = std::move(options);
    return endpoint;
}

Endpoint sqlite(const std::string& path) {
    Endpoint endpoint;
    endpoint.engine = "sqlite";
    endpoint.location = path;
    return endpoint;
}

/// By another parser than ours.
bool is_one_value(const std::string& text) {
    rapidjson::Document document;
    return !document.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size()).HasParseError();
}

/// Every JSON file of two trees (or the two files) is equal.
void compare_documents(const fs::path& before, const fs::path& after) {
    if (fs::is_regular_file(before)) {
        const bool lines = is_lines(before.string());
        const bool equal = canonical_json(content(before), lines) == canonical_json(content(after), lines);
        INFO(before << " and " << after);
        CHECK(equal);
        return;
    }
    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(before)) {
        const std::string name = entry.path().filename().string();
        if (entry.is_regular_file() && (name.ends_with(".json") || is_lines(name))) {
            ++files;
            compare_documents(entry.path(), after / fs::relative(entry.path(), before));
        }
    }
    std::size_t written = 0;
    for (const auto& entry : fs::recursive_directory_iterator(after)) {
        written += entry.is_regular_file() ? 1 : 0;
    }
    CHECK(files == written);
}

using Change = std::function<void(SqliteDatabase& database)>;

/// In through SQLite and, if asked and there, PostgreSQL, and back.
void go_and_return(const std::string& path, std::map<std::string, std::string> options = {},
                   bool with_postgresql = true) {
    INFO(path);
    const TemporaryDirectory directory;
    const bool is_file = fs::is_regular_file(path);
    const std::string name = fs::path(path).filename().string();
    const auto back = [&](const std::string& from) {
        return directory.path(from) + (is_file ? "-" + name : "/");
    };
    require_moved(json(path, options), sqlite(directory.path("a.db")));
    require_moved(sqlite(directory.path("a.db")), json(back("s")));
    compare_documents(path, back("s"));
    const auto database = with_postgresql && pg_test_conninfo() ? make_pg_database() : nullptr;
    if (database) {
        require_moved(json(path, options), parse_endpoint("pg:" + database->conninfo(), true));
        require_moved(parse_endpoint("pg:" + database->conninfo(), false), json(back("p")));
        compare_documents(path, back("p"));
    }
}

/// Files that are several values, though their name says one, are refused.
void check_refused(const std::string& path) {
    INFO(path);
    const TemporaryDirectory directory;
    CHECK_THROWS_AS(move(json(path), sqlite(directory.path("a.db"))), Error);
}

void go_through_real_files(bool with_postgresql) {
    const auto data = shared_data("json");
    if (!data) {
        return;
    }
    for (const auto& entry : fs::directory_iterator(*data)) {
        if (entry.path().filename() == "JSONTestSuite" || entry.path().filename() == "pokeapi") {
            continue;
        }
        for (const auto& file : fs::recursive_directory_iterator(entry.path())) {
            const std::string name = file.path().filename().string();
            if (!file.is_regular_file() || !(name.ends_with(".json") || is_lines(name))) {
                continue;
            }
            if (is_lines(name) || is_one_value(content(file.path()))) {
                go_and_return(file.path().string(), {{"duplicate-keys", "keep"}}, with_postgresql);
            } else {
                check_refused(file.path().string());
            }
        }
    }
}

void go_through_real_directories(bool with_postgresql) {
    const auto data = shared_data("json/pokeapi");
    if (!data) {
        return;
    }
    for (const auto& entry : fs::directory_iterator(*data)) {
        go_and_return(entry.path().string(), {}, with_postgresql);
    }
}

/// The documents after an application has changed the database between.
std::string changed(const std::string& text, const Change& change, const std::string& name = "t.json") {
    const TemporaryDirectory directory;
    require_moved(json(directory.write(name, text)), sqlite(directory.path("a.db")));
    {
        SqliteDatabase database(directory.path("a.db"));
        change(database);
    }
    require_moved(sqlite(directory.path("a.db")), json(directory.path("out-" + name)));
    std::string out = content(directory.path("out-" + name));
    while (out.ends_with('\n')) {
        out.pop_back();
    }
    return out;
}

const char* const k_odd_documents[] = {
    R"([])",
    R"({})",
    R"(null)",
    R"("a\u0000b")",
    R"(-0)",
    R"([1E-400, 1e400, 9007199254740993, 18446744073709551616, -0, 1.50e3, 1.0])",
    R"([{"n":1E-400},{"n":1e400},{"n":-0},{"n":9007199254740993},{"n":18446744073709551616},{"n":1.50e3}])",
    R"([{"":1,"A":2,"a":3,"a.b":4,"a\"b":5,"\u0000":6,"a__b":7,"a":3.0}])",
    R"([{"":1,"A":2,"a":3,"a.b":4,"a\"b":5,"\u0000":6,"a__b":7,"x":{"a":{"b":8}}},{"x":{"a":null}},{"x":{}}])",
    R"({"users":[{"id":2,"t":[]},{"id":1}],"v":3,"logs":[{"id":"x","u":{"y":null}}],"z":null,"more":[{"q":1}]})",
    R"({"users":[{"id":1}],"logs":[{"id":2}]})",
    R"([[1,[2,[]]],[{}],"x",null])",
    R"([{"a":[1,null,"x",true]},{"a":[[1],[2]]},{"a":null},{},{"a":[]},{"b":[null,null]},{"b":["2024-02-30"]}])",
    R"({"b":{"x":1},"a":{"x":2},"10":{"x":3},"9":{"x":4},"e":{"x":5},"f":{"y":6,"x":7},"g":{"x":8},"h":{"x":9}})",
    R"([{"t":"2024-02-29 12:34:56.5Z","u":"0F0E0D0C-0B0A-4908-8706-050403020100","d":"0001-01-01","p":{"q":[{"r":[{"s":null},{}]},{"r":[]},{}]}},{}])",
};

}  // namespace

TEST_CASE("documents back: odd documents come back member for member", "[documents-back]") {
    const TemporaryDirectory directory;
    for (const char* text : k_odd_documents) {
        INFO(text);
        go_and_return(directory.write("odd.json", text), {{"duplicate-keys", "keep"}}, false);
    }
}

TEST_CASE("documents back: odd documents come back out of PostgreSQL", "[documents-back][postgresql]") {
    const TemporaryDirectory directory;
    for (const char* text : k_odd_documents) {
        INFO(text);
        go_and_return(directory.write("odd.json", text), {{"duplicate-keys", "keep"}});
    }
}

TEST_CASE("documents back: a key longer than the target's names is the same key again",
          "[documents-back][postgresql]") {
    const TemporaryDirectory directory;
    const std::string key(300, 'k');
    go_and_return(directory.write("t.json", "[{\"" + key + "\":1,\"" + key + "2\":[{\"" + key + "\":2}]}]"));
}

TEST_CASE("documents back: very deep nesting comes back", "[documents-back]") {
    const TemporaryDirectory directory;
    const std::string text = "[{\"id\":1,\"deep\":" + std::string(5000, '[') + std::string(5000, ']') + "}]";
    go_and_return(directory.write("t.json", text), {{"max-depth", "6000"}}, false);
}

TEST_CASE("documents back: keys that are data come back where they stood", "[documents-back]") {
    const TemporaryDirectory directory;
    std::string text = "[";
    for (int i = 0; i < 12; ++i) {
        const std::string n = std::to_string(i);
        text += std::string(i == 0 ? "" : ",") + "{\"id\":" + n + ",\"x" + n + "\":" + n +
                ",\"name\":\"s\",\"m\":{\"k" + n + "\":[" + n + "],\"j" + n + "\":null,\"\":{}},\"y\\u0000" +
                n + "\":null}";
    }
    go_and_return(directory.write("t.json", text + "]"), {{"max-columns", "10"}}, false);
    go_and_return(directory.write("u.json", R"([{"a":{"b":{"k1":{"v":1},"k2":{"v":2,"w":[1]},"k3":{}}}},
                                               {"a":{"b":{"k9":{"v":1},"k8":{"v":2},"k7":{"w":[]}}}}])"),
                  {{"max-columns", "8"}}, false);
}

TEST_CASE("documents back: inferred keys change nothing of the documents", "[documents-back][postgresql]") {
    const TemporaryDirectory directory;
    directory.write("in/users.json", R"([{"n":1.50,"userId":"b","boss":null},{"userId":"a","boss":"b"}])");
    directory.write("in/posts.ndjson",
                    "{\"id\":3,\"user\":\"a\",\"tags\":[2,1]}\n{\"user\":null,\"id\":1}\n");
    directory.write("in/tags.json", R"({"list":[{"tag_id":1,"x":[]},{"x":null,"tag_id":2}],"v":1})");
    go_and_return(directory.path("in"), {{"infer-keys", "true"}});
    for (const char* text : k_odd_documents) {
        INFO(text);
        go_and_return(directory.write("odd.json", text), {{"duplicate-keys", "keep"}, {"infer-keys", "true"}},
                      false);
    }
}

TEST_CASE("documents back: a directory comes back file by file", "[documents-back]") {
    const TemporaryDirectory directory;
    directory.write("in/a/1/index.json", R"({"id":1,"l":[{"x":null}]})");
    directory.write("in/a/2/index.json", "\xEF\xBB\xBF{\"l\":[],\"id\":2}");
    directory.write("in/logs/x.ndjson", "{\"b\":1}\n{\"a\":2,\"b\":null}\n");
    directory.write("in/logs/empty.jsonl", "");
    directory.write("in/y.json", "[1,[2]]");
    go_and_return(directory.path("in"), {}, false);
    go_and_return(directory.path("in"), {{"layout", "documents"}}, false);
}

TEST_CASE("documents back: what an application has changed comes out, all else as it was",
          "[documents-back]") {
    const std::string text =
        R"([{"b":null,"id":1,"l":["x","y"]},{"id":2},{"id":3,"l":[],"b":7},{"id":4,"b":1,"l":["z"]}])";
    CHECK(changed(text, [](SqliteDatabase& database) {
              database.exec("UPDATE t SET b=5 WHERE id=1");
              database.exec("UPDATE t SET b=NULL WHERE id=4");
              database.exec("DELETE FROM t WHERE id=2");
              database.exec("INSERT INTO t (id,b) VALUES (9,8)");
              database.exec("DELETE FROM t__l WHERE value='x'");
              database.exec("INSERT INTO t__l (_parent_id,_index,value) VALUES (3,0,'n')");
          }) == R"([{"b":5,"id":1,"l":["y"]},{"id":3,"l":["n"],"b":7},{"id":4,"l":["z"]},{"b":8,"id":9}])");
}

TEST_CASE("documents back: added columns are members, added tables are files", "[documents-back]") {
    CHECK(changed(R"([{"id":1},{"id":2}])", [](SqliteDatabase& database) {
              database.exec("ALTER TABLE t ADD COLUMN c TEXT");
              database.exec("UPDATE t SET c='q' WHERE id=2");
          }) == R"([{"id":1},{"id":2,"c":"q"}])");
}

TEST_CASE("documents back: rows without their parent are refused by name, not lost", "[documents-back]") {
    const TemporaryDirectory directory;
    require_moved(json(directory.write("t.json", R"([{"id":1,"l":[1,2]},{"id":2,"l":[3]}])")),
                  sqlite(directory.path("a.db")));
    SqliteDatabase(directory.path("a.db")).exec("PRAGMA foreign_keys=OFF; DELETE FROM t WHERE id=1");
    const MigrationResult result = move(sqlite(directory.path("a.db")), json(directory.path("o.json")));
    CHECK(result.state == MigrationState::failed);
    CHECK(result.exit_code() != 0);
    CHECK(result.failure.find("t__l") != std::string::npos);
    CHECK_FALSE(fs::exists(directory.path("o.json")));
}

TEST_CASE("documents back: the real documents come back", "[documents-back]") {
    go_through_real_files(false);
    go_through_real_directories(false);
}

TEST_CASE("documents back: the real files come back out of PostgreSQL",
          "[documents-back][postgresql][slow]") {
    go_through_real_files(true);
}

TEST_CASE("documents back: the real directories come back out of PostgreSQL",
          "[documents-back][postgresql][slow]") {
    go_through_real_directories(true);
}

TEST_CASE("documents back: all that JSONTestSuite calls valid comes back, all else is refused",
          "[documents-back]") {
    const auto data = shared_data("json/JSONTestSuite/test_parsing");
    if (!data) {
        return;
    }
    for (const auto& entry : fs::directory_iterator(*data)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with("y_")) {
            go_and_return(entry.path().string(), {{"duplicate-keys", "keep"}}, false);
        } else if (name.starts_with("n_")) {
            const TemporaryDirectory directory;
            INFO(name);
            try {
                move(json(entry.path().string()), sqlite(directory.path("a.db")));
                FAIL_CHECK("it was read");
            } catch (const Error& error) {
                CHECK(error.code() == ErrorCode::malformed);
                const std::string what = error.what();
                CHECK((what.find("line") != std::string::npos && what.find("byte") != std::string::npos));
            }
        }
    }
}
