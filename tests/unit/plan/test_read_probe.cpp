#include <memory>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "plan/planner.hpp"
#include "plan/read_probe.hpp"
#include "support/memory_backend.hpp"

namespace {

using namespace migrate;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// One table of integers, and how often it is asked for a batch.
class Probed {
  public:
    explicit Probed(std::size_t rows) {
        auto database = std::make_shared<test::InMemoryDatabase>();
        test::InMemoryTable& table = database->tables.emplace_back();
        table.table.name = {"", "t"};
        table.table.columns.emplace_back().name = "id";
        table.table.columns[0].type = TypeKind::int64;
        table.rows.reset({TypeKind::int64});
        for (std::size_t row = 0; row < rows; ++row) {
            table.rows.columns[0].append_fixed(static_cast<std::int64_t>(row));
        }
        source = std::make_unique<test::InMemorySource>(database);
        test::InMemoryTarget target(std::make_shared<test::InMemoryDatabase>());
        const backend::Capabilities can;
        plan = plan::make_plan({{"memory", "a", {}, {}}, {"memory", "b", {}, {}}, *source, target, can}, {},
                               "0123456789ab", "2024-01-01T00:00:00Z");
        source->before_batch = [this] { ++batches; };
    }

    /// Each look at the clock finds it `tick` later.
    std::optional<plan::ReadSpeed> probe(milliseconds tick) {
        return plan::probe_read_speed(*source, plan, [this, tick] { return now += tick; });
    }

    std::unique_ptr<test::InMemorySource> source;
    MigrationPlan plan;
    int batches = 0;
    steady_clock::time_point now;
};

}  // namespace

TEST_CASE("read probe: a large table is read for its time and no longer", "[plan][estimate]") {
    Probed large(500'000);
    const auto speed = large.probe(milliseconds(10));
    REQUIRE(speed);
    // Opened at 10, begun at 20: batches end at 30, 40, 50 and 60.
    CHECK(large.batches == 5);
    CHECK(speed->rows_per_second > 0);
    CHECK(speed->bytes_per_second > 8 * speed->rows_per_second);
    CHECK(speed->work_per_second == Approx(speed->rows_per_second * plan::row_work(large.plan.tables[0])));
}

TEST_CASE("read probe: a small table is not read", "[plan][estimate]") {
    Probed small(1'000);
    CHECK_FALSE(small.probe(milliseconds(1)));
    CHECK(small.batches == 0);
}

TEST_CASE("read probe: a session that is lent is not read from", "[plan][estimate]") {
    Probed lent(100'000);
    lent.plan.from.borrowed = std::make_shared<int>(0);
    CHECK_FALSE(lent.probe(milliseconds(1)));
    CHECK(lent.batches == 0);
}

TEST_CASE("read probe: what cannot be read is the run's to say, but a stop is a stop", "[plan][estimate]") {
    Probed broken(100'000);
    broken.source->before_batch = [] { throw Error(ErrorCode::corrupt, "a page is damaged"); };
    CHECK_FALSE(broken.probe(milliseconds(1)));
    broken.source->before_batch = [] { throw Error(ErrorCode::cancelled, "stopped as asked"); };
    CHECK_THROWS_AS(broken.probe(milliseconds(1)), Error);
}
