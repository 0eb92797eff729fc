#include <sstream>
#include <string>

#include <xxhash.h>

#include "bench/micro/loops.hpp"
#include "bench/micro/sample.hpp"
#include "model/canonical.hpp"

/// Canonical bytes of rows, and their digests.
namespace migrate::bench {
namespace {

using benchmark::State;

void done(State& state) {
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * k_rows));
}

void canonical(State& state, const RowBatch& batch) {
    std::string out;
    for (auto _ : state) {
        out.clear();
        for (std::size_t row = 0; row < k_rows; ++row) {
            model::append_canonical_row(batch, row, out);
        }
        benchmark::DoNotOptimize(out.data());
    }
    done(state);
}

std::string joined(const RowBatch& batch, std::size_t row, const std::vector<LogicalType>& types) {
    std::ostringstream out;
    for (std::size_t column = 0; column < types.size(); ++column) {
        const ColumnVector& values = batch.columns[column];
        out << (values.is_null(row) ? "NULL" : naive_text(values, row, types[column])) << '|';
    }
    return out.str();
}

void join(State& state, const RowBatch& batch, const std::vector<LogicalType>& types) {
    for (auto _ : state) {
        std::string out;
        for (std::size_t row = 0; row < k_rows; ++row) {
            out += joined(batch, row, types);
        }
        benchmark::DoNotOptimize(out.data());
    }
    done(state);
}

void digest(State& state, const RowBatch& batch, DigestAlgorithm algorithm) {
    Digest digest;
    digest.algorithm = algorithm;
    for (auto _ : state) {
        model::digest_rows(batch, digest);
        benchmark::DoNotOptimize(digest);
    }
    done(state);
}

void hash_joined(State& state, const RowBatch& batch, const std::vector<LogicalType>& types) {
    Digest digest;
    for (auto _ : state) {
        for (std::size_t row = 0; row < k_rows; ++row) {
            const std::string text = joined(batch, row, types);
            const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
            digest.add(hash.low64, hash.high64);
        }
        benchmark::DoNotOptimize(digest);
    }
    done(state);
}

}  // namespace

void add_digest_loops() {
    for (const SampleKind& kind : sample_kinds()) {
        add_pair(
            "canonical bytes/" + std::string(kind.name), "texts joined in a stream",
            [&kind](State& state) { canonical(state, sample_of(kind)); },
            [&kind](State& state) { join(state, sample_of(kind), {kind.type}); });
    }
    add_pair(
        "canonical bytes/row of 9", "texts joined in a stream",
        [](State& state) { canonical(state, sample_rows()); },
        [](State& state) { join(state, sample_rows(), types_of_sample_rows()); });
    add_pair(
        "digest xxh3/row of 9", "texts joined in a stream, then the same hash",
        [](State& state) { digest(state, sample_rows(), DigestAlgorithm::xxh3); },
        [](State& state) { hash_joined(state, sample_rows(), types_of_sample_rows()); });
    add_pair(
        "digest sha256/row of 9", "texts joined in a stream, then xxh3",
        [](State& state) { digest(state, sample_rows(), DigestAlgorithm::sha256); },
        [](State& state) { hash_joined(state, sample_rows(), types_of_sample_rows()); });
}

}  // namespace migrate::bench
