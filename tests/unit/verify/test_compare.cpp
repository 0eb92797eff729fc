#include <memory>
#include <string>

#include <catch2/catch.hpp>

#include "support/memory_backend.hpp"
#include "verify/compare.hpp"
#include "verify/row_diff.hpp"

namespace {

using namespace migrate;
using test::InMemoryDatabase;
using test::InMemorySource;

/// A table of (id, word); `key` gives it a primary key.
std::shared_ptr<InMemoryDatabase> words(const std::vector<std::string>& list, bool key = true) {
    auto database = std::make_shared<InMemoryDatabase>();
    test::InMemoryTable& table = database->tables.emplace_back();
    table.table.name.name = "word";
    table.table.columns.resize(2);
    table.table.columns[0].name = "id";
    table.table.columns[0].type = TypeKind::int64;
    table.table.columns[1].name = "word";
    table.table.columns[1].type = TypeKind::text;
    if (key) {
        table.table.primary_key = Key{"", {"id"}, {}, false, false, "", ""};
    }
    table.rows.reset({TypeKind::int64, TypeKind::text});
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i] == "-") {
            continue;
        }
        table.rows.columns[0].append_fixed(static_cast<std::int64_t>(i));
        if (list[i] == "NULL") {
            table.rows.columns[1].append_null();
        } else {
            table.rows.columns[1].append_bytes(list[i]);
        }
    }
    return database;
}

struct Comparison {
    Comparison(const std::shared_ptr<InMemoryDatabase>& from, const std::shared_ptr<InMemoryDatabase>& to)
        : a(from),
          b(to),
          schema_a(a.read_schema({}).schema),
          schema_b(b.read_schema({}).schema),
          mapped(mapping::map_schema({}, schema_a)),
          pairing(verify::pair_tables(schema_a, mapped, schema_a, schema_b)) {}

    VerificationReport report(VerificationLevel level = VerificationLevel::standard) {
        verify::CompareContext context;
        context.level = level;
        return verify::compare(a, b, pairing, context);
    }
    std::vector<RowDifference> rows(std::uint64_t most = 100) {
        return verify::differing_rows(a, b, pairing.pairs.at(0), most, {}, truncated);
    }

    InMemorySource a;
    InMemorySource b;
    Schema schema_a;
    Schema schema_b;
    mapping::MappedSchema mapped;
    verify::Pairing pairing;
    bool truncated = false;
};

}  // namespace

TEST_CASE("verify: the same rows in another order are equal", "[verify]") {
    auto reversed = words({"a", "b", "c"});
    RowBatch rows;
    rows.reset({TypeKind::int64, TypeKind::text});
    for (std::size_t row = 3; row-- > 0;) {
        test::append_row(reversed->tables[0].rows, row, {0, 1}, rows);
    }
    reversed->tables[0].rows = rows;
    Comparison comparison(words({"a", "b", "c"}), reversed);
    CHECK(comparison.report().equal());
    CHECK(comparison.rows().empty());
}

TEST_CASE("verify: one changed, missing, added or NULLed value is a difference, by key", "[verify]") {
    Comparison comparison(words({"a", "b", "c", "", "-"}), words({"a", "B", "-", "NULL", "e"}));
    const auto report = comparison.report();
    CHECK_FALSE(report.equal());
    CHECK(report.exit_code() == 4);
    const auto rows = comparison.rows();
    REQUIRE(rows.size() == 4);
    CHECK(rows[0].key == std::vector<std::string>{"id=1"});
    CHECK(rows[0].kind == RowDifference::Kind::changed);
    CHECK(rows[0].source_values == std::vector<std::string>{"b"});
    CHECK(rows[0].target_values == std::vector<std::string>{"B"});
    CHECK(rows[1].kind == RowDifference::Kind::only_in_source);
    CHECK(rows[2].columns == std::vector<std::string>{"word"});
    CHECK(rows[3].kind == RowDifference::Kind::only_in_target);
}

TEST_CASE("verify: two equal rows do not cancel, three are not two", "[verify]") {
    auto two = words({"x", "x"}, false);
    auto three = words({"x", "x", "x"}, false);
    for (auto& database : {two, three}) {
        database->tables[0].table.columns.erase(database->tables[0].table.columns.begin());
        database->tables[0].rows.columns.erase(database->tables[0].rows.columns.begin());
    }
    Comparison comparison(three, two);
    CHECK_FALSE(comparison.report().equal());
    const auto rows = comparison.rows();
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].kind == RowDifference::Kind::only_in_source);
}

TEST_CASE("verify: basic compares counts and leaves values alone", "[verify]") {
    Comparison changed(words({"a"}), words({"b"}));
    CHECK(changed.report(VerificationLevel::basic).equal());
    CHECK_FALSE(changed.report().equal());
    Comparison fewer(words({"a", "b"}), words({"a"}));
    CHECK_FALSE(fewer.report(VerificationLevel::basic).equal());
}

TEST_CASE("verify: a table or column that only one side has is a difference", "[verify]") {
    auto more = words({"a"});
    more->tables.push_back(words({"z"})->tables[0]);
    more->tables[1].table.name.name = "extra";
    Comparison tables(words({"a"}), more);
    CHECK_FALSE(tables.report().equal());
    CHECK(tables.report().tables.back().note == "only at the target");

    auto narrow = words({"a"});
    narrow->tables[0].table.columns.pop_back();
    narrow->tables[0].rows.columns.pop_back();
    Comparison columns(words({"a"}), narrow);
    CHECK_FALSE(columns.report().equal());
    CHECK(columns.report().tables[0].note == "column word is only at the source");
}

TEST_CASE("verify: columns of unlike types are compared by value where one can hold the other", "[verify]") {
    auto numbers = words({"a", "b"});
    auto text = words({"a", "b"});
    text->tables[0].table.columns[0].type = TypeKind::text;
    text->tables[0].rows.columns[0] = ColumnVector(TypeKind::text);
    text->tables[0].rows.columns[0].append_bytes("0");
    SECTION("equal") {
        text->tables[0].rows.columns[0].append_bytes("1");
        CHECK(Comparison(numbers, text).report().equal());
    }
    SECTION("another number") {
        text->tables[0].rows.columns[0].append_bytes("2");
        CHECK_FALSE(Comparison(numbers, text).report().equal());
    }
    SECTION("no number at all") {
        text->tables[0].rows.columns[0].append_bytes("one");
        CHECK_FALSE(Comparison(numbers, text).report().equal());
    }
}

TEST_CASE("verify: the list of differing rows ends at its bound and says so", "[verify]") {
    std::vector<std::string> many(500, "a");
    std::vector<std::string> other(500, "b");
    Comparison comparison(words(many), words(other));
    CHECK(comparison.rows(10).size() == 10);
    CHECK(comparison.truncated);
}
