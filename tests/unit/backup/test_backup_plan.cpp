#include <string>

#include <catch2/catch.hpp>

#include <migrate/migration_plan.hpp>

namespace migrate::test {
namespace {

std::string without(std::string text, const std::string& what) {
    const std::size_t at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.erase(at, what.size());
}

}  // namespace

TEST_CASE("backup: a plan remembers how backups are made, and one from before them is still read",
          "[backup][plan]") {
    MigrationPlan plan;
    plan.options.target_backup = BackupPolicy::always;
    plan.options.backup_key.passphrase_file = "/secrets/phrase";
    plan.options.keep_backups = 7;
    const std::string text = render_json(plan);
    const PlanOptions again = parse_plan(text).options;
    CHECK(again.target_backup == BackupPolicy::always);
    CHECK(again.backup_key.passphrase_file == "/secrets/phrase");
    CHECK(again.backup_key.key_file.empty());
    CHECK(again.keep_backups == 7);

    const PlanOptions old = parse_plan(without(without(without(text, "\"target_backup\":\"always\","),
                                                       "\"backup_passphrase_file\":\"/secrets/phrase\","),
                                               "\"keep_backups\":7,"))
                                .options;
    CHECK(old.target_backup == BackupPolicy::automatic);
    CHECK_FALSE(old.backup_key.given());
    CHECK(old.keep_backups == 0);
}

}  // namespace migrate::test
