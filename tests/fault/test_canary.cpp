#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "fault/kill_fixture.hpp"
#include "support/file_tree.hpp"

/// What a password given by the environment must never be in: the list of processes, and files. That no
/// command says it, and no record has it, is looked for in every run of the other tests (KillTarget).
namespace migrate::test {
namespace {

namespace fs = std::filesystem;

/// It has not ended, whether or not anybody has waited for it.
bool runs(pid_t process) {
    return content_of(fs::path("/proc") / std::to_string(process) / "stat").find(") Z") == std::string::npos;
}

/// The command lines of all processes, the servers' included, as anybody can read them.
std::string command_lines() {
    std::string all;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const std::string name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") == std::string::npos) {
            all += content_of(entry.path() / "cmdline") + '\n';
        }
    }
    return all;
}

}  // namespace

TEST_CASE("canary: a password is in no list of processes and no file while a migration runs",
          "[fault][canary]") {
    const auto source = KillSource::make("postgresql", 20);
    if (!source) {
        return;
    }
    const std::string engine = GENERATE(as<std::string>(), "sqlite", "postgresql", "json");
    const KillTarget target(engine, false);
    const TemporaryDirectory state;
    CommandOptions options;
    options.environment["PGPASSWORD"] = k_canary_password;
    options.environment["XDG_STATE_HOME"] = state.path();
    Command command(cli({"migrate", "--from", source->endpoint(), "--to", target.endpoint(), "--execute",
                         "--max-rate", "20000rows", "--verbose"}),
                    isolated(options, state.path()));
    std::size_t looks = 0;
    while (runs(command.pid())) {
        REQUIRE(command_lines().find(k_canary_password) == std::string::npos);
        ++looks;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    const CommandResult result = command.wait();
    INFO(result.out << result.err);
    CHECK(result.exit_code == 0);
    CHECK(looks > 3);
    CHECK((result.out + result.err).find(k_canary_password) == std::string::npos);
    target.require_quiet_records();
    for (const auto& [file, content] : file_tree(state.path())) {
        INFO(file);
        CHECK(content.find(k_canary_password) == std::string::npos);
    }
}

}  // namespace migrate::test
