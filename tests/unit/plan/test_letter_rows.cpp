#include <bit>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "model/canonical.hpp"
#include "model/row_json.hpp"
#include "model/value_text.hpp"
#include "plan/letter_rows.hpp"
#include "util/byte_order.hpp"

namespace {

using namespace migrate;

Column column(const std::string& name, const LogicalType& type) {
    Column one;
    one.name = name;
    one.type = type;
    return one;
}

/// A plan of one table on its way into another, with all columns as they are.
MigrationPlan plan_of(const std::vector<Column>& source, const std::vector<Column>& target) {
    MigrationPlan plan;
    plan.source.engine = plan.target.engine = "sqlite";
    plan.source.tables.resize(1);
    plan.source.tables[0].name.name = "t";
    plan.source.tables[0].columns = source;
    plan.target.tables = plan.source.tables;
    plan.target.tables[0].columns = target;
    plan.tables.resize(1);
    for (std::size_t i = 0; i < target.size(); ++i) {
        ColumnPlan way;
        way.source = way.target = i;
        plan.tables[0].columns.push_back(way);
    }
    return plan;
}

DeadLetter letter_of(const std::string& row) {
    DeadLetter letter;
    letter.table = "t";
    letter.row = row;
    return letter;
}

std::string bytes_of(const RowBatch& batch) {
    std::string bytes;
    model::append_canonical_row(batch, 0, bytes);
    return bytes;
}

std::string tagged(char tag, std::uint64_t bits) {
    std::string bytes(1, tag);
    util::append_big(bytes, bits);
    return bytes;
}

std::string tagged(double value) {
    return tagged('r', std::bit_cast<std::uint64_t>(value));
}

}  // namespace

TEST_CASE("letter rows: a row of every type comes back from its dead letter as it was", "[plan][reject]") {
    const std::vector<std::pair<LogicalType, std::string>> values{
        {LogicalType(TypeKind::boolean), "true"},
        {LogicalType(TypeKind::int16), "-32768"},
        {LogicalType(TypeKind::int32), "2147483647"},
        {LogicalType(TypeKind::int64), "-9223372036854775808"},
        {LogicalType(TypeKind::float32), "0.1"},
        {LogicalType(TypeKind::float64), "-0"},
        {LogicalType(TypeKind::float64), "Infinity"},
        {LogicalType(TypeKind::float64), "5e-324"},
        {LogicalType(TypeKind::decimal), "10.10"},
        {LogicalType(TypeKind::decimal), "NaN"},
        {LogicalType(TypeKind::text), "10.10"},
        {LogicalType(TypeKind::text), ""},
        {LogicalType(TypeKind::text), "a \"quoted\"\n line, and \xf0\x9f\x90\x98"},
        {LogicalType(TypeKind::bytes), "AP8A"},
        {LogicalType(TypeKind::date), "0044-03-15 BC"},
        {LogicalType(TypeKind::time), "24:00:00.000000"},
        {LogicalType(TypeKind::timestamp), "2024-02-29T12:34:56.000001"},
        {LogicalType(TypeKind::timestamp_tz), "infinity"},
        {LogicalType(TypeKind::interval), "P1Y2M-3DT4H5M6.000007S"},
        {LogicalType(TypeKind::uuid), "00000000-0000-4000-8000-00000000abcd"},
        {LogicalType(TypeKind::json), "{\"a\": 1.50}"},
    };
    std::vector<Column> columns;
    std::vector<TypeKind> kinds;
    model::RowShape shape;
    for (const auto& [type, text] : values) {
        columns.push_back(column("c" + std::to_string(columns.size()), type));
        kinds.push_back(type.kind);
        shape.names.push_back(columns.back().name);
        shape.types.push_back(type);
    }
    RowBatch row;
    row.reset(kinds);
    for (std::size_t i = 0; i < values.size(); ++i) {
        INFO(values[i].second);
        REQUIRE(model::append_from_text(row.columns[i], values[i].first, values[i].second));
    }
    const MigrationPlan plan = plan_of(columns, columns);
    const plan::LetterRow back = plan::LetterRows(plan, 0).read(letter_of(model::row_as_json(row, 0, shape)));
    CHECK(back.column + back.reason == "");
    REQUIRE(back.batch.row_count() == 1);
    CHECK(bytes_of(back.batch) == bytes_of(row));
}

TEST_CASE("letter rows: values of each their own type keep it", "[plan][reject]") {
    const std::vector<std::string> values{tagged('i', 5),
                                          tagged(5.0),
                                          tagged(-0.0),
                                          tagged(std::numeric_limits<double>::infinity()),
                                          tagged(1e300),
                                          "t5",
                                          "t",
                                          "tInfinity",
                                          "b\x01\xff",
                                          "b",
                                          tagged('i', static_cast<std::uint64_t>(-7))};
    const std::vector<Column> columns{column("v", LogicalType(TypeKind::variant)),
                                      column("n", LogicalType(TypeKind::variant))};
    const MigrationPlan plan = plan_of(columns, columns);
    model::RowShape shape{{"v", "n"}, {columns[0].type, columns[1].type}, {}};
    for (const std::string& value : values) {
        RowBatch row;
        row.reset({TypeKind::variant, TypeKind::variant});
        row.columns[0].append_bytes(value);
        row.columns[1].append_null();
        const std::string json = model::row_as_json(row, 0, shape);
        INFO(json);
        const plan::LetterRow back = plan::LetterRows(plan, 0).read(letter_of(json));
        CHECK(back.reason == "");
        REQUIRE(back.batch.row_count() == 1);
        CHECK(back.batch.columns[0].bytes(0) == value);
        CHECK(back.batch.columns[1].is_null(0));
    }
}

TEST_CASE("letter rows: text that is no UTF-8 is what a reader refused, or what the table had",
          "[plan][reject]") {
    const std::vector<Column> columns{column("t", LogicalType(TypeKind::text))};
    const MigrationPlan plan = plan_of(columns, columns);
    const plan::LetterRows rows(plan, 0);
    DeadLetter letter = letter_of(R"({"t":{"text_base64":"/0E="}})");
    CHECK(rows.read(letter).column == "t");
    letter.chunk = -1;
    CHECK(rows.read(letter).batch.columns.at(0).bytes(0) ==
          "\xff"
          "A");
}

TEST_CASE("letter rows: rows that never came to the target's columns go the rest of the way",
          "[plan][reject]") {
    const std::vector<Column> source{column("Id", LogicalType(TypeKind::int64)),
                                     column("Price", LogicalType(TypeKind::float64))};
    const std::vector<Column> target{column("id", LogicalType(TypeKind::int64)),
                                     column("price", LogicalType(TypeKind::decimal))};
    MigrationPlan plan = plan_of(source, target);
    SECTION("by name and type") {
        const plan::LetterRows rows(plan, 0);
        const plan::LetterRow back = rows.read(letter_of(R"({"Price":2.5,"Id":7})"));
        CHECK(back.reason == "");
        REQUIRE(back.batch.columns.size() == 2);
        CHECK(back.batch.columns[0].fixed(0) == 7);
        std::string text;
        model::append_text(back.batch.columns[1], 0, target[1].type, text);
        CHECK(text == "2.5");
    }
    SECTION("through a mapping, and its filter") {
        plan.tables[0].columns[1].source = ColumnPlan::k_computed;
        plan.tables[0].columns[1].expression = "Price * 2";
        plan.tables[0].where = "Id > 5";
        const plan::LetterRows rows(plan, 0);
        const plan::LetterRow back = rows.read(letter_of(R"({"Id":7,"Price":2.5})"));
        CHECK(back.reason == "");
        REQUIRE(back.batch.columns.size() == 2);
        std::string text;
        model::append_text(back.batch.columns[1], 0, target[1].type, text);
        CHECK(text == "5");
        CHECK(rows.read(letter_of(R"({"Id":3,"Price":2.5})")).reason.find("leaves this row out") !=
              std::string::npos);
        // After the mapping, by the target's names.
        CHECK(rows.read(letter_of(R"({"id":3,"price":2.5})")).reason == "");
    }
    SECTION("where one look has two meanings nothing is guessed") {
        plan.target.tables[0].columns = source;
        plan.tables[0].columns[1].source = ColumnPlan::k_computed;
        plan.tables[0].columns[1].expression = "Price * 2";
        const plan::LetterRows rows(plan, 0);
        DeadLetter letter = letter_of(R"({"Id":7,"Price":2.5})");
        CHECK(rows.read(letter).reason.find("cannot be told") != std::string::npos);
        letter.chunk = -1;
        CHECK(rows.read(letter).batch.columns.at(1).float64(0) == 2.5);
    }
}

TEST_CASE("letter rows: what is no row of the table says why", "[plan][reject]") {
    const std::vector<Column> columns{column("id", LogicalType(TypeKind::int32)),
                                      column("b", LogicalType(TypeKind::bytes))};
    const MigrationPlan plan = plan_of(columns, columns);
    const plan::LetterRows rows(plan, 0);
    for (const char* row :
         {R"("a line that was no JSON")", "[1]", "null", "{\"id\":1}", R"({"id":1,"b":null,"c":2})",
          R"({"id":1,"id":2,"b":null})", R"({"id":3000000000,"b":null})", R"({"id":"1x","b":null})",
          R"({"id":{"base64":"AA=="},"b":null})", R"({"id":1,"b":"AA=="})",
          R"({"id":1,"b":{"base64":"*"}})"}) {
        INFO(row);
        const plan::LetterRow back = rows.read(letter_of(row));
        CHECK_FALSE(back.reason.empty());
        CHECK(back.batch.row_count() == 0);
    }
    CHECK(rows.read(letter_of(R"({"b":{"base64":"AA=="},"id":"12"})")).reason == "");
}

TEST_CASE("letter rows: a row that was kept has NULL where its letter says", "[plan][reject]") {
    const std::vector<Column> source{column("a", LogicalType(TypeKind::int64)),
                                     column("b, c", LogicalType(TypeKind::int64)),
                                     column("b", LogicalType(TypeKind::int64))};
    std::vector<Column> target = source;
    target[0].name = "first";
    const MigrationPlan plan = plan_of(source, target);
    const plan::LetterRows rows(plan, 0);
    DeadLetter letter = letter_of(R"({"first":1,"b, c":2,"b":3})");
    letter.kept = true;
    for (const auto& [names, expected] :
         std::vector<std::pair<std::string, std::vector<std::size_t>>>{{"first", {0}},
                                                                       {"a", {0}},
                                                                       {"b, c", {1}},
                                                                       {"b, a", {2, 0}},
                                                                       {"a, b, c, b", {0, 1, 2}},
                                                                       {"none", {}},
                                                                       {"b, none", {}}}) {
        INFO(names);
        letter.column = names;
        CHECK(rows.read(letter).columns == expected);
    }
}

TEST_CASE("dead letters: as JSON and back, with what was mended", "[plan][reject]") {
    DeadLetter letter;
    letter.table = "sch\"ema.t";
    letter.chunk = -1;
    letter.ordinal = 18446744073709551615ULL;
    letter.key = "1, a";
    letter.column = "c";
    letter.reason = "why\nnot";
    letter.row = R"({"n":10.100000000000000000000001,"t":"\u0000","b":{"base64":"AA=="},"x":[1,{"y":null}]})";
    letter.kept = true;
    const std::string text = render_json(letter);
    CHECK(text.find('\n') == std::string::npos);
    for (const std::string& file :
         {text, text + "\n\n", "\n  " + text + "\r\n", "[" + text + "]", "[\n" + text + "\n]\n"}) {
        const std::vector<DeadLetter> back = parse_dead_letters(file);
        REQUIRE(back.size() == 1);
        CHECK(back[0].table == letter.table);
        CHECK(back[0].chunk == letter.chunk);
        CHECK(back[0].ordinal == letter.ordinal);
        CHECK(back[0].key == letter.key);
        CHECK(back[0].column == letter.column);
        CHECK(back[0].reason == letter.reason);
        CHECK(back[0].kept);
        CHECK(back[0].row == letter.row);
    }
    CHECK(parse_dead_letters("").empty());
    CHECK(parse_dead_letters("[]").empty());
    CHECK(parse_dead_letters(R"({"table":"t","chunk":0,"ordinal":1,"row":{}})")[0].row == "{}");
}

TEST_CASE("dead letters: a file that is none says where, and none of its values", "[plan][reject]") {
    const std::string good = R"({"table":"t","chunk":0,"ordinal":1,"row":{}})";
    for (const std::string& bad :
         {std::string(R"({"table":"canary")"), std::string("canary"), std::string("7"),
          std::string(R"({"chunk":0,"ordinal":1,"row":{}})"),
          std::string(R"({"table":"t","chunk":"canary","ordinal":1,"row":{}})"),
          std::string(R"({"table":"t","chunk":0,"ordinal":-1,"row":{}})"),
          std::string(R"({"table":"t","chunk":0.5,"ordinal":1,"row":{}})"),
          std::string(R"({"table":"t","chunk":0,"ordinal":1})"),
          "{\"table\":\"t\",\"chunk\":0,\"ordinal\":1,\"row\":" + std::string(300, '[') + "}"}) {
        INFO(bad);
        try {
            parse_dead_letters(good + "\n" + bad);
            FAIL_CHECK("it was read");
        } catch (const Error& error) {
            INFO(error.what());
            CHECK(error.code() == ErrorCode::malformed);
            CHECK(std::string(error.what()).find("line 2") != std::string::npos);
            CHECK(std::string(error.what()).find("canary") == std::string::npos);
            CHECK_FALSE(error.facts().next_step.empty());
        }
    }
}
