#include <filesystem>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/file_tree.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// Databases in JSON, and documents, that others have a hand in as well.
namespace migrate::test {

namespace {

namespace fs = std::filesystem;

/// migrate-cli with an index of its own, and a place for files.
struct Bench {
    TemporaryDirectory home;
    TemporaryDirectory files;

    CommandResult run(const std::vector<std::string>& arguments) const {
        return Command(cli(arguments), isolated({}, home.path())).wait();
    }
    /// A small database migrated to the target; the migration's id.
    std::string migrate(const std::string& target, const std::string& table = "t") const {
        const std::string from = files.path(table + ".db");
        if (!fs::exists(from)) {
            SqliteDatabase(from).exec("CREATE TABLE " + table + " (id INTEGER PRIMARY KEY, a TEXT);" +
                                      "INSERT INTO " + table + " VALUES (1, 'x'), (2, 'y')");
        }
        return migrate_from("sqlite:" + from, target);
    }
    std::string migrate_from(const std::string& from, const std::string& target,
                             std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {"migrate", "--from", from, "--to", target, "--execute", "--json"});
        const CommandResult result = run(more);
        require_success(result);
        return json_of(result.out)["id"].GetString();
    }
    std::string json(const std::string& name) const { return "json:" + files.path(name); }
};

bool holds(const std::string& text, const std::string& what) {
    return text.find(what) != std::string::npos;
}

void replace_in(const TemporaryDirectory& directory, const std::string& file, const std::string& from,
                const std::string& to) {
    std::string text = directory.read(file);
    REQUIRE(holds(text, from));
    text.replace(text.find(from), from.size(), to);
    directory.write(file, text);
}

}  // namespace

TEST_CASE("regress: a rollback of a JSON directory stops at files that somebody else put there",
          "[regress][json][rollback]") {
    const Bench bench;
    const std::string id = bench.migrate(bench.json("d/"));
    bench.files.write("d/notes.txt", "mine");
    bench.files.write("d/sub/z.json", "[1]");
    const auto before = file_tree(bench.files.path("d"));
    const CommandResult dry = bench.run({"rollback", id});
    CHECK(dry.exit_code == 3);
    CHECK(holds(dry.out, "notes.txt is new"));
    CHECK(holds(dry.out, "sub/ is new"));
    const CommandResult refused = bench.run({"rollback", id, "--execute"});
    CHECK(refused.exit_code == 3);
    CHECK(holds(refused.err, "--discard-later-changes"));
    CHECK(file_tree(bench.files.path("d")) == before);
    require_success(bench.run({"rollback", id, "--execute", "--discard-later-changes"}));
    CHECK_FALSE(fs::exists(bench.files.path("d")));
}

TEST_CASE("regress: files of others that a migration found in a JSON directory do not stop its rollback",
          "[regress][json][rollback]") {
    const Bench bench;
    bench.migrate(bench.json("d/"));
    bench.files.write("d/notes.txt", "mine");
    const std::string second = bench.migrate(bench.json("d/"), "u");
    CHECK(bench.files.read("d/notes.txt") == "mine");
    SECTION("as they were") {
        require_success(bench.run({"rollback", second, "--execute"}));
        CHECK_FALSE(fs::exists(bench.files.path("d/u.ndjson")));
        CHECK(bench.files.read("d/notes.txt") == "mine");
    }
    SECTION("changed since") {
        fs::remove(bench.files.path("d/notes.txt"));
        bench.files.write("d/notes.txt", "changed");
        const CommandResult refused = bench.run({"rollback", second, "--execute"});
        CHECK(refused.exit_code == 3);
        CHECK(holds(refused.err, "notes.txt was changed"));
    }
}

TEST_CASE("regress: what others put into a JSON file is carried over, and stops a rollback if it is new",
          "[regress][json][rollback]") {
    const Bench bench;
    bench.migrate(bench.json("o.json"));
    replace_in(bench.files, "o.json", "\"tables\": {",
               "\"mine\": {\"a\": [1, 2.50]},\n\"tables\": {\n\"u\": [],");
    const std::string second = bench.migrate(bench.json("o.json"), "u");
    const auto document = json_of(bench.files.read("o.json"));
    CHECK(document["mine"]["a"].Size() == 2);
    CHECK(holds(bench.files.read("o.json"), "2.50"));
    CHECK(document["tables"]["u"].Size() == 0);
    CHECK(document["tables"]["t"].Size() == 2);
    CHECK(document["tables"]["u~2"].Size() == 2);
    replace_in(bench.files, "o.json", "2.50", "2.51");
    const CommandResult refused = bench.run({"rollback", second, "--execute"});
    CHECK(refused.exit_code == 3);
    CHECK(holds(refused.err, "mine was changed"));
    replace_in(bench.files, "o.json", "2.51", "2.50");
    require_success(bench.run({"rollback", second, "--execute"}));
    CHECK(json_of(bench.files.read("o.json"))["mine"]["a"].Size() == 2);
}

TEST_CASE("regress: what a manifest does not name is not left out in silence", "[regress][json]") {
    const Bench bench;
    const auto read = [&](const std::string& name) {
        const CommandResult result = bench.run({"migrate", "--from", bench.json(name), "--to",
                                                "sqlite:" + bench.files.path("back.db"), "--execute"});
        fs::remove(bench.files.path("back.db"));
        return result;
    };
    bench.migrate(bench.json("o.json"));
    const std::string good = bench.files.read("o.json");
    SECTION("a table of a file") {
        replace_in(bench.files, "o.json", "\"tables\": {", "\"tables\": {\"x\": [{\"id\": 7}],");
        const CommandResult result = read("o.json");
        CHECK(result.exit_code == 5);
        CHECK(holds(result.out, "tables.x"));
    }
    SECTION("a file of a directory") {
        bench.migrate(bench.json("d/"));
        bench.files.write("d/extra.ndjson", "{\"id\":3}\n");
        bench.files.write("d/notes.txt", "no data");
        const CommandResult result = read("d/");
        CHECK(result.exit_code == 5);
        CHECK(holds(result.out, "extra.ndjson"));
        CHECK_FALSE(holds(result.out, "notes.txt"));
        CHECK(holds(bench.run({"check", bench.json("d/")}).out, "extra.ndjson"));
    }
    SECTION("tables that are there twice") {
        replace_in(bench.files, "o.json", "\"tables\": {", "\"tables\": {\"t\": [],");
        const CommandResult result = read("o.json");
        require_one_error(result, 3);
        CHECK(holds(result.err, "the member \"t\" of \"tables\" is there twice"));
    }
    SECTION("the list of tables twice") {
        bench.files.write("o.json", good.substr(0, good.rfind('}')) + ", \"tables\": {}}");
        require_one_error(read("o.json"), 3);
    }
    SECTION("what is no row among the rows") {
        replace_in(bench.files, "o.json", "\"t\": [", "\"t\": [17,");
        const CommandResult result = bench.run({"check", bench.json("o.json")});
        CHECK(result.exit_code == 4);
        CHECK(holds(result.out, "a row must be a JSON object"));
    }
}

TEST_CASE("regress: a manifest that has lost its format is not read as a document", "[regress][json]") {
    const Bench bench;
    bench.migrate(bench.json("d/"));
    bench.migrate(bench.json("o.json"));
    replace_in(bench.files, "d/manifest.json", "\"format\": \"libmigrate-json\",", "");
    replace_in(bench.files, "o.json", "\"format\": \"libmigrate-json\",", "");
    for (const char* name : {"d/", "o.json"}) {
        const CommandResult result = bench.run({"check", bench.json(name)});
        require_one_error(result, 3);
        CHECK(holds(result.err, "looks like the manifest of a database"));
    }
    bench.files.write("web/manifest.json",
                      R"({"name": "an app", "version": 3, "icons": [{"src": "a.png"}]})");
    require_success(bench.run({"check", bench.json("web/")}));
}

TEST_CASE("regress: JSON files that a directory's reading passes over are named", "[regress][json]") {
    const Bench bench;
    bench.files.write("in/a.json", R"([{"id": 1}])");
    const auto read = [&] {
        const CommandResult result = bench.run({"migrate", "--from", bench.json("in/"), "--to",
                                                "sqlite:" + bench.files.path("out.db"), "--execute"});
        fs::remove(bench.files.path("out.db"));
        return result;
    };
    const auto expect_named = [&](const std::string& name) {
        INFO(name);
        const CommandResult result = read();
        CHECK(result.exit_code == 5);
        CHECK(holds(result.out, name));
    };
    SECTION("hidden files") {
        bench.files.write("in/.h.json", "[]");
        expect_named(".h.json");
    }
    SECTION("hidden directories") {
        bench.files.write("in/.more/deep/b.json", "[]");
        expect_named(".more");
    }
    SECTION("links to directories") {
        bench.files.write("elsewhere/b.json", "[]");
        fs::create_directory_symlink(bench.files.path("elsewhere"), bench.files.path("in/linked"));
        expect_named("linked");
    }
    SECTION("links to nothing") {
        fs::create_symlink("nowhere.json", bench.files.path("in/gone.json"));
        expect_named("gone.json");
    }
    SECTION("pipes") {
        REQUIRE(::mkfifo(bench.files.path("in/pipe.json").c_str(), 0600) == 0);
        expect_named("pipe.json");
    }
    SECTION("not what holds no JSON, nor what version control keeps") {
        bench.files.write("in/.cache/x.txt", "");
        bench.files.write("in/.git/x.json", "{}");
        fs::create_symlink("nowhere", bench.files.path("in/gone"));
        require_success(read());
    }
}

TEST_CASE("regress: documents are taken away again, unless they were changed since",
          "[regress][json][rollback]") {
    const Bench bench;
    bench.files.write("in/a/1.json", R"([{"id": 1, "tags": ["x", "y"]}])");
    bench.files.write("in/b.ndjson", "{\"k\": 1.50}\n");
    bench.migrate_from(bench.json("in/"), "sqlite:" + bench.files.path("s.db"));
    const std::string id = bench.migrate_from("sqlite:" + bench.files.path("s.db"), bench.json("out/"));
    const std::string staging = "out.migrate-" + id;
    CHECK(fs::exists(bench.files.path("out/a/1.json")));
    CHECK_FALSE(fs::exists(bench.files.path(staging + "/tables")));
    CHECK_FALSE(fs::exists(bench.files.path(staging + "/notes")));
    CHECK(bench.run({"abandon", id}).exit_code == 3);
    CHECK(fs::exists(bench.files.path("out/b.ndjson")));
    SECTION("as they are") {
        const CommandResult dry = bench.run({"rollback", id});
        require_success(dry);
        CHECK(fs::exists(bench.files.path("out")));
        require_success(bench.run({"rollback", id, "--execute"}));
        CHECK_FALSE(fs::exists(bench.files.path("out")));
        CHECK(bench.run({"abandon", id}).exit_code == 3);
        CHECK(fs::exists(bench.files.path(staging + "/documents/b.ndjson")));
        require_success(bench.run({"rollback", id, "--execute"}));
        require_success(bench.run({"finalize", id}));
        CHECK_FALSE(fs::exists(bench.files.path(staging)));
    }
    SECTION("changed") {
        bench.files.write("out/b.ndjson", "{\"k\": 1.51}\n");
        bench.files.write("out/.new", "");
        const CommandResult refused = bench.run({"rollback", id});
        CHECK(refused.exit_code == 3);
        CHECK(holds(refused.out, "b.ndjson was changed"));
        CHECK(holds(refused.out, ".new is new"));
        CHECK(bench.run({"rollback", id, "--execute"}).exit_code == 3);
        CHECK(bench.files.read("out/b.ndjson") == "{\"k\": 1.51}\n");
        require_success(bench.run({"rollback", id, "--execute", "--discard-later-changes"}));
        CHECK_FALSE(fs::exists(bench.files.path("out")));
    }
    SECTION("made final") {
        require_success(bench.run({"finalize", id}));
        CHECK_FALSE(fs::exists(bench.files.path(staging)));
        CHECK(bench.run({"rollback", id, "--execute"}).exit_code != 0);
        CHECK(fs::exists(bench.files.path("out/b.ndjson")));
    }
}

TEST_CASE("regress: one document, and documents in an empty directory, are taken away again",
          "[regress][json][rollback]") {
    const Bench bench;
    bench.files.write("one.json", R"({"a": [{"id": 1}], "b": 2})");
    bench.migrate_from(bench.json("one.json"), "sqlite:" + bench.files.path("s.db"));
    const std::string file =
        bench.migrate_from("sqlite:" + bench.files.path("s.db"), bench.json("back.json"));
    fs::create_directory(bench.files.path("empty"));
    const std::string directory =
        bench.migrate_from("sqlite:" + bench.files.path("s.db"), bench.json("empty/"));
    CHECK(fs::exists(bench.files.path("empty/one.json")));
    require_success(bench.run({"rollback", file, "--execute"}));
    CHECK_FALSE(fs::exists(bench.files.path("back.json")));
    require_success(bench.run({"rollback", directory, "--execute"}));
    CHECK(fs::is_empty(bench.files.path("empty")));
}

TEST_CASE("regress: a line of JSON that is broken behind its value is no row as well",
          "[regress][json][bad-input]") {
    const Bench bench;
    bench.files.write("t.ndjson", "{\"id\":0} junk\n{\"id\":1} {\"id\":2}\n{\"id\":3}{\"id\n{\"id\":4}\r\n");
    const CommandResult result =
        bench.run({"migrate", "--from", bench.json("t.ndjson"), "--to", "sqlite:" + bench.files.path("s.db"),
                   "--execute", "--on-reject", "dead-letter"});
    INFO(result.out << result.err);
    CHECK(result.exit_code == 5);
    SqliteDatabase database(bench.files.path("s.db"));
    CHECK(database.value("SELECT group_concat(id, ',') FROM (SELECT id FROM t ORDER BY id)") == "1,2,4");
    CHECK(database.value("SELECT count(*) FROM _migrate_dead_letter") == "2");
}

TEST_CASE("regress: collections stand where they stood when the other members are rows",
          "[regress][json][documents]") {
    const Bench bench;
    std::string wide = "{";
    for (int i = 0; i < 450; ++i) {
        wide += (i == 0 ? "\"m" : ",\"m") + std::to_string(i) + "\":" + std::to_string(i);
        wide += i == 199 ? ",\"coll\":[{\"x\":1}]" : "";
    }
    wide += "}\n";
    const auto there_and_back = [&](const std::string& name, std::string text, const std::string& option) {
        bench.files.write(name + ".json", text);
        std::vector<std::string> more;
        if (!option.empty()) {
            more = {"--max-columns", option};
        }
        bench.migrate_from(bench.json(name + ".json"), "sqlite:" + bench.files.path(name + ".db"), more);
        bench.migrate_from("sqlite:" + bench.files.path(name + ".db"), bench.json(name + "2.json"));
        std::string back = bench.files.read(name + "2.json");
        const auto is_blank = [](char c) { return c == ' ' || c == '\n'; };
        std::erase_if(text, is_blank);
        std::erase_if(back, is_blank);
        CHECK(back == text);
    };
    there_and_back("wide", wide, "");
    there_and_back("few", R"({"A":1,"q":[{"x":1}],"r":[{"y":1}],"b":2})", "6");
    there_and_back("quoted", R"({"A\"é":1,"q":[{"x":1}],"b":2,"r":[{"y":1}],"c":3,"d":4,"e":5,"f":6})", "6");
}

TEST_CASE("regress: a column that was dropped is absent from the documents", "[regress][json][documents]") {
    const Bench bench;
    bench.files.write("t.json", R"([{"id":1,"n":5,"m":null},{"id":2,"n":null,"m":1},{"id":3,"m":2}])");
    bench.migrate_from(bench.json("t.json"), "sqlite:" + bench.files.path("s.db"));
    SqliteDatabase(bench.files.path("s.db")).exec("ALTER TABLE t DROP COLUMN n");
    bench.migrate_from("sqlite:" + bench.files.path("s.db"), bench.json("back.json"));
    std::string back = bench.files.read("back.json");
    std::erase_if(back, [](char c) { return c == ' ' || c == '\n'; });
    CHECK(back == R"([{"id":1,"m":null},{"id":2,"m":1},{"id":3,"m":2}])");
}

}  // namespace migrate::test
