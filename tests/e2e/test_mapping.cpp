#include <filesystem>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test {

namespace {

constexpr const char* k_mapping = R"yaml(version: 1
exclude: [scratch]
tables:
  - from: customer
    to: client
    exclude: [secret]
    columns:
      first: given
      status: {values: {A: active, I: inactive, ~: unknown}}
      email: {expression: lower(email)}
    compute:
      full: {expression: "first || ' ' || last"}
      balance: {expression: cents / 100, type: "decimal(12,2)"}
      origin: {constant: legacy}
  - from: orders
    to: recent
    where: placed >= '2020-01-01T00:00:00'
  - from: orders
    to: old
    where: placed < '2020-01-01T00:00:00'
  - from: person_a
    to: person
    compute: {kind: {constant: a}}
    key: [kind, id]
  - from: person_b
    to: person
    compute: {kind: {constant: b}}
order: [person]
)yaml";

/// A place to work in, with a database to be mapped.
struct Home {
    Home() {
        SqliteDatabase(directory.path("a.db"))
            .exec(
                "CREATE TABLE customer (id INTEGER PRIMARY KEY, first TEXT NOT NULL, last TEXT NOT NULL,"
                " status TEXT, email TEXT UNIQUE, cents INTEGER NOT NULL, secret TEXT,"
                " CHECK (length(first) > 0));"
                "INSERT INTO customer VALUES (1,'Ada','Lovelace','A','ADA@X.ORG',1234,'s1'),"
                " (2,'Alan','Turing','I','alan@x.org',5,'s2'), (3,'Grace','Hopper',NULL,NULL,-100,'s3');"
                "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customer,"
                " total DECIMAL(10,2), placed DATETIME);"
                "INSERT INTO orders VALUES (10,1,9.95,'2024-02-29 12:34:56'),"
                " (11,2,5.25,'2019-01-01 00:00:00'), (12,1,1.5,'2024-05-05 05:05:05'), (13,3,7,NULL);"
                "CREATE INDEX by_customer ON orders (customer);"
                "CREATE TABLE person_a (id INTEGER PRIMARY KEY, name TEXT);"
                "INSERT INTO person_a VALUES (1,'x'),(2,'y');"
                "CREATE TABLE person_b (id INTEGER PRIMARY KEY, name TEXT, note TEXT);"
                "INSERT INTO person_b VALUES (1,'z','n');"
                "CREATE TABLE scratch (x);");
        directory.write("m.yaml", k_mapping);
    }

    CommandResult run(const std::vector<std::string>& arguments) const {
        CommandOptions options = isolated({}, home.path());
        options.directory = directory.path();
        return Command(cli(arguments), options).wait();
    }

    CommandResult migrate(const std::string& from, const std::string& to,
                          const std::vector<std::string>& more = {"--mapping", "m.yaml"}) const {
        std::vector<std::string> arguments{"migrate", "--from", from, "--to", to, "--execute"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(arguments);
    }

    TemporaryDirectory directory;
    TemporaryDirectory home;
};

using Rows = std::vector<std::vector<std::optional<std::string>>>;

const Rows k_clients{
    {"1", "Ada", "Lovelace", "active", "ada@x.org", "1234", "Ada Lovelace", "12.34", "legacy"},
    {"2", "Alan", "Turing", "inactive", "alan@x.org", "5", "Alan Turing", "0.05", "legacy"},
    {"3", "Grace", "Hopper", "unknown", std::nullopt, "-100", "Grace Hopper", "-1.00", "legacy"}};
const Rows k_people{{"1", "x", "a", std::nullopt}, {"2", "y", "a", std::nullopt}, {"1", "z", "b", "n"}};

}  // namespace

TEST_CASE("mapping: tables are renamed, filtered, computed, split and merged in SQLite", "[cli][mapping]") {
    const Home home;

    const CommandResult result = home.migrate("a.db", "b.db");

    require_success(result);
    SqliteDatabase b(home.directory.path("b.db"));
    CHECK(b.query("SELECT * FROM client ORDER BY id") == k_clients);
    CHECK(b.query("SELECT * FROM person ORDER BY kind, id") == k_people);
    CHECK(b.query("SELECT id FROM recent ORDER BY id") == Rows{{"10"}, {"12"}});
    CHECK(b.query("SELECT id FROM old") == Rows{{"11"}});
    CHECK(b.value("SELECT count(*) FROM pragma_foreign_key_list('recent') WHERE \"table\" = 'client'") ==
          "1");
    CHECK(b.value("SELECT group_concat(name) FROM (SELECT name FROM pragma_table_info('person') WHERE pk > 0"
                  " ORDER BY pk)") == "kind,id");
    CHECK(b.value("SELECT count(*) FROM sqlite_master WHERE name IN ('scratch','customer','orders')") == "0");
    CHECK_THROWS(b.exec("INSERT INTO client (id, given, last, cents, origin) VALUES (9, '', 'x', 1, 'y')"));
    // The row without a date is in neither half, which is the mapping's word.
    CHECK(result.out.find("only its rows with placed") != std::string::npos);
    SECTION("and both sides compare as equal, until one changes") {
        require_success(home.run({"verify", "--from", "a.db", "--to", "b.db", "--mapping", "m.yaml"}));
        require_success(home.run(
            {"verify", "--from", "a.db", "--to", "b.db", "--mapping", "m.yaml", "--level", "basic"}));
        b.exec("UPDATE client SET balance = '99.99' WHERE id = 2; DELETE FROM person WHERE kind = 'b'");
        const CommandResult diff =
            home.run({"diff", "--from", "a.db", "--to", "b.db", "--mapping", "m.yaml"});
        CHECK(diff.exit_code == 4);
        CHECK(diff.out.find("[id=2] balance: 0.05 | 99.99") != std::string::npos);
        CHECK(diff.out.find("kind=b] only in the source") != std::string::npos);
    }
}

TEST_CASE("mapping: a column with other values loses its default, and the plan says so", "[cli][mapping]") {
    const TemporaryDirectory directory;
    const std::string from = directory.path("from.db");
    SqliteDatabase(from).exec(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, st TEXT DEFAULT 'n', n INT DEFAULT 7);"
        "INSERT INTO t VALUES (1, 'y', 2)");
    directory.write(
        "m.yaml",
        "version: 1\ntables:\n  - from: t\n    columns:\n      st: {to: state, values: {y: yes_, n: "
        "no_}}\n");
    const CommandResult result = run_cli({"migrate", "--from", from, "--to", directory.path("to.db"),
                                          "--mapping", directory.path("m.yaml"), "--execute"});
    require_success(result);
    INFO(result.out);
    CHECK(result.out.find("default of column state: the mapping gives the column other values") !=
          std::string::npos);
    CHECK(result.out.find("default of column n") == std::string::npos);
    CHECK(SqliteDatabase(directory.path("to.db"))
              .value("SELECT group_concat(ifnull(dflt_value, '-')) FROM pragma_table_info('t')") == "-,-,7");
}

TEST_CASE("mapping: the same mapping works into PostgreSQL, and back the mapping's names stay",
          "[cli][mapping][postgresql]") {
    const Home home;
    const auto server = make_pg_database();
    if (!server) {
        return;
    }
    require_success(home.migrate("a.db", "pg:" + server->conninfo()));

    PgConnection pg = server->connect();
    CHECK(pg.query("SELECT id::text, given, last, status, email, cents::text, \"full\", balance::text, origin"
                   " FROM client ORDER BY id") == k_clients);
    CHECK(pg.query("SELECT id::text, name, kind, note FROM person ORDER BY kind, id") == k_people);
    CHECK(pg.value("SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid ="
                   " 'client'::regclass AND attname = 'balance'") == "numeric(12,2)");
    CHECK(pg.value("SELECT string_agg(confrelid::regclass::text, ',') FROM pg_constraint WHERE contype = 'f'"
                   " AND conrelid = 'recent'::regclass") == "client");

    require_success(home.migrate("pg:" + server->conninfo(), "back.db", {}));
    SqliteDatabase back(home.directory.path("back.db"));
    CHECK(back.query("SELECT id, given, last, status, email, cents, \"full\", balance, origin FROM client"
                     " ORDER BY id") == k_clients);
    CHECK(back.value("SELECT type FROM pragma_table_info('recent') WHERE name = 'total'") == "DECIMAL(10,2)");
    CHECK(back.value("SELECT placed FROM recent WHERE id = 10") == "2024-02-29 12:34:56");
    CHECK(back.value("SELECT typeof(total) FROM recent WHERE id = 10") == "real");
}

TEST_CASE("mapping: the same mapping works into JSON", "[cli][mapping][json]") {
    const Home home;
    require_success(home.migrate("a.db", "json:out/"));
    const std::string clients = home.directory.read("out/client.ndjson");
    CHECK(clients.starts_with(R"({"id":1,"given":"Ada","last":"Lovelace","status":"active",)"
                              R"("email":"ada@x.org","cents":1234,"full":"Ada Lovelace","balance":12.34,)"
                              R"("origin":"legacy"})"));
    CHECK(count_of(home.directory.read("out/person.ndjson"), "\n") == 3);
    require_success(home.run({"verify", "--from", "a.db", "--to", "json:out/", "--mapping", "m.yaml"}));
}

TEST_CASE("mapping: a saved plan has its mapping in it", "[cli][mapping]") {
    const Home home;
    require_success(home.run(
        {"migrate", "--from", "a.db", "--to", "b.db", "--mapping", "m.yaml", "--save-plan", "p.json"}));
    require_success(home.run({"migrate", "--plan", "p.json", "--execute"}));
    CHECK(SqliteDatabase(home.directory.path("b.db")).query("SELECT * FROM client ORDER BY id") == k_clients);
}

TEST_CASE("mapping: a value that the map does not name stops the migration", "[cli][mapping]") {
    const Home home;
    home.directory.write(
        "m.yaml", "version: 1\ntables:\n  - from: customer\n    columns:\n      status: {values: {A: x}}\n");
    const CommandResult result = home.migrate("a.db", "b.db");
    CHECK(result.exit_code == 6);
    CHECK((result.out + result.err).find("its value is not in the value map") != std::string::npos);
    CHECK((result.out + result.err).find("Turing") == std::string::npos);
}

TEST_CASE("mapping: every mistake is told with file, line and column", "[cli][mapping]") {
    const Home home;
    const std::vector<std::pair<std::string, std::string>> k_wrong{
        {"tables: []\n", "m.yaml:1:1: a mapping file says which format"},
        {"version: 2\n", "m.yaml:1:10: this version reads"},
        {"version: 1\ntabels: []\n", "m.yaml:2:1: a mapping file has no \"tabels\""},
        {"version: 1\nversion: 1\n", "m.yaml:2:1: \"version\" stands twice"},
        {"version: 1\ninclude: [customr]\n",
         "m.yaml:2:11: no table of the source matches customr; did you mean customer?"},
        {"version: 1\ntables:\n  - from: order\n",
         "m.yaml:3:11: the source has no table order; did you mean orders?"},
        {"version: 1\ntables:\n  - to: x\n", "m.yaml:3:5: an entry of `tables` says which table"},
        {"version: 1\ntables:\n  - from: orders\n    columns: {totl: x}\n",
         "m.yaml:4:15: table orders has no column totl; did you mean total?"},
        {"version: 1\ntables:\n  - from: orders\n    where: total > nope\n",
         "m.yaml:4:20: table orders has no column nope"},
        {"version: 1\ntables:\n  - from: orders\n    where: \"total > nope\"\n",
         "m.yaml:4:21: table orders has no column nope"},
        {"version: 1\ntables:\n  - from: orders\n    where: total +\n", "m.yaml:4:19: "},
        {"version: 1\ntables:\n  - from: orders\n    where: total\n",
         "m.yaml:4:12: a condition is needed here"},
        {"version: 1\ntables:\n  - from: orders\n    compute: {x: {constant: 1, expression: id}}\n",
         "m.yaml:4:15: a computed column has either"},
        {"version: 1\ntables:\n  - from: orders\n    compute: {total: {constant: 1}}\n",
         "m.yaml:4:15: the target would have two columns total"},
        {"version: 1\ntables:\n  - from: orders\n    columns: {total: {type: monney}}\n",
         "m.yaml:4:29: there is no type monney"},
        {"version: 1\ntables:\n  - from: orders\n    exclude: [total]\n    columns: {total: x}\n",
         "m.yaml:5:15: this entry is never used"},
        {"version: 1\nexclude: [orders]\ntables:\n  - from: orders\n",
         "m.yaml:4:11: this entry is never used"},
        {"version: 1\ntables:\n  - from: orders\n    to: customer\n",
         "m.yaml:3:11: table customer has this name already"},
        {"version: 1\ntables:\n  - from: orders\n  - from: orders\n",
         "m.yaml:4:11: table orders goes to table orders twice"},
        {"version: 1\ntables:\n  - from: orders\n    key: [nope]\n",
         "m.yaml:4:11: the target's table has no column nope"},
        {"version: 1\ntables:\n  - from: person_a\n    to: p\n    columns: {name: {type: int64}}\n  - from: "
         "person_b\n    to: p\n",
         "column name of the merged table p is int64 in person_a and text in person_b"},
        {"version: 1\norder: [clients]\n", "m.yaml:2:9: the target would have no table clients"},
        {"version: 1\ntables: {a: b}\n", "m.yaml:2:9: `tables` is a list"},
        {"version: 1\ntables: [\n", "m.yaml:3:1: "}};
    for (const auto& [text, message] : k_wrong) {
        home.directory.write("m.yaml", text);
        const CommandResult result = home.migrate("a.db", "b.db");
        INFO(text);
        require_one_error(result, 2);
        CHECK(result.err.find(message) != std::string::npos);
    }
    CHECK_FALSE(std::filesystem::exists(home.directory.path("b.db")));
}

TEST_CASE("mapping: several mistakes are told at once", "[cli][mapping]") {
    const Home home;
    home.directory.write(
        "m.yaml", "version: 1\ntables:\n  - from: ordrs\n  - from: customer\n    columns: {frist: x}\n");
    const CommandResult result = home.migrate("a.db", "b.db");
    CHECK(result.err.find("m.yaml:3:11: ") != std::string::npos);
    CHECK(result.err.find("m.yaml:5:15: ") != std::string::npos);
}

}  // namespace migrate::test
