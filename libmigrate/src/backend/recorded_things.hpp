#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <migrate/finding.hpp>
#include <migrate/rollback.hpp>

/// What a database consists of beside its rows: before a migration, after it, and after its rollback.
namespace migrate::backend {

/// Kinds of things, as RollbackProof::what has them. Persisted; do not change.
inline constexpr const char* k_catalog = "catalog";
inline constexpr const char* k_sequences = "sequences";
inline constexpr const char* k_privileges = "privileges";

/// (kind, name) → what it says, or a hash of it.
using Things = std::map<std::pair<std::string, std::string>, std::string>;

/// What a cutover has recorded.
struct RecordedThings {
    Things before;
    Things after;
};

/// What a rollback has to prove of them.
struct ThingsProof {
    std::vector<RollbackProof> proofs;   ///< One a kind, in the order above.
    std::vector<std::string> different;  ///< Names of what is not as before, though nobody else changed it.
    std::vector<Finding> findings;       ///< What others have changed since, and stays so.
};

/// Compares what is there after a rollback (`restored`) with what was recorded before. What others have
/// changed since the migration (`now`, before the rollback, is not what it left) is no part of it.
ThingsProof compare_things(const RecordedThings& recorded, const Things& now, const Things& restored);

/// Of a dry run: what would have to be proven.
std::vector<RollbackProof> expected_proofs(const Things& before);

}  // namespace migrate::backend
