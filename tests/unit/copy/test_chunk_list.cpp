#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include <catch2/catch.hpp>

#include "copy/chunk_list.hpp"

namespace migrate::test {
namespace {

using copy::ListedChunk;

constexpr std::int64_t k_lowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t k_highest = std::numeric_limits<std::int64_t>::max();

Chunk chunk_of(ChunkKind kind, std::uint32_t index, std::int64_t first, std::int64_t last,
               const std::string& partition = "") {
    Chunk chunk;
    chunk.kind = kind;
    chunk.index = index;
    chunk.first = first;
    chunk.last = last;
    chunk.partition = partition;
    return chunk;
}

ListedChunk listed(const Chunk& chunk, std::size_t way = 0) {
    return {way, chunk, chunk.index, std::nullopt};
}

Checkpoint finished(const Chunk& chunk) {
    Checkpoint checkpoint;
    checkpoint.chunk = chunk;
    checkpoint.rows = 10;
    return checkpoint;
}

using Bounds = std::tuple<std::int64_t, std::int64_t, bool>;

/// First, last, and whether it is finished, in order.
std::vector<Bounds> bounds_of(const std::vector<ListedChunk>& chunks) {
    std::vector<Bounds> bounds;
    for (const ListedChunk& one : chunks) {
        bounds.emplace_back(one.chunk.first, one.chunk.last, one.finished.has_value());
    }
    return bounds;
}

constexpr ChunkKind k_rowids = ChunkKind::rowid_range;

}  // namespace

TEST_CASE("chunk list: chunks that are listed as they were are marked, and no others", "[copy]") {
    const auto fitted = copy::fit_finished(
        {listed(chunk_of(k_rowids, 0, k_lowest, 9)), listed(chunk_of(k_rowids, 1, 10, k_highest))},
        {finished(chunk_of(k_rowids, 1, 10, k_highest))});
    REQUIRE(fitted);
    CHECK(bounds_of(*fitted) == std::vector<Bounds>{{k_lowest, 9, false}, {10, k_highest, true}});
}

TEST_CASE("chunk list: what is finished is cut out of chunks that are others now, under numbers of their own",
          "[copy]") {
    const std::vector<ListedChunk> now{listed(chunk_of(k_rowids, 0, k_lowest, 14)),
                                       listed(chunk_of(k_rowids, 1, 15, 29)),
                                       listed(chunk_of(k_rowids, 2, 30, k_highest))};
    const auto fitted = copy::fit_finished(
        now, {finished(chunk_of(k_rowids, 2, 20, k_highest)), finished(chunk_of(k_rowids, 0, k_lowest, 9))});
    REQUIRE(fitted);
    CHECK(bounds_of(*fitted) ==
          std::vector<Bounds>{{k_lowest, 9, true}, {10, 14, false}, {15, 19, false}, {20, k_highest, true}});
    // The target knows them by these: none may be that of one that is finished.
    CHECK((*fitted)[0].index_at_target == 0);
    CHECK((*fitted)[1].index_at_target == 3);
    CHECK((*fitted)[2].index_at_target == 4);
    CHECK((*fitted)[3].index_at_target == 2);
}

TEST_CASE("chunk list: partitions are cut each for itself, and one that is gone fits nothing", "[copy]") {
    const ChunkKind blocks = ChunkKind::ctid_blocks;
    const std::vector<ListedChunk> now{listed(chunk_of(blocks, 0, 0, 99, "a")),
                                       listed(chunk_of(blocks, 1, 0, 99, "b"))};
    const auto fitted = copy::fit_finished(now, {finished(chunk_of(blocks, 0, 0, 49, "b"))});
    REQUIRE(fitted);
    CHECK(bounds_of(*fitted) == std::vector<Bounds>{{0, 99, false}, {0, 49, true}, {50, 99, false}});
    CHECK_FALSE(copy::fit_finished(now, {finished(chunk_of(blocks, 0, 0, 49, "c"))}));
}

TEST_CASE("chunk list: what was read whole is all of a table, however it is split now", "[copy]") {
    const ChunkKind blocks = ChunkKind::ctid_blocks;
    const Checkpoint whole = finished(chunk_of(ChunkKind::whole, 0, 0, 0));
    const auto fitted = copy::fit_finished(
        {listed(chunk_of(blocks, 0, 0, 99)), listed(chunk_of(blocks, 1, 100, 199))}, {whole});
    REQUIRE(fitted);
    CHECK(bounds_of(*fitted) == std::vector<Bounds>{{0, 0, true}});
    // Others hold rows of it by now.
    CHECK_FALSE(copy::fit_finished({listed(chunk_of(blocks, 0, 0, 99, "child"))}, {whole}));
    CHECK_FALSE(copy::fit_finished({listed(chunk_of(ChunkKind::whole, 0, 0, 0))},
                                   {finished(chunk_of(blocks, 0, 0, 99))}));
}

TEST_CASE("chunk list: what cannot be told apart fits nothing", "[copy]") {
    const std::vector<ListedChunk> now{listed(chunk_of(k_rowids, 0, k_lowest, k_highest))};
    CHECK_FALSE(copy::fit_finished(
        now, {finished(chunk_of(k_rowids, 0, 1, 10)), finished(chunk_of(k_rowids, 1, 10, 20))}));
    // Lines of a file begin elsewhere once it has changed.
    const ChunkKind bytes = ChunkKind::byte_range;
    CHECK_FALSE(
        copy::fit_finished({listed(chunk_of(bytes, 0, 0, 100))}, {finished(chunk_of(bytes, 0, 0, 60))}));
    // Two ways into one table share its numbers.
    CHECK_FALSE(copy::fit_finished({listed(chunk_of(k_rowids, 0, k_lowest, k_highest)),
                                    listed(chunk_of(k_rowids, 1, k_lowest, k_highest), 1)},
                                   {finished(chunk_of(k_rowids, 0, 1, 10))}));
}

}  // namespace migrate::test
