#include <atomic>
#include <chrono>
#include <memory>
#include <stop_token>
#include <vector>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "support/memory_backend.hpp"
#include "verify/digest_scan.hpp"

using namespace migrate;

namespace {

/// A table of 1,000 numbers, read in ten chunks.
struct Scan {
    Scan() {
        auto database = std::make_shared<test::InMemoryDatabase>();
        test::InMemoryTable& table = database->tables.emplace_back();
        table.table.name.name = "numbers";
        table.table.columns.resize(1);
        table.table.columns[0].name = "n";
        table.table.columns[0].type = TypeKind::int64;
        table.rows.reset({TypeKind::int64});
        for (int row = 0; row < 1000; ++row) {
            table.rows.columns[0].append_fixed(row);
        }
        source = std::make_unique<test::InMemorySource>(database, 100);
        tasks.push_back({&table.table, {0}, {}, {}});
        keep = std::move(database);
    }

    std::uint64_t rows(const verify::ScanContext& context) {
        return verify::digest_tables(*source, tasks, context).front().digest.rows;
    }

    std::shared_ptr<test::InMemoryDatabase> keep;
    std::unique_ptr<test::InMemorySource> source;
    std::vector<verify::DigestTask> tasks;
};

}  // namespace

TEST_CASE("digest scan: a pause lets the chunks under way be read, and then begins no other",
          "[verify][pause]") {
    Scan scan;
    const auto control = std::make_shared<PauseControl>();
    std::atomic<int> reads = 0;
    int read_at_rest = 0;
    std::vector<bool> told;
    util::PauseGate gate(control, [&](bool paused) {
        told.push_back(paused);
        read_at_rest = paused ? reads.load() : read_at_rest;
        control->go_on();
    });
    scan.source->before_batch = [&] {
        if (++reads == 11) {
            control->pause();
        }
    };
    CHECK(scan.rows({2, {}, {}, nullptr, &gate}) == 1000);
    CHECK(told == std::vector{true, false});
    // Seven batches and the end are a chunk.
    CHECK(read_at_rest % 8 == 0);
    CHECK(read_at_rest < 80);
}

TEST_CASE("digest scan: nothing is asked about a table before it may be read", "[verify]") {
    struct Asked : test::InMemorySource {
        using InMemorySource::InMemorySource;
        std::atomic<bool> asked = false;
        std::vector<Chunk> chunks(const Table& table, const backend::ChunkOptions& options) override {
            asked = true;
            return InMemorySource::chunks(table, options);
        }
    };
    Scan scan;
    Asked source(scan.keep, 100);
    verify::ScanContext context{2, {}, {}};
    bool early = false;
    context.await = [&](std::size_t) {
        early = source.asked;
        return true;
    };
    CHECK(verify::digest_tables(source, scan.tasks, context).front().digest.rows == 1000);
    CHECK_FALSE(early);
    source.asked = false;
    context.await = [](std::size_t) { return false; };
    CHECK_THROWS_AS(verify::digest_tables(source, scan.tasks, context), Error);
    CHECK_FALSE(source.asked);
}

TEST_CASE("digest scan: a table that is scanned by itself is held back and paused as well",
          "[verify][pause]") {
    Scan scan;
    const auto control = std::make_shared<PauseControl>();
    int rests = 0;
    util::PauseGate gate(control, [&](bool paused) {
        rests += paused ? 1 : 0;
        control->go_on();
    });
    control->pause();
    std::uint64_t rows = 0;
    verify::scan_table(*scan.source, scan.tasks[0], {1, {}, {}, nullptr, &gate},
                       [&](const RowBatch& batch) { rows += batch.row_count(); });
    CHECK(rows == 1000);
    CHECK(rests == 1);
}

TEST_CASE("digest scan: a stop, or another reader's failure, ends a pause", "[verify][pause]") {
    Scan scan;
    const auto control = std::make_shared<PauseControl>();
    std::stop_source stop;
    SECTION("a stop") {
        util::PauseGate gate(control, [&](bool /*paused*/) { stop.request_stop(); });
        control->pause();
        CHECK_THROWS_AS(scan.rows({2, stop.get_token(), {}, nullptr, &gate}), Error);
    }
    SECTION("a failure") {
        util::PauseGate gate(control, {});
        std::atomic<int> reads = 0;
        scan.source->before_batch = [&] {
            if (++reads == 11) {
                control->pause();
                throw Error(ErrorCode::corrupt, "page 7 is damaged");
            }
        };
        CHECK_THROWS_WITH(scan.rows({2, {}, {}, nullptr, &gate}), "page 7 is damaged");
    }
}

TEST_CASE("digest scan: all that is read passes the rate limit, a little at a time", "[verify][rate]") {
    Scan scan;
    util::RateLimit::Clock::time_point now{};
    std::atomic<int> looks = 0;
    util::RateLimit limit(50, 0, [&] {
        ++looks;
        return now += std::chrono::minutes(1);
    });
    CHECK(scan.rows({2, {}, {}, &limit}) == 1000);
    CHECK(looks == 200);
}

TEST_CASE("digest scan: its time is that of verification, on each thread", "[verify][stages]") {
    Scan scan;
    util::StageSums sums;
    scan.rows({2, {}, {}, nullptr, nullptr, &sums});
    const auto stages = sums.list();
    REQUIRE(stages.size() == 1);
    CHECK(stages[0].stage == Stage::verify);
    CHECK(stages[0].threads <= 2);
}
