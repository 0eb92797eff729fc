#include <cstdlib>
#include <fstream>
#include <map>

#include <catch2/catch.hpp>

#include "backend/registry.hpp"
#include "backends/postgresql/native_type.hpp"
#include "backends/sqlite/column_codec.hpp"
#include "backends/sqlite/column_profile.hpp"
#include "backends/sqlite/column_reading.hpp"
#include "backends/sqlite/declared_type.hpp"
#include "conformance/engine.hpp"
#include "support/temporary_directory.hpp"

/// libmigrate/doc/type_mapping.md, made by asking the code itself; see the test at the end.
using namespace migrate;
namespace pg = migrate::backends::postgresql;
namespace sq = migrate::backends::sqlite;

namespace {

std::vector<TypeKind> all_kinds() {
    std::vector<TypeKind> kinds;
    for (int i = 0; i <= static_cast<int>(TypeKind::opaque); ++i) {
        kinds.push_back(static_cast<TypeKind>(i));
    }
    return kinds;
}

std::string code(const std::string& text) {
    return text.empty() ? "(none)" : "`" + text + "`";
}

std::string joined(const std::vector<std::string>& parts) {
    std::string out;
    for (const std::string& part : parts) {
        out += (out.empty() ? "" : ", ") + part;
    }
    return out;
}

/// A type of each kind as it is usually met, and with its parameters.
std::vector<LogicalType> samples(TypeKind kind) {
    LogicalType plain(kind);
    switch (kind) {
        case TypeKind::decimal:
            plain.trimmed = true;
            return {LogicalType::decimal(-1, -1), LogicalType::decimal(12, 2), plain};
        case TypeKind::text: {
            LogicalType fixed = LogicalType::text(5);
            fixed.fixed_length = true;
            return {plain, LogicalType::text(40), fixed};
        }
        case TypeKind::array:
        case TypeKind::range:
            plain.element = std::make_shared<const LogicalType>(TypeKind::int32);
            plain.native_name = kind == TypeKind::range ? "int4range" : "";
            return {plain};
        case TypeKind::enumeration:
        case TypeKind::opaque:
            plain.native_name = kind == TypeKind::opaque ? "point" : "mood";
            return {plain};
        default:
            return {plain};
    }
}

std::string affinity_word(sq::Affinity affinity) {
    static const std::map<sq::Affinity, std::string> k_words = {
        {sq::Affinity::integer, "INTEGER"}, {sq::Affinity::text, "TEXT"},
        {sq::Affinity::blob, "BLOB"},       {sq::Affinity::real, "REAL"},
        {sq::Affinity::numeric, "NUMERIC"}, {sq::Affinity::none, "(none)"}};
    return k_words.at(affinity);
}

/// What a declared type lets one hope for, then what becomes of a column without a value.
std::string sqlite_declared() {
    std::string out =
        "| declared | affinity | read as the first of these that every value bears out | a column without "
        "values "
        "| |\n|---|---|---|---|---|\n";
    for (const std::string declared : {"INTEGER",
                                       "INT",
                                       "BIGINT",
                                       "TINYINT(1)",
                                       "INTERGER",
                                       "BOOLEAN",
                                       "BOOL",
                                       "REAL",
                                       "DOUBLE PRECISION",
                                       "FLOAT",
                                       "DECIMAL(10,2)",
                                       "NUMERIC",
                                       "NUMBER(9,0)",
                                       "MONEY",
                                       "DATE",
                                       "DATETIME",
                                       "TIMESTAMP",
                                       "TIMESTAMP WITH TIME ZONE",
                                       "TIME",
                                       "TEXT",
                                       "VARCHAR(255)",
                                       "VARCHAR ( 255 )",
                                       "CHAR(3)",
                                       "CLOB",
                                       "UUID",
                                       "GUID",
                                       "JSON",
                                       "JSONB",
                                       "BLOB",
                                       "BLOB SUB_TYPE TEXT",
                                       "STRING",
                                       "ANY",
                                       ""}) {
        const sq::DeclaredType type = sq::read_type_name(declared);
        std::vector<std::string> hopes;
        for (const sq::ColumnCodec& codec : sq::hoped_for(type)) {
            hopes.push_back(code(sq::spelling_of(codec)));
        }
        if (sq::speaks_of_time(type)) {
            hopes.emplace_back("a picture of the texts");
        }
        Column empty;
        sq::decide_by_declaration(empty, type);
        out += "| " + code(declared) + " | " + affinity_word(type.affinity) + " | " +
               (hopes.empty() ? "" : joined(hopes)) + " | " + code(to_string(empty.type)) + " | " +
               (empty.format.empty() ? "" : code(empty.format)) + " |\n";
    }
    return out;
}

std::string sqlite_formats() {
    std::string out = "| logical | formats |\n|---|---|\n";
    for (const TypeKind kind : all_kinds()) {
        const bool number = kind <= TypeKind::decimal;
        const bool time = kind == TypeKind::date || kind == TypeKind::time || kind == TypeKind::timestamp ||
                          kind == TypeKind::timestamp_tz;
        std::vector<std::string> formats;
        for (const sq::CodecEntry& entry : number ? sq::number_codecs(kind)
                                           : time ? sq::time_codecs(kind)
                                                  : sq::text_codecs(kind)) {
            formats.push_back(entry.format == "*"       ? "a picture"
                              : entry.format == "text:" ? "`text:FALSE/TRUE`"
                                                        : code(std::string(entry.format)));
        }
        out += "| " + std::string(to_string(kind)) + " | " + joined(formats) + " |\n";
    }
    return out;
}

std::string from_logical() {
    std::string out = "| logical | PostgreSQL | SQLite | affinity there |\n|---|---|---|---|\n";
    for (const TypeKind kind : all_kinds()) {
        for (const LogicalType& type : samples(kind)) {
            const std::string declared = sq::declared_type_for(type);
            out += "| " + to_string(type) + " | " + code(pg::native_type_of(type)) + " | " + code(declared) +
                   " | " + affinity_word(sq::affinity_of(declared)) + " |\n";
        }
    }
    return out;
}

/// Whatever the code takes for a type that it knows, by its number.
std::string postgresql_native() {
    static const std::map<std::uint32_t, std::string> k_names = {
        {16, "boolean"},        {17, "bytea"},
        {19, "name"},           {20, "bigint"},
        {21, "smallint"},       {23, "integer"},
        {25, "text"},           {26, "oid"},
        {114, "json"},          {142, "xml"},
        {600, "point"},         {650, "cidr"},
        {700, "real"},          {701, "double precision"},
        {774, "macaddr8"},      {790, "money"},
        {829, "macaddr"},       {869, "inet"},
        {1042, "character(n)"}, {1043, "character varying(n)"},
        {1082, "date"},         {1083, "time"},
        {1114, "timestamp"},    {1184, "timestamp with time zone"},
        {1186, "interval"},     {1266, "time with time zone"},
        {1560, "bit(n)"},       {1562, "bit varying(n)"},
        {1700, "numeric"},      {2950, "uuid"},
        {3220, "pg_lsn"},       {3614, "tsvector"},
        {3802, "jsonb"}};
    constexpr std::uint32_t k_last_built_in = 5000;
    std::string out = "| PostgreSQL | logical |\n|---|---|\n";
    for (std::uint32_t oid = 1; oid < k_last_built_in; ++oid) {
        pg::PhysicalType type;
        type.oid = oid;
        const auto named = k_names.find(oid);
        type.spelling = named == k_names.end() ? "type " + std::to_string(oid) : named->second;
        // n = 5 behind a header of four bytes; bits count as they are.
        const bool bits = oid == 1560 || oid == 1562;
        type.modifier = bits ? 5 : oid == 1042 || oid == 1043 ? 9 : -1;
        const LogicalType logical = pg::logical_type_of(type);
        if (logical.kind != TypeKind::opaque || named != k_names.end()) {
            out += "| " + code(type.spelling) + " | " + to_string(logical) + " |\n";
        }
    }
    pg::PhysicalType numeric;
    numeric.oid = 1700;
    numeric.modifier = ((12 << 16) | 2) + 4;
    out += "| `numeric(12,2)` | " + to_string(pg::logical_type_of(numeric)) + " |\n";
    for (const char category : {'a', 'e', 'r', 'm', 'c'}) {
        pg::PhysicalType type;
        type.category = category;
        type.element = "integer";
        type.element_oid = 23;
        type.spelling = "the type's name";
        const std::map<char, std::string> words = {{'a', "an array of integer"},
                                                   {'e', "an enum"},
                                                   {'r', "a range of integer"},
                                                   {'m', "a multirange"},
                                                   {'c', "a composite type"}};
        out += "| " + words.at(category) + " | " + to_string(pg::logical_type_of(type)) + " |\n";
    }
    return out;
}

/// What the values of one member are read as, in documents without a manifest.
std::string json_values() {
    std::string out = "| values of a member | logical |\n|---|---|\n";
    for (const std::vector<std::string>& values :
         std::vector<std::vector<std::string>>{{"true", "false", "null"},
                                               {"1", "-7", "9223372036854775807"},
                                               {"9223372036854775808"},
                                               {"1.5", "2"},
                                               {"1e100"},
                                               {"1.50", "2.25"},
                                               {"1.50e3"},
                                               {"-0"},
                                               {"1e400"},
                                               {R"("text")", R"("")"},
                                               {R"("2024-02-29")"},
                                               {R"("2024-02-29T12:34:56Z")"},
                                               {R"("2024-02-29 12:34:56.789")"},
                                               {R"("550e8400-e29b-41d4-a716-446655440000")"},
                                               {R"("a\u0000b")"},
                                               {"1", R"("one")"},
                                               {"null"}}) {
        const test::TemporaryDirectory directory;
        std::ofstream file(directory.path("v.ndjson"), std::ios::binary);
        for (const std::string& value : values) {
            file << R"({"v":)" << value << "}\n";
        }
        file.close();
        const Endpoint endpoint = parse_endpoint("json:" + directory.path("v.ndjson"), false);
        const auto source = backend::backend_named("json").open_source(endpoint, {});
        source->pin_snapshot(1);
        const Schema schema = source->read_schema({}).schema;
        const Column* column = schema.tables.at(0).find_column("v");
        std::vector<std::string> shown;
        shown.reserve(values.size());
        for (const std::string& value : values) {
            shown.push_back(code(value));
        }
        out += "| " + joined(shown) + " | " +
               (column == nullptr
                    ? "(no column)"
                    : to_string(column->type) + (column->format.empty() ? "" : ", " + code(column->format))) +
               " |\n";
    }
    return out;
}

std::string make_document() {
    return "# How types are mapped\n\n"
           "Made from the code's own tables by `tests/conformance/test_type_mapping.cpp`, which fails where "
           "this "
           "page differs. To make it anew:\n\n"
           "    MIGRATE_UPDATE_DOCUMENTS=1 build/debug/bin/migrate_conformance_tests \"[type_mapping]\"\n\n"
           "Every type goes by a *logical type*, the hub between the engines. A *format* says how an engine "
           "holds "
           "its values where there are several ways; `(none)` is the engine's usual one.\n\n"
           "## SQLite's declared types\n\n"
           "A declared type is a hope: all values of a column are looked at, and a reading is taken only if "
           "it "
           "holds for each of them and can be undone. Where none does, a column whose values are all of one "
           "storage class becomes int64, float64, text or bytes, and a mixed one becomes variant.\n\n" +
           sqlite_declared() + "\nFormats that `--type table.column=type:format` may name:\n\n" +
           sqlite_formats() +
           "\n## PostgreSQL's types\n\nDomains are read as what they are made of. An opaque type is carried "
           "as its "
           "text, with its name.\n\n" +
           postgresql_native() +
           "\n## Values in JSON documents\n\n"
           "In files that this library wrote, the manifest names each column's type. In any other, the "
           "narrowest "
           "type is taken that gives every value back as it is spelled:\n\n" +
           json_values() +
           "\n## From logical types\n\n"
           "JSON keeps the logical type in its manifest. SQLite's declared types are chosen so that their "
           "affinity "
           "changes no value. A trimmed decimal is a number without the zeros that end a fraction (5.00 is "
           "5): "
           "that is how a column NUMERIC of SQLite that is there already holds it.\n\n" +
           from_logical();
}

}  // namespace

TEST_CASE("documents: type_mapping.md says what the code does", "[conformance][documents][type_mapping]") {
    const std::string path = std::string(MIGRATE_SOURCE_DIR) + "/libmigrate/doc/type_mapping.md";
    const std::string made = make_document();
    if (std::getenv("MIGRATE_UPDATE_DOCUMENTS") != nullptr) {
        std::ofstream(path, std::ios::binary) << made;
        return;
    }
    std::ifstream file(path, std::ios::binary);
    const std::string written((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    CHECK(written == made);
}
