#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <migrate/migration_result.hpp>

#include "backend/registry.hpp"
#include "migrator/bottleneck.hpp"

using namespace migrate;
using namespace std::chrono_literals;

namespace {

using Phases = std::vector<std::pair<Phase, std::chrono::milliseconds>>;

/// A run of ten seconds, nine of them in one phase.
MigrationResult run_in(Phase phase, std::vector<StageTime> stages) {
    MigrationResult result;
    result.id = "0123456789ab";
    result.state = MigrationState::done;
    result.duration = 10s;
    result.phases = Phases{{Phase::open, 300ms}, {phase, 9s}, {Phase::done, 0ms}};
    result.stages = std::move(stages);
    return result;
}

Bottleneck found(const MigrationResult& result) {
    const auto bottleneck =
        find_bottleneck(result, backend::backend_named("sqlite"), backend::backend_named("postgresql"));
    REQUIRE(bottleneck);
    return *bottleneck;
}

}  // namespace

TEST_CASE("bottleneck: where readers wait, it is the slowest of the writers", "[stages]") {
    const MigrationResult result = run_in(Phase::load, {{Stage::read, 2, 3s, 12s},
                                                        {Stage::map, 2, 2s, 0ms},
                                                        {Stage::encode, 2, 4s, 10ms},
                                                        {Stage::send, 2, 1s, 0ms},
                                                        {Stage::target, 2, 13s, 0ms}});
    const Bottleneck bottleneck = found(result);
    CHECK(bottleneck.where == "target");
    CHECK(bottleneck.message == "PostgreSQL's COPY took most of the time (load: 9.00 s of 10.0 s)");
    CHECK_FALSE(bottleneck.next_step.empty());
}

TEST_CASE("bottleneck: where writers wait, it is the slowest of the readers, by the source's engine",
          "[stages]") {
    MigrationResult result = run_in(Phase::load, {{Stage::read, 2, 12s, 0ms},
                                                  {Stage::map, 2, 5s, 0ms},
                                                  {Stage::encode, 2, 2s, 9s},
                                                  {Stage::target, 2, 6s, 0ms}});
    CHECK(found(result).where == "read");
    CHECK(found(result).message.starts_with("reading the SQLite file took most of the time"));
    result.stages[1].busy = 13s;
    CHECK(found(result).where == "map");
}

TEST_CASE("bottleneck: the longest phase decides", "[stages]") {
    const std::vector<StageTime> stages{{Stage::read, 1, 500ms, 0ms}, {Stage::index, 1, 9s, 0ms}};
    CHECK(found(run_in(Phase::build, stages)).where == "index");
    CHECK(found(run_in(Phase::verify, stages)).where == "verify");
    CHECK(found(run_in(Phase::backup, stages)).where == "backup");
    CHECK(found(run_in(Phase::cutover, stages)).where == "cutover");
    const auto nothing = find_bottleneck(run_in(Phase::open, stages), backend::backend_named("sqlite"),
                                         backend::backend_named("json"));
    CHECK_FALSE(nothing);
}

TEST_CASE("bottleneck: a run that was held back is told so", "[stages]") {
    const Bottleneck bottleneck =
        found(run_in(Phase::load, {{Stage::read, 2, 1s, 0ms}, {Stage::held, 2, 0ms, 15s}}));
    CHECK(bottleneck.where == "held");
    CHECK(bottleneck.message.find("--max-rate") != std::string::npos);
}

TEST_CASE("bottleneck: every engine names the work of each stage, and what could be done", "[stages]") {
    for (const char* engine : {"sqlite", "postgresql", "json"}) {
        for (const Stage stage :
             {Stage::read, Stage::encode, Stage::send, Stage::target, Stage::index, Stage::verify}) {
            CAPTURE(engine, to_string(stage));
            const backend::StageAdvice advice = backend::backend_named(engine).advice_on(stage);
            CHECK_FALSE(advice.work.empty());
            CHECK_FALSE(advice.next_step.empty());
        }
    }
}

TEST_CASE("bottleneck: the text of a result has its stages where it has one, and is short without",
          "[stages]") {
    MigrationResult result =
        run_in(Phase::load, {{Stage::read, 2, 3s, 12s}, {Stage::target, 2, 13049ms, 0ms}});
    const std::string without = render_text(result);
    CHECK(without.find("waiting") == std::string::npos);
    CHECK(without.find("Slowest") == std::string::npos);
    result.bottleneck = found(result);
    const std::string with = render_text(result);
    CHECK(with.find("  stage   threads  busy s  waiting s\n"
                    "  read          2     3.0       12.0\n"
                    "  target        2    13.0        0.0\n"
                    "Slowest: PostgreSQL's COPY took most of the time (load: 9.00 s of 10.0 s): ") !=
          std::string::npos);
}

TEST_CASE("bottleneck: a run of less than a second has none", "[stages]") {
    MigrationResult result = run_in(Phase::load, {{Stage::read, 1, 500ms, 0ms}});
    result.duration = 999ms;
    CHECK_FALSE(find_bottleneck(result, backend::backend_named("sqlite"), backend::backend_named("json")));
}
