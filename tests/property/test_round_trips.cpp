#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <random>

#include <catch2/catch.hpp>

#include "property/round_trip.hpp"
#include "property/shrink.hpp"
#include "support/pg.hpp"

/// Random databases there and back. Environment:
///   MIGRATE_PROPERTY_SEED     the first seed; without it the fixed seeds of a usual test run
///   MIGRATE_PROPERTY_COUNT    how many seeds each pair takes
///   MIGRATE_PROPERTY_SECONDS  fresh seeds for so long instead (scripts/property)
namespace {

using namespace migrate::property;

constexpr std::uint64_t k_first_seed = 1;
constexpr std::uint64_t k_usual_count = 12;

std::uint64_t setting(const char* name, std::uint64_t usual) {
    const char* const given = std::getenv(name);
    return given == nullptr ? usual : std::strtoull(given, nullptr, 10);
}

/// Calls `check` with seed after seed until the count or the time is over, or it says no.
void for_seeds(const std::function<bool(std::uint64_t)>& check) {
    const auto seconds = std::chrono::seconds(setting("MIGRATE_PROPERTY_SECONDS", 0));
    const auto end = std::chrono::steady_clock::now() + seconds;
    const bool timed = seconds.count() > 0;
    std::uint64_t seed = setting("MIGRATE_PROPERTY_SEED", timed ? std::random_device()() : k_first_seed);
    const std::uint64_t count = setting("MIGRATE_PROPERTY_COUNT", k_usual_count);
    std::uint64_t done = 0;
    while (timed ? std::chrono::steady_clock::now() < end : done < count) {
        if (!check(seed)) {
            return;
        }
        ++seed;
        ++done;
    }
    std::cout << done << " cases, the last of seed " << seed - 1 << "\n";
}

std::string listed(const std::vector<std::string>& lines) {
    std::string out;
    for (const std::string& line : lines) {
        out += "  " + line + "\n";
    }
    return out;
}

/// What kind of fault it is, so that shrinking does not end at another.
std::string kind_of(const std::string& fault) {
    std::string kind = fault.substr(0, fault.find_first_of(": "));
    for (const char* const part :
         {" ended in an error", " cannot be compared", " ended with", " was refused", ", row only on",
          ", foreign keys", ", unique keys", ", indexes", ", constraints", ", key", ", NOT NULL", ", rows",
          ", column ", "sequence of ", ": type "}) {
        kind += fault.find(part) == std::string::npos ? "" : part;
    }
    return kind;
}

bool has_kind(const Verdict& verdict, const std::string& kind) {
    return std::any_of(verdict.faults.begin(), verdict.faults.end(),
                       [&](const std::string& fault) { return kind_of(fault) == kind; });
}

std::vector<std::string> lines_of(const DatabaseCase& what) {
    return what.statements();
}

std::vector<std::string> lines_of(const DocumentCase& what) {
    std::vector<std::string> lines;
    for (const DocumentFile& file : what.files) {
        lines.push_back(file.name + ":");
        lines.insert(lines.end(), file.records.begin(), file.records.end());
    }
    return lines;
}

/// Tries case after case; a fault is made smaller and printed, and fails the test.
template <typename Case>
void check_cases(const std::string& way, bool needs_server,
                 const std::function<Case(std::uint64_t)>& make_case,
                 const std::function<Verdict(const Case&)>& trip) {
    if (needs_server && !migrate::test::pg_test_conninfo()) {
        WARN("no PostgreSQL to test against: set MIGRATE_TEST_PG");
        return;
    }
    std::size_t refused = 0;
    std::size_t left_out = 0;
    for_seeds([&](std::uint64_t seed) {
        const Case original = make_case(seed);
        const Verdict verdict = trip(original);
        refused += verdict.refused ? 1U : 0U;
        left_out += verdict.left_out == 0 ? 0U : 1U;
        CHECK(verdict.faults.empty());
        if (verdict.faults.empty()) {
            return true;
        }
        const std::string kind = kind_of(verdict.faults.front());
        const Case small =
            shrink(original, [&](const Case& smaller) { return has_kind(trip(smaller), kind); });
        std::cout << "MIGRATE_PROPERTY_SEED=" << seed << ", " << way << ":\n"
                  << listed(verdict.faults) << "made smaller:\n"
                  << listed(lines_of(small)) << "still:\n"
                  << listed(trip(small).faults) << std::endl;
        return std::getenv("MIGRATE_PROPERTY_GO_ON") != nullptr;
    });
    std::cout << way << ": " << refused << " refused, " << left_out << " with objects left out" << std::endl;
}

void check_pair(const std::string& engine, const std::string& through,
                const std::function<DatabaseCase(std::uint64_t)>& make_case) {
    check_cases<DatabaseCase>(engine + " to " + through + " and back",
                              engine == "postgresql" || through == "postgresql", make_case,
                              [&](const DatabaseCase& what) { return round_trip(what, engine, through); });
}

void check_documents(const std::string& through) {
    check_cases<DocumentCase>("documents to " + through, through == "postgresql", random_document_case,
                              [&](const DocumentCase& what) { return document_trip(what, through); });
}

}  // namespace

TEST_CASE("property: random SQLite databases come back from PostgreSQL as they were", "[property][sqlite]") {
    check_pair("sqlite", "postgresql", random_sqlite_case);
}

TEST_CASE("property: random SQLite databases come back from JSON as they were", "[property][sqlite]") {
    check_pair("sqlite", "json", random_sqlite_case);
}

TEST_CASE("property: random SQLite databases come back from another SQLite file as they were",
          "[property][sqlite]") {
    check_pair("sqlite", "sqlite", random_sqlite_case);
}

TEST_CASE("property: random PostgreSQL databases come back from SQLite as they were",
          "[property][postgresql]") {
    check_pair("postgresql", "sqlite", random_postgresql_case);
}

TEST_CASE("property: random PostgreSQL databases come back from JSON as they were",
          "[property][postgresql]") {
    check_pair("postgresql", "json", random_postgresql_case);
}

TEST_CASE("property: random PostgreSQL databases come back from another PostgreSQL database as they were",
          "[property][postgresql]") {
    check_pair("postgresql", "postgresql", random_postgresql_case);
}

TEST_CASE("property: random documents are the same in PostgreSQL as in SQLite", "[property][json]") {
    check_documents("postgresql");
}

TEST_CASE("property: random documents are the same in JSON tables as in SQLite", "[property][json]") {
    check_documents("json");
}
