#include <algorithm>

#include <catch2/catch.hpp>

#include "backends/sqlite/create_virtual_parser.hpp"
#include "backends/sqlite/virtual_table.hpp"
#include "unit/sqlite/fixture.hpp"

namespace migrate::backends::sqlite {
const migrate::backend::Backend& backend();
}

using namespace migrate;
using namespace migrate::test;
using backends::sqlite::CatalogEntry;
using backends::sqlite::parse_create_virtual;
using backends::sqlite::shadow_tables;

namespace {

constexpr const char* k_database =
    "CREATE TABLE plain(a);"
    "CREATE VIRTUAL TABLE \"search using(x\" USING fts5(title, body);"
    "INSERT INTO \"search using(x\"(rowid, title, body) VALUES (7, 'a', 'hello'), (9, 'b', NULL);"
    "CREATE VIRTUAL TABLE old USING fts4(t);"
    "INSERT INTO old VALUES ('x');"
    "CREATE VIRTUAL TABLE box USING rtree(id, x0, x1);"
    "INSERT INTO box VALUES (3, 0.5, 1);"
    "CREATE VIRTUAL TABLE silent USING fts5(t, content='');"
    "CREATE TABLE old_friends(a);";

/// As a database whose module is not there: told in the catalog alone.
constexpr const char* k_unknown_module =
    "CREATE TABLE mine(a); CREATE TABLE near_mine(a); INSERT INTO mine VALUES (1);"
    "CREATE TABLE near_data(k, v);"
    "PRAGMA writable_schema=1;"
    "INSERT INTO sqlite_schema VALUES ('table', 'near', 'near', 0, 'CREATE VIRTUAL TABLE near USING "
    "nosuch(a, [{)])');"
    "PRAGMA writable_schema=0;";

backend::SchemaReading read(const std::string& sql) {
    const TemporaryDirectory directory;
    const std::string path = directory.path("x.db");
    make_database(path, sql);
    const auto source = backends::sqlite::backend().open_source(sqlite_endpoint(path), {});
    source->pin_snapshot(1);
    return source->read_schema({});
}

std::vector<std::string> names(const Schema& schema) {
    std::vector<std::string> out;
    for (const Table& table : schema.tables) {
        out.push_back(table.name.name);
    }
    std::sort(out.begin(), out.end());
    return out;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("sqlite: a virtual table's module is told from its definition", "[sqlite][virtual]") {
    CHECK(parse_create_virtual("CREATE VIRTUAL TABLE t USING FTS5(a)").module == "fts5");
    CHECK(
        parse_create_virtual("create virtual table if not exists main.\"using(\" using [My Module]").module ==
        "my module");
    CHECK(parse_create_virtual("CREATE VIRTUAL TABLE t USING m(a, ''' {[ \x01)").module == "m");
    CHECK(parse_create_virtual("CREATE TABLE t(a)").module.empty());
    CHECK(parse_create_virtual("CREATE VIRTUAL TABLE").module.empty());
    CHECK(parse_create_virtual("").module.empty());
    CHECK(parse_create_virtual("CREATE VIRTUAL TABLE t USING fts5(a, content = '')").contentless);
    CHECK_FALSE(parse_create_virtual("CREATE VIRTUAL TABLE t USING fts5(a, content='b')").contentless);
}

TEST_CASE("sqlite: virtual tables are listed, their shadow tables no tables of the user's",
          "[sqlite][virtual]") {
    const backend::SchemaReading reading = read(k_database);
    CHECK(names(reading.schema) == Names{"old_friends", "plain"});
    REQUIRE(reading.schema.objects.size() == 4);
    CHECK(reading.schema.objects[0].properties.at("module") == "fts5");
    CHECK(reading.schema.objects[0].reason.find("made by the module fts5") != std::string::npos);
    CHECK(reading.schema.objects[1].properties.at("shadow_tables") ==
          "old_content, old_docsize, old_segdir, old_segments, old_stat");
    CHECK(reading.schema.objects[3].reason.find("keeps no text of its own") != std::string::npos);
}

TEST_CASE("sqlite: a module that is not there is named, and all else is read", "[sqlite][virtual]") {
    const backend::SchemaReading reading = read(k_unknown_module);
    CHECK(names(reading.schema) == Names{"mine"});
    REQUIRE(reading.schema.objects.size() == 1);
    CHECK(reading.schema.objects[0].reason ==
          "Its module nosuch is not part of this SQLite, or cannot read it. Its shadow tables are left out "
          "with it: near_data, near_mine.");
}

TEST_CASE("sqlite: shadow tables of unknown modules are those made with them", "[sqlite][virtual]") {
    const CatalogEntry before{"table", "v_archive", "v_archive", "", false};
    const CatalogEntry table{"table", "v", "v", "CREATE VIRTUAL TABLE v USING vec0(x)", true};
    const CatalogEntry shadow{"table", "v_chunks", "v_chunks", "", false};
    const CatalogEntry other{"table", "other", "other", "", false};
    CHECK(shadow_tables({before, table, shadow, other}, 1) == Names{"v_chunks"});
    CHECK(shadow_tables({before, shadow, other, table}, 3) == Names{"v_archive", "v_chunks"});
}
