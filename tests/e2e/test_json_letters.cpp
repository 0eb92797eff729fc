// Dead letters of migrations into JSON, tried once more. What is there is read by a plain parser.

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/file_tree.hpp"
#include "support/json_rows.hpp"
#include "support/pg.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test {
namespace {

using Rows = std::vector<std::string>;

constexpr const char* k_rows =
    "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT, u TEXT UNIQUE);"
    "INSERT INTO p VALUES (1, '1', 'a'), (2, 'x', 'b'), (3, '3', 'c'), (4, 'x', 'd');"
    "CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p (id), v TEXT NOT NULL);"
    "INSERT INTO c VALUES (1, 1, '1'), (2, 2, '2'), (3, 4, 'x');"
    "CREATE TABLE quiet (a TEXT); INSERT INTO quiet VALUES ('q');";

/// A migration into JSON beside a table that was there; its letters are exported.
struct Left {
    TemporaryDirectory directory;
    bool is_file;
    std::string shown = directory.path(is_file ? "to.json" : "to");
    std::string endpoint = "json:" + shown + (is_file ? "" : "/");
    std::string letters = directory.path("letters.ndjson");
    std::string id;

    explicit Left(bool file, const std::vector<std::string>& more = {"--on-reject", "dead-letter"},
                  const std::string& rows = k_rows)
        : is_file(file) {
        SqliteDatabase(directory.path("old.db"))
            .exec(
                "CREATE TABLE old (id INTEGER PRIMARY KEY, t TEXT); "
                "INSERT INTO old VALUES (1, 'was there')");
        require_success(run({"migrate", "--from", directory.path("old.db"), "--to", endpoint, "--execute"}));
        SqliteDatabase(directory.path("from.db")).exec(rows);
        std::vector<std::string> arguments{"migrate",   "--from",          directory.path("from.db"),
                                           "--to",      endpoint,          "--execute",
                                           "--type",    "p.n=int64",       "--type",
                                           "c.v=int64", "--on-orphan",     "dead-letter",
                                           "--json",    "--source-backup", "never"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const CommandResult made = run(arguments);
        INFO(made.out << made.err);
        REQUIRE(made.exit_code == 5);
        id = json_of(made.out)["id"].GetString();
        require_success(run({"dead-letters", "export", id, "--output", letters}));
    }

    [[nodiscard]] CommandResult run(const std::vector<std::string>& arguments) const {
        return Command(cli(arguments), isolated({}, directory.path("home"))).wait();
    }
    [[nodiscard]] CommandResult retry(const std::vector<std::string>& more = {"--execute"}) const {
        std::vector<std::string> arguments{"dead-letters", "retry", id, "--from-file", letters};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(arguments);
    }
    /// In the file of letters.
    void mend(const std::string& from, const std::string& to) const {
        std::string text = content_of(letters);
        const std::size_t at = text.find(from);
        REQUIRE(at != std::string::npos);
        text.replace(at, from.size(), to);
        std::ofstream(letters) << text;
    }
    [[nodiscard]] Rows rows(const std::string& table) const { return json_rows(shown, table); }
    [[nodiscard]] std::size_t letters_left() const {
        const CommandResult list = run({"dead-letters", "list", id, "--json"});
        require_success(list);
        return json_of(list.out)["count"].GetUint64();
    }
    /// What is beside the target's own state, without the lock and what the commands keep.
    [[nodiscard]] std::map<std::string, std::string> tree() const {
        auto files = file_tree(directory.path());
        std::erase_if(files, [](const auto& one) {
            return one.first.starts_with("home") || one.first.ends_with("migrate-lock");
        });
        return files;
    }
    void append(const std::string& line) const {
        if (!is_file) {
            std::ofstream(shown + "/p.ndjson", std::ios::app) << line << '\n';
            return;
        }
        std::string text = content_of(shown);
        const std::size_t at = text.find("\n],\n\"c\"");
        REQUIRE(at != std::string::npos);
        text.insert(at, ",\n" + line);
        std::ofstream(shown) << text;
    }
};

}  // namespace

TEST_CASE("json letters: mended rows go in behind the others, keys between letters hold", "[cli][reject]") {
    const bool is_file = GENERATE(false, true);
    CAPTURE(is_file);
    const Left left(is_file);
    REQUIRE(left.letters_left() == 4);
    left.mend(R"({"id":2,"n":"x","u":"b"})", R"({"id":2,"n":22,"u":"b"})");
    left.mend(R"("v":"x")", R"("v":"33")");

    const auto before = left.tree();
    const CommandResult preview = left.retry({});
    CHECK(preview.exit_code == 5);  // one of them is no number yet
    CHECK(preview.out.find("3 rows would be tried") != std::string::npos);
    CHECK(left.tree() == before);

    // Row 3 of c waits for row 4 of p, which is not mended.
    const CommandResult some = left.retry();
    INFO(some.out << some.err);
    CHECK(some.exit_code == 5);
    CHECK(left.rows("p") == Rows{R"({"id":"1","n":"1","u":"a"})", R"({"id":"3","n":"3","u":"c"})",
                                 R"({"id":"2","n":"22","u":"b"})"});
    CHECK(left.rows("c") == Rows{R"({"id":"1","p":"1","v":"1"})", R"({"id":"2","p":"2","v":"2"})"});
    CHECK(some.out.find("points to a row that is not there") != std::string::npos);
    CHECK(left.letters_left() == 2);

    left.mend(R"({"id":4,"n":"x","u":"d"})", R"({"id":4,"n":44,"u":"d"})");
    require_success(left.retry());
    CHECK(left.rows("p").back() == R"({"id":"4","n":"44","u":"d"})");
    CHECK(left.rows("c").back() == R"({"id":"3","p":"4","v":"33"})");
    CHECK(left.rows("quiet") == Rows{R"({"a":"q"})"});
    CHECK(left.rows("old") == Rows{R"({"id":"1","t":"was there"})"});
    CHECK(left.letters_left() == 0);
    CHECK(json_account(left.shown, "p").starts_with("4 xxh3:4:"));
    CHECK(json_account(left.shown, "c").starts_with("3 xxh3:3:"));
    require_success(left.run({"check", left.endpoint}));

    // Nothing was changed by others, so that nothing has to be discarded.
    require_success(left.run({"rollback", left.id, "--execute"}));
    CHECK(left.rows("p") == Rows{"none"});
    CHECK(left.rows("old") == Rows{R"({"id":"1","t":"was there"})"});
}

TEST_CASE("json letters: what the manifest claims keeps a row out, with the reason", "[cli][reject]") {
    const bool is_file = GENERATE(false, true);
    CAPTURE(is_file);
    const Left left(is_file);
    left.mend(R"({"id":2,"n":"x","u":"b"})", R"({"id":1,"n":22,"u":"b"})");
    left.mend(R"({"id":4,"n":"x","u":"d"})", R"({"id":4,"n":44,"u":"c"})");
    left.mend(R"("p":4,"v":"x")", R"("p":null,"v":null)");
    const Rows rows = left.rows("p");
    const CommandResult none = left.retry();
    CHECK(none.exit_code == 5);
    CHECK(none.out.find("primary key (id): the row repeats the key of another") != std::string::npos);
    CHECK(none.out.find("unique key (u): the row repeats the key of another") != std::string::npos);
    CHECK(none.out.find("column v: 1 × the row has no value in it, and must have one") != std::string::npos);
    CHECK(left.rows("p") == rows);
    CHECK(left.letters_left() == 4);
    const CommandResult list = left.run({"dead-letters", "list", left.id});
    CHECK(list.out.find("unique key (u): the row repeats") != std::string::npos);

    // Of two letters with one key only the first goes in.
    left.mend(R"({"id":1,"n":22,"u":"b"})", R"({"id":7,"n":22,"u":"z"})");
    left.mend(R"({"id":4,"n":44,"u":"c"})", R"({"id":8,"n":44,"u":"z"})");
    CHECK(left.retry().exit_code == 5);
    CHECK(left.rows("p").back() == R"({"id":"7","n":"22","u":"z"})");
    CHECK(left.letters_left() == 3);
}

TEST_CASE("json letters: a row that was kept gets the value it has NULL for", "[cli][reject]") {
    const bool is_file = GENERATE(false, true);
    CAPTURE(is_file);
    const Left left(is_file, {"--on-reject", "null-value"});
    REQUIRE(left.rows("p")[1] == R"({"id":"2","n":null,"u":"b"})");
    left.mend(R"("n":"x")", R"("n":22)");
    CHECK(left.retry({"--execute", "--only", "p"}).exit_code == 5);
    CHECK(left.rows("p") == Rows{R"({"id":"1","n":"1","u":"a"})", R"({"id":"2","n":"22","u":"b"})",
                                 R"({"id":"3","n":"3","u":"c"})", R"({"id":"4","n":null,"u":"d"})"});
    left.mend(R"("n":"x")", R"("n":44)");
    left.mend(R"("v":"x")", R"("v":33)");
    require_success(left.retry());
    CHECK(left.rows("p")[3] == R"({"id":"4","n":"44","u":"d"})");
    CHECK(left.rows("c")[2] == R"({"id":"3","p":"4","v":"33"})");
    CHECK(left.letters_left() == 0);
    require_success(left.run({"check", left.endpoint}));
    require_success(left.run({"rollback", left.id, "--execute"}));
}

TEST_CASE("json letters: rows that wait for each other go in, in whatever order", "[cli][reject]") {
    const bool is_file = GENERATE(false, true);
    CAPTURE(is_file);
    const Left left(
        is_file, {},
        std::string(k_rows) +
            "CREATE TABLE parent (id INTEGER PRIMARY KEY, up INTEGER REFERENCES parent (id));"
            "CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parent "
            "(id));"
            "INSERT INTO parent VALUES (1, NULL), (2, 9), (3, 99), (4, 3), (9, 4), (10, 98);"
            "INSERT INTO child VALUES (1, 1), (2, 2), (3, 10);"
            "DELETE FROM p WHERE n = 'x'; DELETE FROM c WHERE v = 'x'");
    CHECK(left.rows("parent") == Rows{R"({"id":"1","up":null})"});
    const CommandResult waiting = left.retry();
    CHECK(waiting.exit_code == 5);
    CHECK(left.rows("parent").size() == 1);
    // Of the chain 2, 9, 4, 3 the last has somewhere to go; row 10 refers to itself.
    left.mend(R"({"id":3,"up":99})", R"({"id":3,"up":1})");
    left.mend(R"({"id":10,"up":98})", R"({"id":10,"up":10})");
    CHECK(left.retry({"--execute", "--only", "parent", "--only", "child"}).exit_code == 5);
    Rows parents = left.rows("parent");
    std::sort(parents.begin(), parents.end());
    CHECK(parents == Rows{R"({"id":"1","up":null})", R"({"id":"10","up":"10"})", R"({"id":"2","up":"9"})",
                          R"({"id":"3","up":"1"})", R"({"id":"4","up":"3"})", R"({"id":"9","up":"4"})"});
    Rows children = left.rows("child");
    std::sort(children.begin(), children.end());
    CHECK(children ==
          Rows{R"({"id":"1","parent":"1"})", R"({"id":"2","parent":"2"})", R"({"id":"3","parent":"10"})"});
    CHECK(left.letters_left() == 1);  // c's, which refers to a row that was deleted
    require_success(left.run({"check", left.endpoint}));
}

TEST_CASE("json letters: of a row that is filled all other values stay as they were spelled",
          "[cli][reject]") {
    const bool is_file = GENERATE(false, true);
    CAPTURE(is_file);
    const Left left(is_file, {"--on-reject", "null-value", "--type", "j.t=json"},
                    std::string(k_rows) +
                        "CREATE TABLE j (id INTEGER PRIMARY KEY, v, r REAL, b BLOB, t TEXT, d DECIMAL(9,3));"
                        "INSERT INTO j VALUES (1, x'00ff', 0.1, x'', '{\"a\": [1, 1.0,\"\\u00e9\"]}', 1.5);"
                        "INSERT INTO j VALUES (2, 'é\"', -0.0, NULL, 'no json', 9007199254740993);"
                        "INSERT INTO j VALUES (3, 2.0, 1e300, zeroblob(3), NULL, NULL)");
    const std::string before = content_of(is_file ? left.shown : left.shown + "/j.ndjson");
    const std::size_t row = before.find("{\"id\":2,\"v\":");
    REQUIRE(row != std::string::npos);
    std::string expected = before.substr(row, before.find('\n', row) - row);
    const std::size_t null = expected.find("\"t\":null");
    REQUIRE(null != std::string::npos);
    expected.replace(null, 8, "\"t\":[2, 2.0]");
    left.mend("\"no json\"", "\"[2, 2.0]\"");
    CHECK(left.retry({"--execute", "--only", "j"}).exit_code == 5);
    const std::string after = content_of(is_file ? left.shown : left.shown + "/j.ndjson");
    CHECK(after.find(expected) != std::string::npos);
    // And all the rest of the table.
    for (const char* id : {"1", "3"}) {
        const std::size_t at = before.find(std::string("{\"id\":") + id + ",\"v\":");
        CHECK(after.find(before.substr(at, before.find('\n', at) - at)) != std::string::npos);
    }
    require_success(left.run({"check", left.endpoint}));
}

TEST_CASE("json letters: rows of PostgreSQL's types go in", "[cli][reject]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const auto database = make_pg_database();
    database->connect().exec(
        "CREATE TABLE q (id int PRIMARY KEY); INSERT INTO q VALUES (1); CREATE TYPE mood AS ENUM ('sad', "
        "'ok');"
        "CREATE TABLE p (id int PRIMARY KEY, m mood, a numeric(8,2)[], i interval, z timestamptz, u uuid, "
        "r int4range, j jsonb, c char(4), q int);"
        "INSERT INTO p SELECT g, 'ok', '{1.50,NULL}', '1 mon -2 days', '2020-02-02 02:02:02.5+00', "
        "'00000000-0000-0000-0000-00000000000a', '[1,5)', '{\"a\": [1.0]}', 'ab', CASE g WHEN 2 THEN 7 ELSE "
        "1 END FROM generate_series(1, 3) g; ALTER TABLE p ADD FOREIGN KEY (q) REFERENCES q NOT VALID");
    const TemporaryDirectory directory;
    const auto run = [&](const std::vector<std::string>& arguments) {
        return Command(cli(arguments), isolated({}, directory.path("home"))).wait();
    };
    const bool is_file = GENERATE(false, true);
    const std::string to = directory.path(is_file ? "to.json" : "to");
    const CommandResult made =
        run({"migrate", "--from", "pg:" + database->conninfo(), "--to", "json:" + to + (is_file ? "" : "/"),
             "--execute", "--on-orphan", "dead-letter", "--json"});
    INFO(made.out << made.err);
    REQUIRE(made.exit_code == 5);
    const std::string id = json_of(made.out)["id"].GetString();
    const std::string file = directory.path("letters");
    require_success(run({"dead-letters", "export", id, "--output", file}));
    std::string text = content_of(file);
    text.replace(text.find("\"q\":7"), 5, "\"q\":1");
    std::ofstream(file) << text;
    CHECK(run({"dead-letters", "retry", id, "--execute"}).exit_code == 5);
    require_success(run({"dead-letters", "retry", id, "--from-file", file, "--execute"}));
    Rows rows = json_rows(to, "public.p");
    REQUIRE(rows.size() == 3);
    // All are the same but for the key.
    for (std::string& row : rows) {
        row.erase(0, row.find(','));
    }
    CHECK(rows[2] == rows[0]);
    CHECK(rows[1] == rows[0]);
}

TEST_CASE("json letters: what others have changed stays theirs, and is not lost", "[cli][reject]") {
    const bool is_file = GENERATE(false, true);
    CAPTURE(is_file);
    const Left left(is_file);
    const std::string account = json_account(left.shown, "p");
    left.append(R"({ "id": 50, "n": 5,  "u": "e" })");
    if (!is_file) {
        std::ofstream(left.shown + "/notes.txt") << "theirs";
        std::filesystem::permissions(left.shown, std::filesystem::perms(0755));
        std::filesystem::permissions(left.shown + "/p.ndjson", std::filesystem::perms(0644));
    }
    left.mend(R"("n":"x","u":"b")", R"("n":22,"u":"b")");
    CHECK(left.retry().exit_code == 5);
    CHECK(left.rows("p") == Rows{R"({"id":"1","n":"1","u":"a"})", R"({"id":"3","n":"3","u":"c"})",
                                 R"({"id":"50","n":"5","u":"e"})", R"({"id":"2","n":"22","u":"b"})"});
    if (!is_file) {
        CHECK(content_of(left.shown + "/p.ndjson").find(R"({ "id": 50, "n": 5,  "u": "e" })") !=
              std::string::npos);
        CHECK(content_of(left.shown + "/notes.txt") == "theirs");
        CHECK(std::filesystem::status(left.shown).permissions() == std::filesystem::perms(0755));
        CHECK(std::filesystem::status(left.shown + "/p.ndjson").permissions() ==
              std::filesystem::perms(0644));
    }
    // Their change must not look like the migration's.
    CHECK(json_account(left.shown, "p") == account);
    require_one_error(left.run({"rollback", left.id, "--execute"}), 3);
    require_success(left.run({"rollback", left.id, "--execute", "--discard-later-changes"}));
}

TEST_CASE("json letters: a table that is not what its manifest says takes none", "[cli][reject]") {
    const bool is_file = GENERATE(false, true);
    CAPTURE(is_file);
    const Left left(is_file);
    left.append(R"({"id":"canary-7f3a","n":5,"u":"e"})");
    left.mend(R"("n":"x","u":"b")", R"("n":22,"u":"b")");
    left.mend(R"("v":"x")", R"("v":33)");
    const auto before = left.tree();
    const CommandResult none = left.retry();
    INFO(none.out << none.err);
    CHECK(none.exit_code == 5);
    CHECK(none.out.find("rows of table p are not what its manifest says") != std::string::npos);
    CHECK((none.out + none.err).find("canary-7f3a") == std::string::npos);
    CHECK(left.letters_left() == 4);
    CHECK(left.rows("c").size() == 1);
}

TEST_CASE("json letters: documents say why they take none", "[cli][reject]") {
    const TemporaryDirectory directory;
    const auto run = [&](const std::vector<std::string>& arguments) {
        return Command(cli(arguments), isolated({}, directory.path("home"))).wait();
    };
    SqliteDatabase(directory.path("from.db")).exec(k_rows);
    const CommandResult made =
        run({"migrate", "--from", directory.path("from.db"), "--to", "json:" + directory.path("docs") + "/",
             "--layout", "documents", "--execute", "--type", "p.n=int64", "--on-reject", "dead-letter",
             "--on-orphan", "dead-letter", "--json"});
    INFO(made.out << made.err);
    REQUIRE(made.exit_code == 5);
    const std::string id = json_of(made.out)["id"].GetString();
    for (const char* what : {"--execute", "--preview"}) {
        const CommandResult refused = run({"dead-letters", "retry", id, what});
        require_one_error(refused, 3);
        CHECK(refused.err.find("documents") != std::string::npos);
        CHECK(refused.err.find("dead-letters export") != std::string::npos);
    }
}

TEST_CASE("json letters: not under a later migration that could be rolled back, nor back to a checkpoint",
          "[cli][reject]") {
    const bool is_file = GENERATE(false, true);
    CAPTURE(is_file);
    const Left left(is_file);
    left.mend(R"("n":"x","u":"b")", R"("n":22,"u":"b")");
    SqliteDatabase(left.directory.path("later.db")).exec("CREATE TABLE later (a TEXT)");
    const CommandResult later = left.run(
        {"migrate", "--from", left.directory.path("later.db"), "--to", left.endpoint, "--execute", "--json"});
    REQUIRE(later.exit_code == 0);
    const std::string id = json_of(later.out)["id"].GetString();
    const Rows before = left.rows("p");
    const CommandResult refused = left.retry();
    require_one_error(refused, 3);
    CHECK(refused.err.find(id) != std::string::npos);
    CHECK(left.rows("p") == before);
    require_success(left.run({"finalize", id}));
    CHECK(left.retry().exit_code == 5);
    CHECK(left.rows("p").size() == before.size() + 1);
    CHECK(left.letters_left() == 2);

    const Left other(is_file);
    other.mend(R"("n":"x","u":"b")", R"("n":22,"u":"b")");
    CHECK(other.retry().exit_code == 5);
    const CommandResult back = other.run({"rollback", other.id, "--to-checkpoint", "8", "--execute"});
    require_one_error(back, 3);
    CHECK(back.err.find("were retried since") != std::string::npos);
    CHECK(other.rows("p").size() == before.size() + 1);
}

TEST_CASE("json letters: they can be retried after the migration was made final", "[cli][reject]") {
    const bool is_file = GENERATE(false, true);
    CAPTURE(is_file);
    const Left left(is_file);
    left.mend(R"("n":"x","u":"b")", R"("n":22,"u":"b")");
    require_success(left.run({"finalize", left.id}));
    CHECK(left.retry().exit_code == 5);
    CHECK(left.rows("p").back() == R"({"id":"2","n":"22","u":"b"})");
    CHECK(left.letters_left() == 2);
    // Those that are left stay, until none is.
    require_success(left.run({"finalize", left.id}));
    CHECK(left.letters_left() == 2);
    left.mend(R"("n":"x")", R"("n":44)");
    left.mend(R"("v":"x")", R"("v":33)");
    require_success(left.retry());
    require_success(left.run({"finalize", left.id}));
    CHECK_FALSE(std::filesystem::exists(left.shown + ".migrate-" + left.id));
}

}  // namespace migrate::test
