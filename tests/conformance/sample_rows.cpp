#include "conformance/sample_rows.hpp"

#include <algorithm>
#include <stdexcept>

#include "model/value_text.hpp"
#include "util/byte_order.hpp"

namespace migrate::test {
namespace {

LogicalType array_of(TypeKind kind, const std::string& native) {
    LogicalType type(TypeKind::array);
    type.element = std::make_shared<LogicalType>(kind);
    type.native_name = native;
    return type;
}

LogicalType range_of(TypeKind kind, const std::string& native) {
    LogicalType type(TypeKind::range);
    type.element = std::make_shared<LogicalType>(kind);
    type.native_name = native;
    return type;
}

LogicalType bits(std::int64_t limit) {
    LogicalType type(TypeKind::bit_string);
    type.limit = limit;
    return type;
}

void append_variant(const std::string& text, ColumnVector& column) {
    std::string value(1, text[0]);
    const std::string rest = text.substr(2);
    if (text[0] == 'i') {
        util::append_big(value, static_cast<std::int64_t>(std::stoll(rest)));
    } else if (text[0] == 'r') {
        double real = 0;
        model::read_float64(rest, real);
        util::append_big(value, std::bit_cast<std::int64_t>(real));
    } else if (text[0] == 'b') {
        model::read_base64(rest, value);
    } else {
        value += rest;
    }
    column.append_bytes(value);
}

void append_sample(const TypeSamples& samples, std::size_t row, ColumnVector& column) {
    if (row >= samples.values.size()) {
        column.append_null();
    } else if (samples.type.kind == TypeKind::variant) {
        append_variant(samples.values[row], column);
    } else if (!model::append_from_text(column, samples.type, samples.values[row])) {
        throw std::logic_error("sample " + samples.values[row] + " is not " + to_string(samples.type));
    }
}

}  // namespace

const std::vector<TypeSamples>& every_type() {
    static const std::vector<TypeSamples> types = {
        {"boolean", TypeKind::boolean, {"true", "false"}},
        {"int16", TypeKind::int16, {"0", "-32768", "32767"}},
        {"int32", TypeKind::int32, {"0", "-2147483648", "2147483647"}},
        {"int64", TypeKind::int64, {"0", "-9223372036854775808", "9223372036854775807", "9007199254740993"}},
        {"float32",
         TypeKind::float32,
         {"0", "-0", "0.1", "3.4028235e+38", "1e-45", "NaN", "Infinity", "-Infinity"}},
        {"float64",
         TypeKind::float64,
         {"0", "-0", "0.1", "1.7976931348623157e+308", "5e-324", "NaN", "Infinity", "-Infinity", "10"}},
        {"decimal",
         TypeKind::decimal,
         {"0", "10.10", "10.1", "-0.00000000000000000001", "123456789012345678901234567890.123456789",
          "NaN"}},
        {"decimal_12_2", LogicalType::decimal(12, 2), {"0.00", "-12.30", "9999999999.99"}},
        {"text",
         TypeKind::text,
         {"", "hello", "NULL", "\\N", "tab\tnew\nline\rreturn", "q'uo\"te\\", "ä€𝄞", " lead and trail ",
          "{\"a\":1}", "123", "true", "2024-01-01"}},
        {"bytes", TypeKind::bytes, {"", "AAECAwT/", "aGVsbG8="}},
        {"date",
         TypeKind::date,
         {"2000-01-01", "1969-12-31", "0044-03-15 BC", "9999-12-31", "12024-01-01", "infinity", "-infinity"}},
        {"time", TypeKind::time, {"00:00:00.000000", "23:59:59.999999", "24:00:00.000000"}},
        {"time_tz", TypeKind::time_tz, {"12:34:56.000001+05:30", "00:00:00.000000-15:59"}},
        {"timestamp",
         TypeKind::timestamp,
         {"2024-02-29T12:34:56.000001", "0001-01-01T00:00:00.000000", "0044-03-15T00:00:00.000000 BC",
          "infinity", "-infinity"}},
        {"timestamp_tz",
         TypeKind::timestamp_tz,
         {"2024-02-29T12:34:56.000001Z", "12024-01-01T00:00:00.000000Z", "infinity"}},
        {"interval", TypeKind::interval, {"PT0S", "P1Y2M-3DT4H5M6.000007S", "P-1DT-0.000001S"}},
        {"uuid",
         TypeKind::uuid,
         {"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-0000-0000-000000000000"}},
        {"json", TypeKind::json, {"null", "{\"b\": 1,  \"a\":[1.50, 2]}", "\"text\"", "1e400", "[]"}},
        {"jsonb", TypeKind::jsonb, {"null", "{\"a\": [1, 2.50], \"b\": \"x\"}", "\"text\""}},
        {"array_int",
         array_of(TypeKind::int32, "integer[]"),
         {"{}", "{1,NULL,3}", "{{1,2},{3,4}}", "[0:1]={7,8}"}},
        {"array_text",
         array_of(TypeKind::text, "text[]"),
         {"{\"\",\"a b\",\"NULL\",NULL}", "{\"q\\\"uote\",\"{}\"}"}},
        {"inet", TypeKind::inet, {"192.168.1.1", "10.0.0.0/8", "2001:db8::1"}},
        {"cidr", TypeKind::cidr, {"10.0.0.0/8", "2001:db8::/32"}},
        {"macaddr", TypeKind::macaddr, {"08:00:2b:01:02:03"}},
        {"bit_string", bits(8), {"10101010", "1"}},
        {"range", range_of(TypeKind::int32, "int4range"), {"empty", "[1,5)", "(,)", "[3,)"}},
        {"variant",
         TypeKind::variant,
         {"i:1", "t:1", "r:1", "r:0.5", "t:", "t:hello", "b:AAH/", "b:", "i:-9"}},
    };
    return types;
}

InMemoryTable sample_table(const std::string& name, const std::vector<TypeSamples>& columns) {
    InMemoryTable made;
    made.table.name.name = name;
    std::vector<TypeKind> kinds = {TypeKind::int64};
    std::size_t rows = 1;
    Column& id = made.table.columns.emplace_back();
    id.name = "id";
    id.type = TypeKind::int64;
    id.nullable = false;
    Key key;
    key.columns = {"id"};
    made.table.primary_key = key;
    for (const TypeSamples& samples : columns) {
        Column& column = made.table.columns.emplace_back();
        column.name = samples.column;
        column.type = samples.type;
        kinds.push_back(samples.type.kind);
        rows = std::max(rows, samples.values.size() + 1);
    }
    made.rows.reset(kinds);
    for (std::size_t row = 0; row < rows; ++row) {
        made.rows.columns[0].append_fixed(static_cast<std::int64_t>(row));
        for (std::size_t c = 0; c < columns.size(); ++c) {
            append_sample(columns[c], row, made.rows.columns[c + 1]);
        }
    }
    return made;
}

std::shared_ptr<InMemoryDatabase> sample_database(const std::vector<TypeSamples>& types) {
    auto database = std::make_shared<InMemoryDatabase>();
    for (const TypeSamples& samples : types) {
        database->tables.push_back(sample_table("only_" + samples.column, {samples}));
    }
    database->tables.push_back(sample_table("all of them", types));
    return database;
}

}  // namespace migrate::test
