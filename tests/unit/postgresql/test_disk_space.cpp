#include <catch2/catch.hpp>

#include "unit/postgresql/pg_migration.hpp"

namespace migrate::test {
namespace {

std::vector<Finding> preflight(const PgDatabase& database, std::uint64_t bytes) {
    const auto target = backends::postgresql::backend().open_target(pg_endpoint(database), {});
    backend::TargetPlan plan;
    plan.migration = "0a1b2c";
    auto findings = target->preflight(plan, bytes);
    std::erase_if(findings, [](const Finding& finding) { return !finding.code.starts_with("disk-space"); });
    return findings;
}

}  // namespace

TEST_CASE("postgresql: a server of this host with too little room on its disk stops the run",
          "[postgresql][preflight]") {
    const auto database = make_pg_database();
    if (database == nullptr) {
        return;
    }
    CHECK(preflight(*database, 1).empty());
    const auto findings = preflight(*database, 1ULL << 60U);
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].code == "disk-space");
    CHECK(findings[0].severity == Severity::blocker);
}

}  // namespace migrate::test
