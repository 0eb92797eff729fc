#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "plan/estimate.hpp"

namespace migrate::session {
class SqliteSession;
}

/// The part of the index of migrations that estimates are made of.
namespace migrate::state {

/// Which runs are alike enough to tell of each other.
struct RunKind {
    std::string machine;  ///< Where they ran; see io::machine_name().
    std::string from_engine;
    std::string to_engine;
};

/// A second entry of the same migration replaces the first. False, and nothing written, where the migration
/// was not recorded. Requires: a transaction is open.
bool write_run(session::SqliteSession& session, const std::string& migration, const RunKind& kind,
               const plan::PastRun& run, std::chrono::milliseconds estimated);

/// The newest `most` runs of the kind, newest first.
[[nodiscard]] std::vector<plan::PastRun> read_runs(const session::SqliteSession& session, const RunKind& kind,
                                                   std::size_t most);

}  // namespace migrate::state
