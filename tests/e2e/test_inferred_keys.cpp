// --infer-keys by the command, against both engines, looked at by plain driver calls.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/canonical_json.hpp"
#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/shared_data.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

using namespace migrate::test;

namespace {

const char* const k_shop =
    R"({"customers":[{"name":"Ada","customerId":2},{"customerId":1,"name":null,"vip":true}],
        "orders":[{"id":"b","customerId":1,"lines":[{"product":{"id":7},"n":1.50},{"product":{"id":9},"n":2}]},
                  {"id":"a","customerId":2,"lines":[]}, {"id":"c","lines":null}],
        "products":[{"id":9,"label":"x"},{"id":7,"label":"x"}]})";

std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
}

std::vector<std::string> sorted(const std::vector<std::vector<std::optional<std::string>>>& rows) {
    std::vector<std::string> out;
    for (const auto& row : rows) {
        out.emplace_back();
        for (const auto& value : row) {
            out.back() += (out.back().empty() ? "" : "|") + value.value_or("NULL");
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

std::vector<std::string> sqlite_keys(const std::string& path) {
    return sorted(SqliteDatabase(path, true)
                      .query("SELECT m.name || '.' || f.\"from\" || '->' || f.\"table\" || '.' || f.\"to\" "
                             "FROM sqlite_master m, "
                             "pragma_foreign_key_list(m.name) f WHERE m.type = 'table' AND m.name NOT LIKE "
                             "'\\_%' ESCAPE '\\'"));
}

std::vector<std::string> pg_keys(PgConnection connection) {
    return sorted(connection.query(
        "SELECT c.relname || '.' || a.attname || '->' || r.relname || '.' || b.attname FROM pg_constraint k "
        "JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid JOIN pg_attribute a ON "
        "a.attrelid = c.oid AND a.attnum = k.conkey[1] JOIN pg_attribute b ON b.attrelid = r.oid AND "
        "b.attnum "
        "= k.confkey[1] WHERE k.contype = 'f' AND k.convalidated AND k.connamespace = "
        "'public'::regnamespace"));
}

const std::vector<std::string> k_shop_keys{"orders.customerId->customers.customerId",
                                           "orders__lines._parent_id->orders.id",
                                           "orders__lines.product__id->products.id"};

}  // namespace

TEST_CASE("infer keys: the plan names what was inferred, as text and as JSON", "[cli][infer-keys]") {
    const TemporaryDirectory directory;
    const std::string shop = directory.write("shop.json", k_shop);
    const CommandResult text =
        run_cli({"migrate", "--from", shop, "--to", directory.path("a.db"), "--infer-keys"});
    require_success(text);
    CHECK(text.out.find("table customers: \"customerId\" is its primary key: its name says so, and all 2 "
                        "records have it, each another value\n") != std::string::npos);
    CHECK(text.out.find("table orders__lines, column product__id: it refers to products.id: its name says "
                        "so, and all of its 2 values are there\n") != std::string::npos);
    const CommandResult plain = run_cli({"migrate", "--from", shop, "--to", directory.path("a.db")});
    require_success(plain);
    CHECK(plain.out.find("its name says so") == std::string::npos);

    const CommandResult json =
        run_cli({"migrate", "--from", shop, "--to", directory.path("a.db"), "--infer-keys", "--json"});
    require_success(json);
    const rapidjson::Document plan = json_of(json.out);
    std::vector<std::string> found;
    for (const auto& finding : plan["findings"].GetArray()) {
        const std::string code = finding["code"].GetString();
        if (code.ends_with("-inferred")) {
            found.push_back(code + " " + finding["object"].GetString() + " " +
                            std::to_string(finding["count"].GetUint64()));
        }
    }
    std::sort(found.begin(), found.end());
    CHECK(found == std::vector<std::string>{"key-inferred table customers 2", "key-inferred table orders 3",
                                            "key-inferred table products 2",
                                            "reference-inferred table orders, column customerId 2",
                                            "reference-inferred table orders__lines, column product__id 2"});
}

TEST_CASE("infer keys: SQLite gets the keys, and the documents come back", "[cli][infer-keys]") {
    const TemporaryDirectory directory;
    const std::string shop = directory.write("shop.json", k_shop);
    const std::string database = directory.path("a.db");
    require_success(run_cli({"migrate", "--from", shop, "--to", database, "--infer-keys", "--execute"}));
    CHECK(sqlite_keys(database) == k_shop_keys);
    SqliteDatabase written(database);
    CHECK(written.value("SELECT name FROM pragma_table_info('customers') WHERE pk = 1") == "customerId");
    written.exec("PRAGMA foreign_keys = ON");
    CHECK_THROWS(written.exec("INSERT INTO orders (id, customerId) VALUES ('x', 99)"));
    CHECK_THROWS(written.exec("INSERT INTO customers (customerId) VALUES (1)"));
    require_success(run_cli({"migrate", "--from", database, "--to", directory.path("back.json"), "--layout",
                             "documents", "--execute"}));
    CHECK(canonical_json(content(directory.path("back.json")), false) == canonical_json(k_shop, false));
    // The same database as a migration with the option would have to leave it.
    require_success(run_cli({"verify", "--from", shop, "--to", database, "--infer-keys"}));
}

TEST_CASE("infer keys: PostgreSQL gets the keys, and the documents come back", "[cli][infer-keys][pg]") {
    const auto server = make_pg_database();
    if (!server) {
        return;
    }
    const TemporaryDirectory directory;
    const std::string shop = directory.write("shop.json", k_shop);
    const std::string database = "pg:" + server->conninfo();
    require_success(run_cli({"migrate", "--from", shop, "--to", database, "--infer-keys", "--execute"}));
    CHECK(pg_keys(server->connect()) == k_shop_keys);
    CHECK_THROWS(server->connect().exec("INSERT INTO orders (id, \"customerId\") VALUES ('x', 99)"));
    require_success(run_cli({"migrate", "--from", database, "--to", directory.path("back.json"), "--layout",
                             "documents", "--execute"}));
    CHECK(canonical_json(content(directory.path("back.json")), false) == canonical_json(k_shop, false));
}

TEST_CASE("infer keys: Chinook's nine references with telling names are found in its JSON",
          "[cli][infer-keys]") {
    const auto data = shared_data("json/chinook/ChinookData.json");
    if (!data) {
        return;
    }
    const TemporaryDirectory directory;
    const std::string database = directory.path("a.db");
    require_success(run_cli({"migrate", "--from", *data, "--to", database, "--infer-keys", "--execute"}));
    CHECK(sqlite_keys(database) ==
          std::vector<std::string>{
              "Album.ArtistId->Artist.ArtistId", "Invoice.CustomerId->Customer.CustomerId",
              "InvoiceLine.InvoiceId->Invoice.InvoiceId", "InvoiceLine.TrackId->Track.TrackId",
              "PlaylistTrack.PlaylistId->Playlist.PlaylistId", "PlaylistTrack.TrackId->Track.TrackId",
              "Track.AlbumId->Album.AlbumId", "Track.GenreId->Genre.GenreId",
              "Track.MediaTypeId->MediaType.MediaTypeId"});
    CHECK(SqliteDatabase(database, true).value("SELECT count(*) FROM pragma_foreign_key_check") == "0");
    require_success(run_cli({"migrate", "--from", database, "--to", directory.path("back.json"), "--layout",
                             "documents", "--execute"}));
    CHECK((canonical_json(content(directory.path("back.json")), false) ==
           canonical_json(content(*data), false)));
}

TEST_CASE(
    "infer keys: a database that this tool wrote has its keys, and one that is no JSON has no such option",
    "[cli][infer-keys]") {
    const TemporaryDirectory directory;
    SqliteDatabase(directory.path("a.db"))
        .exec("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
    require_success(
        run_cli({"migrate", "--from", directory.path("a.db"), "--to", directory.path("out/"), "--execute"}));
    const CommandResult plan = run_cli(
        {"migrate", "--from", directory.path("out/"), "--to", directory.path("b.db"), "--infer-keys"});
    require_success(plan);
    CHECK(plan.out.find("its manifest says what its keys are") != std::string::npos);
    require_one_error(run_cli({"migrate", "--from", directory.path("a.db"), "--to", directory.path("c.db"),
                               "--infer-keys"}),
                      2);
}
