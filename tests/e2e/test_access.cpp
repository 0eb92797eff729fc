#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// Who may do what, where a policy says so.
namespace migrate::test {
namespace {

struct Machine {
    TemporaryDirectory directory;
    std::string from = directory.path("a.db");
    std::string to = directory.path("b.db");
    std::string policy = directory.path("access.yaml");

    Machine() {
        SqliteDatabase(from).exec("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
    }

    void allow(const std::string& text) const { std::ofstream(policy) << text; }
    [[nodiscard]] CommandResult run(const std::vector<std::string>& arguments) const {
        CommandOptions options;
        options.environment = {{"MIGRATE_TEST_ACCESS_POLICY", policy},
                               {"XDG_STATE_HOME", directory.path("state")}};
        return run_cli(arguments, options);
    }
    [[nodiscard]] std::vector<std::string> migrate(const std::string& how) const {
        return {"migrate", "--from", from, "--to", to, how};
    }
};

/// Tests of what a policy allows need one that belongs to root.
bool is_root() {
    return ::geteuid() == 0;
}

}  // namespace

TEST_CASE("access: without a policy everybody may do what the databases let them", "[cli][access]") {
    const Machine machine;
    require_success(machine.run(machine.migrate("--execute")));
}

TEST_CASE("access: a viewer may plan and compare, an operator run, and only an admin undo", "[cli][access]") {
    if (!is_root()) {
        return;
    }
    const Machine machine;
    machine.allow("roles:\n  viewer: [root]\n");
    require_success(machine.run(machine.migrate("--dry-run")));
    require_success(machine.run({"history"}));
    CommandResult refused = machine.run(machine.migrate("--execute"));
    require_one_error(refused, 7);
    CHECK(refused.err.find("takes the role operator") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(machine.to));
    const CommandResult trail = machine.run({"audit", "show"});
    INFO(trail.out);
    CHECK(count_of(trail.out, "refused") == 1);
    CHECK(trail.out.find("takes the role operator") != std::string::npos);
    require_one_error(machine.run({"diff", "--from", machine.from, "--to", machine.from, "--show-values"}),
                      7);

    machine.allow("roles:\n  operator: [root]\n");
    const CommandResult done = machine.run(machine.migrate("--execute"));
    require_success(done);
    const std::string id = done.out.substr(done.out.find("\nMigration ") + 11, 12);
    require_success(machine.run({"rollback", id}));
    require_one_error(machine.run({"rollback", id, "--execute"}), 7);
    require_one_error(machine.run({"rollback", id, "--dry-run=false"}), 7);
    CHECK(std::filesystem::exists(machine.to));
    require_one_error(machine.run({"finalize", id}), 7);

    machine.allow("others: admin\n");
    require_success(machine.run({"rollback", id, "--execute"}));
    CHECK_FALSE(std::filesystem::exists(machine.to));
}

TEST_CASE("access: who is not named is refused, and groups count", "[cli][access]") {
    if (!is_root()) {
        return;
    }
    const Machine machine;
    machine.allow("roles:\n  admin: [somebody-else, '@no-such-group']\n");
    const CommandResult refused = machine.run({"history"});
    require_one_error(refused, 7);
    CHECK(refused.err.find("not named") != std::string::npos);
    machine.allow("roles:\n  viewer: ['@root']\nothers: nobody\n");
    require_success(machine.run({"history"}));
}

TEST_CASE("access: a policy that others can write, or that says nothing clear, lets nobody do anything",
          "[cli][access]") {
    const Machine machine;
    machine.allow("others: admin\n");
    std::filesystem::permissions(machine.policy, std::filesystem::perms::others_write,
                                 std::filesystem::perm_options::add);
    const CommandResult refused = machine.run({"history"});
    require_one_error(refused, 7);
    CHECK(refused.err.find("belong to root alone") != std::string::npos);
    // Nor may they take it away and put another in its place.
    std::filesystem::remove(machine.policy);
    machine.allow("others: admin\n");
    const std::filesystem::perms before = std::filesystem::status(machine.directory.path()).permissions();
    std::filesystem::permissions(machine.directory.path(), std::filesystem::perms::others_write,
                                 std::filesystem::perm_options::add);
    require_one_error(machine.run({"history"}), 7);
    std::filesystem::permissions(machine.directory.path(), before);
    if (!is_root()) {
        return;
    }
    for (const std::string text : {"others: king\n", "roles: [root]\n", "roles:\n  viewer: root\n",
                                   "who: root\n", "others: [admin]\n", "roles: {viewer: [\n", "- a\n", ""}) {
        CAPTURE(text);
        std::filesystem::remove(machine.policy);
        machine.allow(text);
        const CommandResult result = machine.run({"history"});
        require_one_error(result, 2);
        CHECK(result.err.find("access.yaml, line ") != std::string::npos);
    }
}

}  // namespace migrate::test
