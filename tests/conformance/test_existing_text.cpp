// Into a column of text that an application has made go the very characters of the source, whatever they
// could be read as.

#include <fstream>

#include <catch2/catch.hpp>

#include "conformance/existing_fixture.hpp"

namespace {

using namespace migrate;
using namespace migrate::test;

const std::vector<std::string> k_engines{"sqlite", "postgresql"};

PlanOptions load() {
    PlanOptions options;
    options.on_existing = ExistingTables::load;
    options.on_conflict = ConflictHandling::stop;
    return options;
}

struct Spelled {
    const char* declared;  ///< At a SQLite source.
    const char* value;     ///< As SQL there.
    const char* text;      ///< What is to arrive.
};

const Spelled k_spelled[] = {
    {"DATETIME", "'2026-01-01T10:00:00Z'", "2026-01-01T10:00:00Z"},
    {"TIMESTAMP", "'2026-01-01 10:00'", "2026-01-01 10:00"},
    {"DATE", "'2026-01-01'", "2026-01-01"},
    {"TIME", "'10:00'", "10:00"},
    {"BOOLEAN", "'t'", "t"},
    {"BOOLEAN", "'FALSE'", "FALSE"},
    {"UUID", "'0F0E0D0C-0B0A-4908-8706-050403020100'", "0F0E0D0C-0B0A-4908-8706-050403020100"},
    {"JSON", "'{\"b\":1,  \"a\":2}'", "{\"b\":1,  \"a\":2}"},
    {"DECIMAL(10,2)", "9.5", "9.5"},
    {"DATETIME", "1700000000", "1700000000"},
};

}  // namespace

TEST_CASE("existing: a column of text takes the source's characters as they are",
          "[conformance][existing][text]") {
    const std::string engine = GENERATE(from_range(k_engines));
    const TemporaryDirectory directory;
    const auto target = make_application_target(engine, directory);
    if (!target) {
        return;
    }
    std::string columns;
    std::string declared;
    std::string values;
    int at = 0;
    for (const Spelled& one : k_spelled) {
        const std::string name = ", c" + std::to_string(at++);
        declared += name + " " + one.declared;
        columns += name + " text";
        values += std::string(", ") + one.value;
    }
    target->exec("CREATE TABLE t (id integer PRIMARY KEY" + columns + ")");
    const Endpoint source = source_file(directory, "CREATE TABLE t (id INTEGER PRIMARY KEY" + declared +
                                                       "); INSERT INTO t VALUES (1" + values + ")");
    const MigrationResult result = migrate_into(source, target->endpoint(), load());
    INFO(engine << ": " << result.failure);
    REQUIRE(result.exit_code() == 0);
    at = 0;
    for (const Spelled& one : k_spelled) {
        INFO(one.declared << " " << one.value);
        CHECK(target->value("SELECT c" + std::to_string(at++) + " FROM t") == one.text);
    }
}

TEST_CASE("existing: a column of text takes JSON's strings as they are",
          "[conformance][existing][text][json]") {
    const std::string engine = GENERATE(from_range(k_engines));
    const TemporaryDirectory directory;
    const auto target = make_application_target(engine, directory);
    if (!target) {
        return;
    }
    target->exec("CREATE TABLE t (id integer PRIMARY KEY, at text, day text, tag text, n text)");
    std::ofstream(directory.path("t.json"))
        << R"([{"id":1,"at":"2026-01-01T10:00:00Z","day":"2026-01-01","tag":"0F0E0D0C-0B0A-4908-8706-050403020100","n":1.50},)"
        << R"({"id":2,"at":"2026-01-01T10:00:01Z","day":"2026-01-02","tag":"1F0E0D0C-0B0A-4908-8706-050403020100","n":1.5}])";
    const MigrationResult result =
        migrate_into(parse_endpoint("json:" + directory.path("t.json"), false), target->endpoint(), load());
    INFO(engine << ": " << result.failure);
    REQUIRE(result.exit_code() == 0);
    CHECK(target->value("SELECT at || ' ' || day || ' ' || tag || ' ' || n FROM t WHERE id = 1") ==
          "2026-01-01T10:00:00Z 2026-01-01 0F0E0D0C-0B0A-4908-8706-050403020100 1.50");
    CHECK(target->value("SELECT n FROM t WHERE id = 2") == "1.5");
}

TEST_CASE("existing: a reading that was asked for is kept on the way into a column of text",
          "[conformance][existing][text]") {
    const TemporaryDirectory directory;
    const auto target = make_application_target("sqlite", directory);
    target->exec("CREATE TABLE t (id integer PRIMARY KEY, at text)");
    const Endpoint source = source_file(directory,
                                        "CREATE TABLE t (id INTEGER PRIMARY KEY, at DATETIME); INSERT INTO t "
                                        "VALUES (1, '2026-01-01T10:00:00Z')");
    PlanOptions asked = load();
    asked.types.push_back({"t", "at", TypeKind::timestamp_tz, ""});
    const MigrationResult result = migrate_into(source, target->endpoint(), asked);
    INFO(result.failure);
    REQUIRE(result.exit_code() == 0);
    CHECK(target->value("SELECT at FROM t") == "2026-01-01T10:00:00.000000Z");
}
