#pragma once

#include <benchmark/benchmark.h>
#include <functional>
#include <string>

namespace migrate::bench {

/// Registers a loop and, right after it, the naive way to the same end: "encode/int64/ours" and
/// "encode/int64/naive". `what` says in a few words what the naive way does.
void add_pair(const std::string& name, const std::string& what, std::function<void(benchmark::State&)> ours,
              std::function<void(benchmark::State&)> naive);

void add_copy_loops();
void add_sqlite_loops();
void add_digest_loops();
void add_json_loops();
void add_batch_loops();

}  // namespace migrate::bench
