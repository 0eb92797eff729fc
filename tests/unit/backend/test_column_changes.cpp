#include <catch2/catch.hpp>

#include "backend/column_changes.hpp"
#include "backend/staged_digests.hpp"

namespace migrate::backend {

TEST_CASE("column changes: each is said by name, and nothing where columns are the same", "[backend]") {
    const std::vector<StoredColumn> before{
        {1, "a", "integer", ""}, {2, "b", "text", ""}, {3, "c", "text", ""}};
    CHECK(column_changes(before, before).empty());
    CHECK(column_changes(before, {{1, "a", "text", ""}, before[1], before[2]}) ==
          "column a is text now, not integer");
    CHECK(column_changes(before, {before[0], {2, "z", "text", ""}, before[2]}) == "column b is called z now");
    // SQLite moves the others up.
    CHECK(column_changes(before, {before[0], {2, "c", "text", ""}}) == "column b was dropped");
    CHECK(column_changes(before, {before[0], before[1], before[2], {4, "d", "text", ""}}) ==
          "column d was added");
    CHECK(column_changes(before, {before[0], before[2], {4, "b", "text", ""}}) ==
          "column b was dropped and added again, or moved");
    CHECK(column_changes(before, {before[0], {2, "b", "text", "stored"}, before[2]}) ==
          "column b is generated now");
    CHECK(column_changes(before, {before[0], {2, "z", "integer", ""}, before[2]}) ==
          "column b was dropped, column z was added");
}

TEST_CASE("staged digests: a table of which a part was not read has none", "[backend]") {
    const QualifiedName table{"", "t"};
    Digest one;
    one.add(1, 2);
    StagedDigests digests;
    digests.add(table, 0, one);
    CHECK_FALSE(digests.of(table));
    digests.begin(table, 2);
    digests.add(table, 1, one);
    CHECK_FALSE(digests.of(table));
    digests.add(table, 0, one);
    REQUIRE(digests.of(table));
    CHECK(digests.of(table)->rows == 2);
    // A second look at all of it, as by another route, does not take away what the first has found.
    digests.begin(table, 2);
    REQUIRE(digests.of(table));
    CHECK(digests.of(table)->rows == 2);
    digests.begin(table, 3);
    CHECK_FALSE(digests.of(table));
}

}  // namespace migrate::backend
