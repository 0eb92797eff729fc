#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

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

constexpr int k_rows = 500;

/// One table of 500 rows (id, word) in chunks of 100, read in batches of 16.
std::shared_ptr<InMemoryDatabase> words() {
    auto database = std::make_shared<InMemoryDatabase>();
    test::InMemoryTable& table = database->tables.emplace_back();
    table.table.name.name = "t";
    table.table.columns.resize(2);
    table.table.columns[0].name = "id";
    table.table.columns[0].type = TypeKind::int64;
    table.table.columns[0].nullable = false;
    table.table.columns[1].name = "word";
    table.table.columns[1].type = TypeKind::text;
    table.table.primary_key = Key{};
    table.table.primary_key->columns = {"id"};
    table.rows.reset({TypeKind::int64, TypeKind::text});
    for (int row = 0; row < k_rows; ++row) {
        table.rows.columns[0].append_fixed(row);
        table.rows.columns[1].append_bytes("word " + std::to_string(row));
    }
    return database;
}

struct Load {
    explicit Load(RejectHandling handling) : source(words()), target(std::make_shared<InMemoryDatabase>()) {
        const backend::Capabilities can;
        PlanOptions options;
        options.on_reject = handling;
        plan =
            plan::make_plan({{}, {}, source, target, can}, options, "0123456789ab", "2024-01-01T00:00:00Z");
        target.begin(plan::target_plan_of(plan, "owner"));
    }

    copy::LoadedTable run(unsigned workers = 2) {
        return copy::load({source,
                           target,
                           plan,
                           copy::list_chunks(source, plan),
                           "owner",
                           1,
                           workers,
                           workers,
                           4096,
                           {},
                           {},
                           {}})
            .at(0);
    }

    /// Refuses the rows with these ids, named or as the whole batch.
    void refuse(std::vector<std::int64_t> ids, const std::string& column = "", bool named = true) {
        target.refuse = [=](const RowBatch& batch, std::size_t row) -> std::optional<test::InMemoryRefusal> {
            const bool bad = std::find(ids.begin(), ids.end(), batch.columns[0].fixed(row)) != ids.end();
            // A value that is NULL by now is what the target wanted.
            const bool mended = column == "word" && batch.columns[1].is_null(row);
            return bad && !mended ? std::optional(test::InMemoryRefusal{column, named}) : std::nullopt;
        };
    }

    [[nodiscard]] std::vector<DeadLetter>& letters() { return target.database().dead_letters; }

    /// The keys of the dead letters, in order; fails where two have the same identity.
    std::vector<std::int64_t> dead() {
        std::vector<std::int64_t> keys;
        std::vector<std::pair<std::int64_t, std::uint64_t>> identities;
        for (const DeadLetter& letter : letters()) {
            keys.push_back(std::stoll(letter.key));
            identities.emplace_back(letter.chunk, letter.ordinal);
        }
        std::sort(keys.begin(), keys.end());
        std::sort(identities.begin(), identities.end());
        CHECK(std::adjacent_find(identities.begin(), identities.end()) == identities.end());
        return keys;
    }

    /// True when the target read back, and the sum of its checkpoints, are what the load says.
    bool agrees_with(const copy::LoadedTable& loaded) {
        const auto staging = target.open_staging();
        const auto digest =
            verify::digest_tables(*staging, {{&plan.target.tables[0], {0, 1}, {}, {}}}, {1, {}, {}});
        Digest sum;
        std::uint64_t rows = 0;
        std::uint64_t rejects = 0;
        for (const Checkpoint& checkpoint : target.database().checkpoints) {
            sum.merge(checkpoint.digest);
            rows += checkpoint.rows;
            rejects += checkpoint.rejects;
        }
        return digest[0].digest == loaded.digest && sum == loaded.digest &&
               digest[0].digest.rows == loaded.rows && rows == loaded.rows && rejects == loaded.rejected &&
               loaded.rows + loaded.rejected == k_rows;
    }

    InMemorySource source;
    InMemoryTarget target;
    MigrationPlan plan;
};

std::vector<std::int64_t> every(int step) {
    std::vector<std::int64_t> ids;
    for (std::int64_t id = 0; id < k_rows; id += step) {
        ids.push_back(id);
    }
    return ids;
}

}  // namespace

TEST_CASE("rejects: stop names table, row and column, and nothing is committed of the chunk",
          "[copy][reject]") {
    Load load(RejectHandling::stop);
    load.refuse({117}, "word");
    try {
        load.run(1);
        FAIL("a refused row was passed over");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::row);
        CHECK(error.facts().table == "t");
        CHECK(error.facts().column == "word");
        CHECK(error.facts().row == 17);
        CHECK(std::string(error.what()).find("table t, row 18 from rowid 100 on, column word") == 0);
        CHECK(error.facts().next_step.find("--on-reject") != std::string::npos);
    }
    CHECK(load.target.database().checkpoints.size() <= 1);
    CHECK(load.letters().empty());
}

TEST_CASE("rejects: rows that the target refuses become dead letters, whole, and all others arrive",
          "[copy][reject]") {
    const bool named = GENERATE(true, false);
    const auto ids = GENERATE(std::vector<std::int64_t>{0}, std::vector<std::int64_t>{499},
                              std::vector<std::int64_t>{3, 4, 5, 250}, every(2), every(1));
    Load load(RejectHandling::dead_letter);
    load.refuse(ids, "", named);
    const auto loaded = load.run();
    CHECK(loaded.rejected == ids.size());
    CHECK(loaded.nulled == 0);
    CHECK(load.dead() == ids);
    CHECK(load.agrees_with(loaded));
    for (const DeadLetter& letter : load.letters()) {
        CHECK(letter.row == R"({"id":)" + letter.key + R"(,"word":"word )" + letter.key + R"("})");
        CHECK(letter.chunk * 100 + static_cast<std::int64_t>(letter.ordinal) == std::stoll(letter.key));
    }
}

TEST_CASE("rejects: after eight in a chunk a batch is halved, not sent again for each", "[copy][reject]") {
    Load load(RejectHandling::dead_letter);
    load.refuse(every(1));
    load.run(1);
    // 16 rows a batch: one row at a time costs 16 writes and more; halving never needs more than twice the
    // rows.
    CHECK(load.target.writes <= 2 * k_rows);
}

TEST_CASE("rejects: rows that cannot be read and rows that are refused never share an identity",
          "[copy][reject]") {
    Load load(RejectHandling::dead_letter);
    load.source.misfit = [](const test::InMemoryTable&, std::size_t row) {
        return row % 10 == 0 ? std::string("the value is no word") : std::string();
    };
    load.refuse({1, 2, 11, 499});
    const auto loaded = load.run();
    CHECK(loaded.rejected == 54);
    std::vector<std::pair<std::int64_t, std::uint64_t>> identities;
    for (const DeadLetter& letter : load.letters()) {
        identities.emplace_back(letter.chunk, letter.ordinal);
    }
    std::sort(identities.begin(), identities.end());
    CHECK(std::adjacent_find(identities.begin(), identities.end()) == identities.end());
    CHECK(load.agrees_with(loaded));
    const auto reasons = loaded.reasons.list();
    REQUIRE(reasons.size() == 2);
    CHECK(reasons[0].rows == 50);
    CHECK(reasons[0].column == "word");
    CHECK(reasons[0].reason == "the value is no word");
    CHECK(reasons[1].rows == 4);
}

TEST_CASE("rejects: a row that cannot be read stops the load unless a policy says otherwise",
          "[copy][reject]") {
    Load load(RejectHandling::stop);
    load.source.misfit = [](const test::InMemoryTable&, std::size_t row) {
        return row == 42 ? std::string("the value is no word") : std::string();
    };
    CHECK_THROWS_WITH(load.run(1),
                      Catch::Contains("row 43 from rowid 0 on, column word: the value is no word"));
}

TEST_CASE("rejects: null_value keeps the row with NULL where the column allows it", "[copy][reject]") {
    Load load(RejectHandling::null_value);
    SECTION("the column is nullable: the row arrives, and is a dead letter as well") {
        load.refuse({7, 8, 300}, "word");
        const auto loaded = load.run();
        CHECK(loaded.rejected == 0);
        CHECK(loaded.nulled == 3);
        CHECK(load.dead() == std::vector<std::int64_t>{7, 8, 300});
        CHECK(load.agrees_with(loaded));
        CHECK(loaded.reasons.list().at(0).kept);
        CHECK(load.letters()[0].row.find("\"word ") != std::string::npos);
    }
    SECTION("the column is a key: the row is left out") {
        load.refuse({7}, "id");
        const auto loaded = load.run();
        CHECK(loaded.rejected == 1);
        CHECK(loaded.nulled == 0);
        CHECK(load.agrees_with(loaded));
    }
    SECTION("the target names no column: the row is left out") {
        load.refuse({7});
        const auto loaded = load.run();
        CHECK(loaded.rejected == 1);
        CHECK(load.agrees_with(loaded));
    }
}

TEST_CASE("rejects: a chunk that fails and is sent again leaves each dead letter once",
          "[copy][reject][fault]") {
    const int turn = GENERATE(0, 2, 4);
    const int kind = GENERATE(0, 1, 2);
    Load load(RejectHandling::dead_letter);
    load.refuse(every(9));
    (kind == 0   ? load.target.faults.fail_commit_before
     : kind == 1 ? load.target.faults.fail_commit_after
                 : load.target.faults.fail_write) = turn;
    const auto loaded = load.run();
    CHECK(loaded.rejected == every(9).size());
    CHECK(load.dead() == every(9));
    CHECK(load.agrees_with(loaded));
    CHECK(loaded.reasons.list().at(0).rows == every(9).size());
}
