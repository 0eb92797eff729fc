#include <string>

#include <catch2/catch.hpp>

#include "backends/sqlite/create_index_parser.hpp"
#include "support/expression_text.hpp"

using namespace migrate;
using backends::sqlite::parse_create_index;

TEST_CASE("create index: columns, collations, directions and expressions", "[sqlite][ddl]") {
    const auto result = parse_create_index(
        "CREATE UNIQUE INDEX IF NOT EXISTS main.\"i x\" ON [t](a, \"b\" COLLATE nocase DESC, lower(c) ASC, "
        "'d' desc,"
        " (a + 1) COLLATE binary, desc, c NULLS LAST)");
    REQUIRE(result);
    const backends::sqlite::IndexDefinition& index = *result.index;
    CHECK(index.name == "i x");
    CHECK(index.table == "t");
    CHECK(index.unique);
    REQUIRE(index.parts.size() == 7);
    CHECK(index.parts[0].column == "a");
    CHECK(index.parts[1].column == "b");
    CHECK(index.parts[1].collation == "nocase");
    CHECK(index.parts[1].descending);
    CHECK(index.parts[2].column.empty());
    CHECK(test::to_s_expression(*index.parts[2].expression.tree) == "(lower c)");
    CHECK_FALSE(index.parts[2].descending);
    CHECK(index.parts[3].column == "d");
    CHECK(index.parts[3].descending);
    CHECK(test::to_s_expression(*index.parts[4].expression.tree) == "(add a 1)");
    CHECK(index.parts[4].collation == "binary");
    CHECK(index.parts[5].column == "desc");
    CHECK(index.parts[6].column == "c");
    CHECK_FALSE(index.predicate);
}

TEST_CASE("create index: the predicate is read with the table's columns in mind", "[sqlite][ddl]") {
    const auto result = parse_create_index("CREATE INDEX i ON t(a) WHERE \"a\" = \"x\" AND b NOT NULL;",
                                           [](std::string_view name) { return name == "a" || name == "b"; });
    REQUIRE(result);
    CHECK(result.index->predicate->text == "\"a\" = \"x\" AND b NOT NULL");
    CHECK(test::to_s_expression(result.index->predicate->tree.value()) == "(and (eq a 'x') (is_not_null b))");
}

TEST_CASE("create index: what is no index definition is an error", "[sqlite][ddl]") {
    CHECK(parse_create_index("CREATE INDEX i ON t()").error->message == "expected a column");
    CHECK(parse_create_index("CREATE INDEX i ON t(a").error);
    CHECK(parse_create_index("CREATE TABLE i(a)").error->message == "expected index");
    CHECK(parse_create_index("CREATE INDEX i ON t(a) junk").error->message ==
          "something follows the definition");
}
