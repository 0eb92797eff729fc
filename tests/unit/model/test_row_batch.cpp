#include <string>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>
#include <migrate/finding.hpp>
#include <migrate/row_batch.hpp>
#include <migrate/schema.hpp>

using namespace migrate;

TEST_CASE("row batch: values and NULLs stay apart, empty is not NULL", "[batch]") {
    RowBatch batch;
    batch.reset({TypeKind::text, TypeKind::float32});
    batch.columns[0].append_bytes("");
    batch.columns[0].append_null();
    batch.columns[0].append_bytes("xyz");
    std::copy_n("abc", 3, batch.columns[0].append_room(3));
    batch.columns[1].append_float32(-0.5F);
    batch.columns[1].append_null();
    CHECK(batch.row_count() == 4);
    CHECK_FALSE(batch.columns[0].is_null(0));
    CHECK(batch.columns[0].bytes(0).empty());
    CHECK(batch.columns[0].is_null(1));
    CHECK(batch.columns[0].bytes(2) == "xyz");
    CHECK(batch.columns[0].bytes(3) == "abc");
    CHECK(batch.columns[1].float32(0) == -0.5F);
    CHECK(batch.byte_size() == 4 + 4 * 4 + 6 + 2 + 2 * 8);
    batch.columns[0].pop_back();
    batch.columns[0].pop_back();
    batch.columns[0].append_bytes("z");
    CHECK(batch.columns[0].bytes(2) == "z");
    batch.clear();
    CHECK(batch.row_count() == 0);
    CHECK(batch.byte_size() == 0);
    CHECK(batch.columns.size() == 2);
}

TEST_CASE("error: codes have exit codes, and only two may be tried again", "[error]") {
    CHECK(exit_code_of(ErrorCode::usage) == 2);
    CHECK(exit_code_of(ErrorCode::exists) == 3);
    CHECK(exit_code_of(ErrorCode::differs) == 4);
    CHECK(exit_code_of(ErrorCode::connection_lost) == 6);
    CHECK(exit_code_of(ErrorCode::unreachable) == 7);
    CHECK(exit_code_of(ErrorCode::locked) == 8);
    for (int i = 0; i <= static_cast<int>(ErrorCode::unsupported); ++i) {
        const auto code = static_cast<ErrorCode>(i);
        CAPTURE(to_string(code));
        CHECK(exit_code_of(code) >= 1);
        CHECK(Error(code, "x").retryable() ==
              (code == ErrorCode::connection_lost || code == ErrorCode::transient));
    }
    CHECK(to_string(ErrorCode::not_found) == "not_found");
}

TEST_CASE("schema: tables and columns are found by their exact names", "[schema]") {
    Schema schema;
    Table table;
    table.name = {"main", "Album"};
    table.columns.emplace_back().name = "Title";
    schema.tables.push_back(table);
    REQUIRE(schema.find_table({"main", "Album"}) != nullptr);
    CHECK(schema.find_table({"main", "album"}) == nullptr);
    CHECK(schema.tables[0].find_column("Title") == &schema.tables[0].columns[0]);
    CHECK(schema.tables[0].find_column("title") == nullptr);
    CHECK(schema.origin_on("json") == nullptr);
    CHECK(QualifiedName{"a", "b\n\x1b[31m"}.display() == "a.b\\n\\u{1b}[31m");
    CHECK(to_string(ReferenceAction::set_null) == "set_null");
    CHECK(to_string(Severity::left_out) == "left_out");
}
