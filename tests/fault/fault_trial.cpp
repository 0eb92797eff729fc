#include "fault/fault_trial.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <utility>

#include <catch2/catch.hpp>

#include "support/compare_databases.hpp"

namespace migrate::test {
namespace {

constexpr int k_most_attempts = 4;
constexpr std::size_t k_id_size = 12;
constexpr int k_most_waits = 200;

bool contains(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

/// Exit codes of a run that may go on later; 1 would be a bug, 4 a difference, 5 something that is left out.
bool is_honest(int exit_code) {
    const std::vector<int> codes{0, 3, 6, 7, 8};
    return std::find(codes.begin(), codes.end(), exit_code) != codes.end();
}

}  // namespace

void note_fault(const std::string& group, const std::string& fault, const std::string& from,
                const std::string& to) {
    if (const char* const path = std::getenv("MIGRATE_FAULT_TABLE")) {
        std::ofstream(path, std::ios::app) << group << '|' << fault << '|' << from << '|' << to << '\n';
    }
}

namespace {

/// Of a run that was cut off before it knew whether the target knows of it; empty for any other.
std::string id_to_abandon(const CommandResult& result) {
    const std::size_t at = result.err.find("abandon ");
    return at == std::string::npos ? "" : result.err.substr(at + 8, k_id_size);
}

}  // namespace

FaultTrial::FaultTrial(const KillSource& source, const KillTarget& target)
    : m_source(source),
      m_target(target),
      m_from(source.endpoint()),
      m_to(target.endpoint()),
      m_run([&target](const std::vector<std::string>& arguments) { return target.run(arguments); }) {}

FaultTrial& FaultTrial::from(std::string endpoint) {
    m_from = std::move(endpoint);
    return *this;
}

FaultTrial& FaultTrial::to(std::string endpoint) {
    m_to = std::move(endpoint);
    return *this;
}

FaultTrial& FaultTrial::with(std::vector<std::string> options) {
    m_options = std::move(options);
    return *this;
}

FaultTrial& FaultTrial::by(std::function<CommandResult(const std::vector<std::string>&)> run) {
    m_run = std::move(run);
    return *this;
}

CommandResult FaultTrial::migrate() {
    std::vector<std::string> arguments{"migrate", "--from", m_from, "--to", m_to, "--execute"};
    arguments.insert(arguments.end(), m_options.begin(), m_options.end());
    return run(arguments);
}

CommandResult FaultTrial::run(const std::vector<std::string>& arguments) {
    CommandResult result = m_run(arguments);
    require_told(result);
    return result;
}

void FaultTrial::require_told(const CommandResult& result) const {
    const std::string said = result.out + result.err;
    INFO(said);
    REQUIRE(result.signal == 0);
    REQUIRE(is_honest(result.exit_code));
    const std::size_t seen = m_target.visible_tables();
    REQUIRE((seen == 0 || seen == 3));
    if (result.exit_code != 0) {
        const bool says_what_next = contains(said, "migrate-cli") || contains(said, "hint") ||
                                    contains(said, "resume") || contains(said, "again");
        REQUIRE(says_what_next);
    }
    // What it says of the target is true.
    if (contains(said, "shows what it showed before") || contains(said, "target is as it was")) {
        REQUIRE(seen == 0);
    }
}

int FaultTrial::settle(const CommandResult& first) {
    CommandResult result = first;
    int taken_up = 0;
    bool began_again = false;
    for (; result.exit_code != 0 && taken_up < k_most_attempts; ++taken_up) {
        result = run({"resume", "--last"});
        const bool has_nothing =
            contains(result.err, "nothing to resume") || contains(result.err, "is not known to the target");
        if (result.exit_code != 0 && has_nothing) {
            began_again = true;
            result = m_target.visible_tables() == 3 ? CommandResult{0, 0, "", ""} : migrate();
        }
    }
    INFO(result.out << result.err);
    REQUIRE(result.exit_code == 0);
    if (began_again) {
        abandon_late(first);
    }
    require_complete();
    return taken_up;
}

/// What a run that was given up has begun all the same goes as that run has said.
void FaultTrial::abandon_late(const CommandResult& first) {
    if (const std::string id = id_to_abandon(first); !id.empty()) {
        CommandResult result = m_run({"abandon", id, "--to", m_to});
        // The server may not have noticed yet that the session of that run is gone.
        for (int wait = 0; result.exit_code == 8 && wait < k_most_waits; ++wait) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            result = m_run({"abandon", id, "--to", m_to});
        }
        INFO(result.out << result.err);
        REQUIRE((result.exit_code == 0 || result.exit_code == 7));
    }
}

void FaultTrial::roll_back() {
    const std::string id = m_target.newest_done();
    REQUIRE_FALSE(id.empty());
    const std::vector<std::string> rollback{"rollback", id, "--to", m_to, "--execute"};
    CommandResult result = run(rollback);
    if (result.exit_code != 0) {
        result = run(rollback);
    }
    INFO(result.out << result.err);
    REQUIRE(result.exit_code == 0);
    REQUIRE(m_target.visible_tables() == 0);
}

void FaultTrial::require_complete() const {
    CompareOptions options;
    options.skip_tables = {"other_data"};
    const CompareResult compared = compare_databases(m_source.endpoint(), m_target.endpoint(), options);
    for (const std::string& difference : compared.differences) {
        UNSCOPED_INFO(difference);
    }
    REQUIRE(compared.difference_count == 0);
    REQUIRE(compared.tables == 3);
    REQUIRE(compared.rows == m_source.rows());
    CHECK(m_target.leftovers() == std::vector<std::string>{});
}

}  // namespace migrate::test
