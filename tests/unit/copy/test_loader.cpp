#include <atomic>
#include <memory>
#include <stop_token>
#include <string>

#include <catch2/catch.hpp>

#include "copy/loader.hpp"
#include "plan/planner.hpp"
#include "support/memory_backend.hpp"
#include "verify/digest_scan.hpp"

namespace {

using namespace migrate;
using test::InMemoryDatabase;
using test::InMemorySource;
using test::InMemoryTarget;

std::shared_ptr<InMemoryDatabase> numbers(int tables, int rows) {
    auto database = std::make_shared<InMemoryDatabase>();
    for (int t = 0; t < tables; ++t) {
        test::InMemoryTable& table = database->tables.emplace_back();
        table.table.name.name = "t" + std::to_string(t);
        table.table.columns.resize(2);
        table.table.columns[0].name = "id";
        table.table.columns[0].type = TypeKind::int64;
        table.table.columns[1].name = "word";
        table.table.columns[1].type = TypeKind::text;
        table.rows.reset({TypeKind::int64, TypeKind::text});
        for (int row = 0; row < rows; ++row) {
            table.rows.columns[0].append_fixed(row);
            if (row % 7 == 0) {
                table.rows.columns[1].append_null();
            } else {
                table.rows.columns[1].append_bytes("row " + std::to_string(row * t));
            }
        }
    }
    return database;
}

/// A source, a target and a plan between them.
struct Load {
    explicit Load(const std::shared_ptr<InMemoryDatabase>& from)
        : source(from), target(std::make_shared<InMemoryDatabase>()) {
        const backend::Capabilities can;
        plan = plan::make_plan({{}, {}, source, target, can}, {}, "0123456789ab", "2024-01-01T00:00:00Z");
        target.begin(plan::target_plan_of(plan, "owner"));
    }

    std::vector<copy::LoadedTable> run(unsigned readers, unsigned writers, std::stop_token stop = {}) {
        return run(copy::list_chunks(source, plan), readers, writers, std::move(stop));
    }

    std::vector<copy::LoadedTable> run(std::vector<copy::ListedChunk> chunks, unsigned readers,
                                       unsigned writers, std::stop_token stop = {}) {
        return copy::load({source,
                           target,
                           plan,
                           std::move(chunks),
                           "owner",
                           1,
                           readers,
                           writers,
                           4096,
                           std::move(stop),
                           {},
                           {},
                           rate,
                           gate,
                           stages});
    }

    /// True when every table of the target digests to what the loader says it sent.
    bool is_complete(const std::vector<copy::LoadedTable>& loaded) {
        std::vector<verify::DigestTask> tasks;
        for (const TablePlan& table : plan.tables) {
            tasks.push_back({&plan.target.tables[table.target], {0, 1}, {}, {}});
        }
        const auto staging = target.open_staging();
        const auto digests = verify::digest_tables(*staging, tasks, {2, {}, {}});
        for (std::size_t i = 0; i < tasks.size(); ++i) {
            if (!(digests[i].digest == loaded[i].digest) || digests[i].digest.rows != loaded[i].rows) {
                return false;
            }
        }
        return true;
    }

    InMemorySource source;
    InMemoryTarget target;
    MigrationPlan plan;
    util::RateLimit* rate = nullptr;
    util::PauseGate* gate = nullptr;
    util::StageSums* stages = nullptr;
};

}  // namespace

TEST_CASE("loader: every row of every chunk arrives, whatever the number of readers and writers", "[copy]") {
    const unsigned readers = GENERATE(1U, 2U, 4U);
    const unsigned writers = GENERATE(1U, 2U, 3U);
    Load load(numbers(5, 1234));
    const auto loaded = load.run(readers, writers);
    REQUIRE(loaded.size() == 5);
    for (const copy::LoadedTable& table : loaded) {
        CHECK(table.rows == 1234);
        CHECK(table.chunks == 13);
    }
    CHECK(load.is_complete(loaded));
}

TEST_CASE("loader: chunks that an earlier run has finished are counted and not loaded again", "[copy]") {
    Load load(numbers(3, 1000));
    const auto whole = load.run(2, 2);
    std::vector<Checkpoint> checkpoints = load.target.database().checkpoints;
    REQUIRE(checkpoints.size() == 30);
    SECTION("all of them") {}
    SECTION("some of them") {
        checkpoints.resize(12);
    }
    auto chunks = copy::list_chunks(load.source, load.plan);
    REQUIRE(copy::mark_finished(load.plan, checkpoints, chunks));
    const int commits = load.target.commits;
    const auto again = load.run(chunks, 2, 2);
    CHECK(load.target.commits - commits == 30 - static_cast<int>(checkpoints.size()));
    for (std::size_t i = 0; i < whole.size(); ++i) {
        CHECK(again[i].rows == whole[i].rows);
        CHECK(again[i].digest == whole[i].digest);
        CHECK(again[i].chunks == whole[i].chunks);
    }
}

TEST_CASE("loader: a checkpoint that is of no present chunk makes all of them useless", "[copy]") {
    Load load(numbers(2, 500));
    load.run(1, 1);
    std::vector<Checkpoint> checkpoints = load.target.database().checkpoints;
    SECTION("other bounds") {
        ++checkpoints[3].chunk.last;
    }
    SECTION("another partition") {
        checkpoints[3].chunk.partition = "p";
    }
    SECTION("bounds that overlap") {
        checkpoints[3].chunk.first -= 2;
        checkpoints[3].chunk.index = 99;
    }
    SECTION("another table") {
        checkpoints[3].table.name = "gone";
    }
    auto chunks = copy::list_chunks(load.source, load.plan);
    CHECK_FALSE(copy::mark_finished(load.plan, checkpoints, chunks));
}

TEST_CASE("loader: an empty table is one chunk without rows", "[copy]") {
    Load load(numbers(1, 0));
    const auto loaded = load.run(1, 1);
    CHECK(loaded[0].rows == 0);
    CHECK(loaded[0].chunks == 1);
}

TEST_CASE("loader: a chunk whose write or commit fails for a while is sent again, once", "[copy][fault]") {
    Load load(numbers(2, 500));
    SECTION("write") {
        load.target.faults.fail_write = 7;
    }
    SECTION("commit") {
        load.target.faults.fail_commit_before = 3;
    }
    const auto loaded = load.run(2, 2);
    CHECK(loaded[0].rows == 500);
    CHECK(load.is_complete(loaded));
}

TEST_CASE("loader: a commit whose answer was lost is looked up, not sent twice", "[copy][fault]") {
    Load load(numbers(2, 500));
    load.target.faults.fail_commit_after = GENERATE(0, 4, 9);
    const auto loaded = load.run(2, 2);
    CHECK(loaded[0].rows == 500);
    CHECK(loaded[1].rows == 500);
    CHECK(load.is_complete(loaded));
}

TEST_CASE("loader: an error that does not pass ends the load and is thrown", "[copy][fault]") {
    Load load(numbers(3, 2000));
    load.target.faults.fail_write = 5;
    load.target.faults.code = ErrorCode::resource;
    CHECK_THROWS_AS(load.run(2, 2), Error);
}

TEST_CASE("loader: a reader's failure ends the load and is thrown as it was", "[copy][fault]") {
    Load load(numbers(3, 2000));
    std::atomic<int> batches = 0;
    load.source.before_batch = [&] {
        if (++batches == 20) {
            throw Error(ErrorCode::corrupt, "page 7 is damaged");
        }
    };
    CHECK_THROWS_WITH(load.run(1, 2), "page 7 is damaged");
}

TEST_CASE("loader: a stop that was asked for ends the load with cancelled", "[copy]") {
    Load load(numbers(3, 2000));
    std::stop_source stop;
    std::atomic<int> batches = 0;
    load.source.before_batch = [&] {
        if (++batches == 10) {
            stop.request_stop();
        }
    };
    try {
        load.run(1, 1, stop.get_token());
        FAIL("the load ended though it was stopped");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::cancelled);
    }
}

TEST_CASE("loader: a pause lets the chunks under way be committed, and begins no other", "[copy][pause]") {
    Load load(numbers(3, 2000));
    const auto control = std::make_shared<PauseControl>();
    std::vector<bool> told;
    int read_at_rest = 0;
    int committed_at_rest = 0;
    std::atomic<int> reads = 0;
    util::PauseGate gate(control, [&](bool paused) {
        told.push_back(paused);
        if (paused) {
            read_at_rest = reads;
            committed_at_rest = load.target.commits;
            control->go_on();
        }
    });
    load.gate = &gate;
    load.source.before_batch = [&] {
        if (++reads == 50) {
            control->pause();
        }
    };
    const auto loaded = load.run(2, 2);
    CHECK(told == std::vector{true, false});
    // A chunk of 100 rows is seven batches, and the end.
    CHECK(read_at_rest >= 50);
    CHECK(read_at_rest < 60 * 8);
    CHECK(committed_at_rest * 8 == read_at_rest);
    CHECK(load.is_complete(loaded));
}

TEST_CASE("loader: a stop ends a load that is paused", "[copy][pause]") {
    Load load(numbers(3, 2000));
    const auto control = std::make_shared<PauseControl>();
    std::stop_source stop;
    util::PauseGate gate(control, [&](bool /*paused*/) { stop.request_stop(); });
    load.gate = &gate;
    control->pause();
    try {
        load.run(2, 2, stop.get_token());
        FAIL("the load ended though it was paused and stopped");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::cancelled);
    }
    CHECK(load.target.commits == 0);
}

TEST_CASE("loader: a failure ends a load that is paused", "[copy][pause][fault]") {
    Load load(numbers(3, 2000));
    const auto control = std::make_shared<PauseControl>();
    util::PauseGate gate(control, {});
    load.gate = &gate;
    std::atomic<int> batches = 0;
    load.source.before_batch = [&] {
        if (++batches == 10) {
            control->pause();
            throw Error(ErrorCode::corrupt, "page 7 is damaged");
        }
    };
    CHECK_THROWS_WITH(load.run(2, 2), "page 7 is damaged");
}

TEST_CASE("loader: what a failure has cut off is no longer under way", "[copy][pause][fault]") {
    Load load(numbers(3, 2000));
    const auto control = std::make_shared<PauseControl>();
    std::vector<bool> told;
    util::PauseGate gate(control, [&](bool paused) {
        told.push_back(paused);
        control->go_on();
    });
    load.gate = &gate;
    load.target.faults.fail_write = 5;
    load.target.faults.code = ErrorCode::resource;
    CHECK_THROWS_AS(load.run(2, 2), Error);
    control->pause();
    gate.pass({});
    CHECK(told == std::vector{true, false});
}

TEST_CASE("loader: all that is read passes the rate limit, a little at a time where it is low",
          "[copy][rate]") {
    Load load(numbers(2, 500));
    // Time that runs a minute ahead at each look: nothing has to be waited for.
    util::RateLimit::Clock::time_point now{};
    std::atomic<int> looks = 0;
    util::RateLimit limit(50, 0, [&] {
        ++looks;
        return now += std::chrono::minutes(1);
    });
    load.rate = &limit;
    const auto loaded = load.run(2, 2);
    // Ten chunks of 100 rows, five at a time.
    CHECK(looks == 200);
    CHECK(load.is_complete(loaded));
}

TEST_CASE("loader: the time of every stage is counted, on each thread that had a part in it",
          "[copy][stages]") {
    Load load(numbers(4, 3000));
    util::StageSums sums;
    load.stages = &sums;
    load.run(2, 2);
    std::vector<Stage> stages;
    for (const StageTime& time : sums.list()) {
        stages.push_back(time.stage);
        CHECK(time.threads >= 1);
        CHECK(time.threads <= 2);
    }
    CHECK(stages == std::vector{Stage::read, Stage::map, Stage::encode, Stage::send, Stage::target});
}
