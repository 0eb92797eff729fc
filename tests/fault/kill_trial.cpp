#include "fault/kill_trial.hpp"

#include <utility>

#include <catch2/catch.hpp>

#include "support/compare_databases.hpp"

namespace migrate::test {

const std::vector<std::string>& kill_points() {
    static const std::vector<std::string> k_points{
        "backup-begun",   "backup-file",     "backup-renamed",  "state-write",       "state-written",
        "staging-begin",  "staging-begun",   "chunk-begun",     "chunk-written",     "chunk-recorded",
        "chunk-synced",   "chunk-committed", "chunk-begun:5",   "chunk-recorded:5",  "chunk-committed:7",
        "loaded",         "build-step",      "build-step-done", "build-step:3",      "build-step-done:3",
        "verified",       "ready",           "cutover",         "cutover-begun",     "cutover-marked",
        "cutover-rename", "cutover-renamed", "cutover-commit",  "cutover-committed", "cutover-done",
        "audit-write",    "audit-write:4",   "audit-written:5", "audit-synced:7",
    };
    return k_points;
}

KillTrial::KillTrial(const KillSource& source, const std::string& target_engine, bool with_other_data)
    : m_source(source), m_target(target_engine, with_other_data) {}

CommandResult KillTrial::run(const std::vector<std::string>& arguments, const Kill& kill) const {
    return m_target.run(arguments, kill.point, kill.after);
}

std::vector<std::string> KillTrial::migrate() const {
    return {"migrate",           "--from",    m_source.endpoint(), "--to",
            m_target.endpoint(), "--execute", "--chunk-rows",      std::to_string(m_source.chunk_rows())};
}

bool KillTrial::begin(const Kill& kill) {
    const CommandResult result = run(migrate(), kill);
    INFO("killed at " << kill.point << ": " << result.out << result.err);
    require_whole();
    if (result.signal == 0) {
        REQUIRE(result.exit_code == 0);
        require_complete();
        return false;
    }
    return true;
}

bool KillTrial::go_on(const Kill& kill) {
    CommandResult result = run({"resume", "--last"}, kill);
    INFO("taken up, and killed at " << kill.point << ": " << result.out << result.err);
    if (result.signal == 0 && result.exit_code != 0) {
        // Either it was killed before the target had recorded anything, or an earlier attempt has ended it.
        REQUIRE((result.err.find("nothing to resume") != std::string::npos ||
                 result.err.find("is not known to the target") != std::string::npos));
        const bool is_done = m_target.visible_tables() != 0;
        result = is_done ? CommandResult{0, 0, "", ""} : run(migrate(), kill);
    }
    INFO(result.out << result.err);
    require_whole();
    if (result.signal != 0) {
        return true;
    }
    REQUIRE(result.exit_code == 0);
    require_complete();
    return false;
}

int KillTrial::roll_back(const Kill& kill) {
    const std::string id = m_target.newest_done();
    REQUIRE_FALSE(id.empty());
    const std::vector<std::string> rollback{"rollback", id, "--to", m_target.endpoint(), "--execute"};
    const bool was_killed = run(rollback, kill).signal != 0;
    require_whole();
    if (was_killed) {
        const CommandResult result = run(rollback, {});
        INFO("rolled back, after it was killed at " << kill.point << ": " << result.out << result.err);
        REQUIRE(result.exit_code == 0);
    }
    REQUIRE(m_target.visible_tables() == 0);
    return was_killed ? 1 : 0;
}

void KillTrial::require_whole() const {
    const std::size_t seen = m_target.visible_tables();
    REQUIRE((seen == 0 || seen == 3));
}

void KillTrial::require_complete() const {
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
    m_target.require_quiet_records();
}

}  // namespace migrate::test
