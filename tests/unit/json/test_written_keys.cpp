#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "backends/json/written_keys.hpp"
#include "unit/json/json_fixture.hpp"

/// What is known of keys from rows as they are written.
namespace migrate::test {
namespace {

using backends::json::claimed_keys;
using backends::json::ClaimedKey;
using backends::json::WrittenKeys;

/// Table t (id, name): id the primary key, name a unique key.
Table keyed_table() {
    Table table = make_table("t", {{"id", TypeKind::int64}, {"name", TypeKind::text}});
    table.columns[0].nullable = false;
    table.primary_key = Key{};
    table.primary_key->columns = {"id"};
    table.unique_keys.emplace_back();
    table.unique_keys.back().columns = {"name"};
    return table;
}

RowBatch rows(const Table& table, const std::vector<std::pair<std::int64_t, std::string>>& values) {
    RowBatch batch = make_batch(table);
    for (const auto& [id, name] : values) {
        if (id == 0) {
            batch.columns[0].append_null();
        } else {
            batch.columns[0].append_fixed(id);
        }
        if (name.empty()) {
            batch.columns[1].append_null();
        } else {
            batch.columns[1].append_bytes(name);
        }
    }
    return batch;
}

struct Written {
    Table table = keyed_table();
    std::vector<ClaimedKey> keys = claimed_keys(table);
    WrittenKeys written;
    std::uint64_t staged = 0;  // rows that another run has written

    void add(const std::vector<std::pair<std::int64_t, std::string>>& values, std::size_t index = 0) {
        written.begin(index, table, staged);
        written.add(rows(table, values));
    }
    bool primary_holds(std::uint64_t count, std::size_t index = 0) {
        return written.hold(index, keys.at(0), count);
    }
    bool unique_holds(std::uint64_t count) { return written.hold(0, keys.at(1), count); }
};

}  // namespace

TEST_CASE("written keys: values that all differ hold, whatever batch they came in", "[json][key]") {
    Written t;
    t.add({{1, "a"}, {2, "b"}});
    t.add({{3, ""}, {4, ""}});
    CHECK(t.primary_holds(4));
    CHECK(t.unique_holds(4));
}

TEST_CASE("written keys: a value that repeats breaks its own key only", "[json][key]") {
    Written t;
    t.add({{1, "a"}, {2, "b"}});
    t.add({{1, "c"}});
    CHECK_FALSE(t.primary_holds(3));
    CHECK(t.unique_holds(3));
}

TEST_CASE("written keys: NULL breaks a key that forbids it", "[json][key]") {
    Written t;
    t.add({{1, ""}, {0, ""}});
    CHECK_FALSE(t.primary_holds(2));
    CHECK(t.unique_holds(2));
}

TEST_CASE("written keys: NULL is a value where the index says so", "[json][key]") {
    Written t;
    t.table.unique_keys.clear();
    Index index;
    index.name = "i";
    index.unique = true;
    index.nulls_not_distinct = true;
    index.parts.emplace_back();
    index.parts.back().column = "name";
    t.table.indexes.push_back(index);
    t.keys = claimed_keys(t.table);
    t.add({{1, ""}, {2, "a"}, {3, ""}});
    CHECK(t.primary_holds(3));
    CHECK_FALSE(t.unique_holds(3));
}

TEST_CASE("written keys: text is compared as its collation says", "[json][key]") {
    Written t;
    t.table.columns[1].collation = "nocase";
    t.keys = claimed_keys(t.table);
    t.add({{1, "Abc"}, {2, "aBC"}});
    CHECK_FALSE(t.unique_holds(2));
}

TEST_CASE("written keys: what was not seen written is not known", "[json][key]") {
    Written t;
    t.add({{1, "a"}, {2, "b"}});
    SECTION("rows of an earlier run") {
        CHECK_FALSE(t.primary_holds(3));
    }
    SECTION("as many rows of an earlier run as were taken out since") {
        Written resumed;
        resumed.staged = 2;
        resumed.add({{3, "c"}, {4, "d"}});
        CHECK_FALSE(resumed.primary_holds(2));
    }
    SECTION("rows that were taken out, and the count agrees") {
        t.written.forget(0);
        CHECK_FALSE(t.primary_holds(2));
    }
    SECTION("rows that were taken out since") {
        CHECK_FALSE(t.primary_holds(1));
    }
    SECTION("rows of a chunk that was given up") {
        t.written.forget(0);
        t.add({{3, "c"}});
        CHECK_FALSE(t.primary_holds(3));
    }
    SECTION("a table that was gone back to") {
        t.add({{1, "a"}}, 1);
        t.add({{3, "c"}}, 0);
        CHECK_FALSE(t.primary_holds(3));
        CHECK(t.primary_holds(1, 1));
    }
    SECTION("another table") {
        CHECK_FALSE(t.primary_holds(2, 1));
    }
}

TEST_CASE("written keys: columns that are not stored take no place in a row", "[json][key]") {
    Written t;
    Column made;
    made.name = "made";
    made.type = TypeKind::int64;
    made.generated.emplace();
    t.table.columns.insert(t.table.columns.begin(), made);
    t.written.begin(0, t.table, 0);
    t.written.add(rows(keyed_table(), {{1, "a"}, {2, "a"}}));
    CHECK(t.primary_holds(2));
    CHECK_FALSE(t.unique_holds(2));
}

}  // namespace migrate::test
