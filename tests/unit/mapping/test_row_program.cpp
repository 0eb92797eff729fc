#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "mapping/row_compiler.hpp"
#include "mapping/row_program.hpp"
#include "model/value_text.hpp"
#include "support/random.hpp"
#include "support/sqlite.hpp"

namespace {

using namespace migrate;
using mapping::ExpressionError;
using mapping::RowOutput;
using mapping::RowProgram;

struct Cell {
    std::string name;
    LogicalType type;
    const char* text;  ///< nullptr = NULL.
};

/// One row of a table.
struct Row {
    explicit Row(const std::vector<Cell>& cells) {
        table.name.name = "t";
        for (const Cell& cell : cells) {
            Column& column = table.columns.emplace_back();
            column.name = cell.name;
            column.type = cell.type;
            ColumnVector& values = batch.columns.emplace_back(cell.type.kind);
            if (cell.text == nullptr) {
                values.append_null();
            } else {
                REQUIRE(model::append_from_text(values, cell.type, cell.text));
            }
        }
    }

    /// The value as text, "NULL", or "reject: why".
    std::string evaluate(const std::string& expression) const {
        const RowProgram program(table, {}, {RowOutput{"x", mapping::k_no_column, expression}});
        RowBatch rows;
        for (const std::size_t column : program.columns()) {
            rows.columns.push_back(batch.columns[column]);
        }
        RowProgram::Run(program).apply(rows);
        if (!rows.rejects.empty()) {
            CHECK(rows.row_count() == 0);
            return "reject: " + rows.rejects[0].reason;
        }
        REQUIRE(rows.row_count() == 1);
        if (rows.columns[0].is_null(0)) {
            return "NULL";
        }
        std::string text;
        model::append_text(rows.columns[0], 0, program.types()[0], text);
        return text;
    }

    Table table;
    RowBatch batch;
};

Row sample() {
    return Row({{"i", TypeKind::int64, "7"},
                {"small", TypeKind::int16, "-3"},
                {"big", TypeKind::int64, "9223372036854775807"},
                {"price", LogicalType::decimal(10, 2), "10.10"},
                {"ratio", TypeKind::float64, "0.5"},
                {"name", TypeKind::text, "  Élan Vital "},
                {"empty", TypeKind::text, ""},
                {"missing", TypeKind::text, nullptr},
                {"none", TypeKind::int64, nullptr},
                {"yes", TypeKind::boolean, "true"},
                {"day", TypeKind::date, "2024-02-29"},
                {"at", TypeKind::timestamp, "2024-02-29T12:34:56.000001"},
                {"instant", TypeKind::timestamp_tz, "1970-01-01T00:00:01Z"},
                {"Odd Name", TypeKind::text, "odd"},
                {"data", TypeKind::bytes, "AP8="}});
}

}  // namespace

TEST_CASE("mapping: expressions give the values that the documentation says", "[mapping][expression]") {
    const Row row = sample();
    const std::vector<std::pair<std::string, std::string>> k_expected{
        {"i + 1", "8"},
        {"small * 2", "-6"},
        {"i / 2", "3.5"},
        {"price / 4", "2.525"},
        {"price + 1", "11.10"},
        {"price * price", "102.0100"},
        {"price - 0.1", "10.00"},
        {"i % 4", "3"},
        {"-7 % 4", "-3"},
        {"div(-7, 2)", "-3"},
        {"divide(i, 3, 2)", "2.33"},
        {"divide(-7, 2, 0)", "-4"},
        {"round(price, 1)", "10.1"},
        {"round(2.5)", "3"},
        {"round(-2.5)", "-3"},
        {"trunc(-2.9)", "-2"},
        {"floor(-2.1)", "-3"},
        {"ceil(2.1)", "3"},
        {"ratio * 3", "1.5"},
        {"abs(small)", "3"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"1e3", "1000"},
        {"trim(name)", "Élan Vital"},
        {"upper(trim(name))", "ÉLAN VITAL"},
        {"length(trim(name))", "10"},
        {"octet_length(trim(name))", "11"},
        {"substr(trim(name), 1, 2)", "Él"},
        {"substr(trim(name), 6)", "Vital"},
        {"left('añb', 2) || right('añb', 1)", "añb"},
        {"replace('a-b-c', '-', '')", "abc"},
        {"split_part('a,b,c', ',', 2)", "b"},
        {"split_part('a,b,c', ',', 9)", ""},
        {"lpad('7', 3, '0')", "007"},
        {"rpad('é', 3, 'ab')", "éab"},
        {"trim('xxaxx', 'x')", "a"},
        {"instr('añb', 'b')", "3"},
        {"concat('a', missing, 'b')", "ab"},
        {"'a' || missing", "NULL"},
        {"starts_with('abc', 'ab') and ends_with('abc', 'bc') and contains('abc', 'b')", "true"},
        {"hex(data)", "00ff"},
        {"sha256('abc')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"coalesce(missing, empty, 'x')", ""},
        {"nullif(empty, '')", "NULL"},
        {"iif(i > 5, 'big', 'small')", "big"},
        {"case i when 7 then 'seven' else 'other' end", "seven"},
        {"case when none > 1 then 'a' end", "NULL"},
        {"greatest(1, none, 3)", "3"},
        {"least(price, 11)", "10.10"},
        {"missing is null and none is null", "true"},
        {"none = 1", "NULL"},
        {"none = 1 and false", "false"},
        {"none = 1 or true", "true"},
        {"not (none = 1)", "NULL"},
        {"i in (1, 7)", "true"},
        {"i in (1, null)", "NULL"},
        {"i not in (1, 2)", "true"},
        {"i between 7 and 8", "true"},
        {"none is not distinct from null", "true"},
        {"yes = 1", "true"},
        {"yes is not true", "false"},
        {"price = 10.1", "true"},
        {"name > 'a'", "false"},
        {"\"Odd Name\"", "odd"},
        {"day >= '2024-01-01'", "true"},
        {"day + 1", "2024-03-01"},
        {"date('2024-03-01') - day", "1"},
        {"year(at) * 100 + month(at)", "202402"},
        {"weekday(day)", "4"},
        {"hour(at) + minute(at) + second(at)", "102"},
        {"microsecond(at)", "1"},
        {"date_of(at) = day", "true"},
        {"time_of(at)", "12:34:56.000001"},
        {"epoch(instant)", "1"},
        {"from_epoch(1) = instant", "true"},
        {"cast(i as text) || '!'", "7!"},
        {"cast('12.50' as decimal(10,2))", "12.50"},
        {"cast(day as timestamp)", "2024-02-29T00:00:00.000000"},
        {"cast(price as float64)", "10.1"},
    };
    for (const auto& [expression, expected] : k_expected) {
        CAPTURE(expression);
        CHECK(row.evaluate(expression) == expected);
    }
}

TEST_CASE("mapping: what cannot be computed exactly rejects the row", "[mapping][expression]") {
    const Row row = sample();
    for (const char* expression :
         {"big + 1", "big * 2", "-big - 2", "i / 0", "i % 0", "div(i, 0)", "i / 3", "ratio / 0",
          "cast(price as int64)", "cast(at as date)", "cast(name as int64)", "cast('abc' || name as text(3))",
          "substr(name, 0)", "epoch(as_utc(at))", "price * 1e37", "reject('no')", "day + 99999999999",
          "case i when 1 then 'a' else reject('no') end"}) {
        CAPTURE(expression);
        CHECK(row.evaluate(expression).starts_with("reject: "));
    }
    // What is not asked for is not computed.
    CHECK(row.evaluate("case when i = 0 then 0 else i / 1 end") == "7");
    CHECK(row.evaluate("i = 7 or i / 0 = 1") == "true");
}

TEST_CASE("mapping: an expression that is wrong is refused where it is wrong", "[mapping][expression]") {
    const Row row = sample();
    const std::vector<std::pair<std::string, std::size_t>> k_wrong{{"i + totl", 4},
                                                                   {"i + lowr(name)", 4},
                                                                   {"i +", 3},
                                                                   {"name + 1", 5},
                                                                   {"i = 'x'", 4},
                                                                   {"name = 1", 0},
                                                                   {"i like 'a%'", 0},
                                                                   {"current_timestamp", 0},
                                                                   {"count(*)", 0},
                                                                   {"cast(i as nope)", 10},
                                                                   {"i and yes", 0},
                                                                   {"lower(i)", 0},
                                                                   {"coalesce()", 0},
                                                                   {"(select 1)", 1},
                                                                   {"data < i", 0},
                                                                   {"cast(at as time)", 0},
                                                                   {"case i when 'a' then 1 end", 12},
                                                                   {"greatest(name, i)", 0},
                                                                   {"i collate nocase", 0},
                                                                   {"reject(name)", 0},
                                                                   {"t.i", 2},
                                                                   {"day = '2024-02-30'", 6},
                                                                   {"random()", 0},
                                                                   {"i || name", 2}};
    for (const auto& [expression, offset] : k_wrong) {
        CAPTURE(expression);
        try {
            static_cast<void>(row.evaluate(expression));
            FAIL_CHECK("it was taken");
        } catch (const ExpressionError& error) {
            CHECK(error.offset() == offset);
            CHECK(error.code() == ErrorCode::usage);
        }
    }
}

TEST_CASE("mapping: a filter lets through the rows for which it is true", "[mapping][expression]") {
    Table table;
    table.columns.resize(1);
    table.columns[0].name = "n";
    table.columns[0].type = TypeKind::int64;
    const RowProgram program(table, "10 / n > 2",
                             {RowOutput{"n", 0, {}}, RowOutput{"twice", mapping::k_no_column, "n * 2"}});
    RowBatch batch;
    batch.reset({TypeKind::int64});
    for (const std::int64_t n : {1, 0, 5, 2}) {
        batch.columns[0].append_fixed(n);
    }
    batch.columns[0].append_null();

    CHECK(RowProgram::Run(program).apply(batch) == 2);  // 5, NULL

    REQUIRE(batch.row_count() == 2);
    CHECK(batch.columns[0].fixed(1) == 2);
    CHECK(batch.columns[1].fixed(1) == 4);
    REQUIRE(batch.rejects.size() == 1);
    CHECK(batch.rejects[0].ordinal == 1);
}

TEST_CASE("mapping: expressions mean what they mean in SQLite where both have them",
          "[mapping][expression]") {
    test::Random random;
    CAPTURE(random.seed());
    test::SqliteDatabase sqlite(":memory:");
    const auto integer = [&] { return std::to_string(random.between(-50, 50)); };
    const auto text = [&] {
        static const std::vector<std::string> k_texts{"''", "'a'", "'B c'", "' é '", "null", "'ab'", "'añb'"};
        return k_texts[static_cast<std::size_t>(random.between(0, 6))];
    };
    const auto condition = [&](auto& self, int depth) -> std::string {
        switch (depth <= 0 ? random.between(0, 3) : random.between(0, 7)) {
            case 0:
                return integer() + (random.chance(50) ? " < " : " = ") + integer();
            case 1:
                return text() + (random.chance(50) ? " <= " : " <> ") + text();
            case 2:
                return integer() + " in (" + integer() + ", " + (random.chance(30) ? "null" : integer()) +
                       ")";
            case 3:
                return text() + " is null";
            case 4:
                return "(" + self(self, depth - 1) + " and " + self(self, depth - 1) + ")";
            case 5:
                return "(" + self(self, depth - 1) + " or " + self(self, depth - 1) + ")";
            case 6:
                return "not (" + self(self, depth - 1) + ")";
            default:
                return integer() + " between " + integer() + " and " + integer();
        }
    };
    const Row row = sample();
    for (int i = 0; i < 500; ++i) {
        std::string expression;
        switch (random.between(0, 4)) {
            case 0:
                expression = "(" + integer() + " + " + integer() + ") * " + integer() + " - " + integer();
                break;
            case 1:
                expression = "iif(" + condition(condition, 3) + ", 'yes', 'no')";
                break;
            case 2:
                expression = "coalesce(" + text() + ", trim(" + text() + "), 'z')";
                break;
            case 3:
                expression = "substr(" + text() + ", " + std::to_string(random.between(1, 4)) + ", " +
                             std::to_string(random.between(0, 3)) + ") || replace(" + text() + ", 'a', 'xy')";
                break;
            default:
                expression = "case when " + condition(condition, 2) + " then upper(" + text() + ") else " +
                             text() + " end";
        }
        CAPTURE(expression);
        const auto expected = sqlite.query("select " + expression)[0][0];
        CHECK(row.evaluate(expression) == expected.value_or("NULL"));
    }
}
