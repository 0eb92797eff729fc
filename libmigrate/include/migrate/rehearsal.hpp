#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <migrate/export.hpp>
#include <migrate/finding.hpp>
#include <migrate/rollback.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// How much of both sides a rollback is rehearsed with.
struct RehearsalOptions {
    /// The first ones of each table of either side, at most; what they refer to comes beside. At least 1.
    std::uint64_t rows = 1000;
};

/// How the rollback of a migration went that was run with a sample, in a place of its own that is gone by
/// now: a copy of the target's tables that would be replaced or loaded into, with what depends on them.
struct RollbackRehearsal {
    std::string place;                ///< "a database of its own on the target's server"; for people.
    std::uint64_t rows_there = 0;     ///< Copied of the target as it is.
    std::uint64_t rows_migrated = 0;  ///< Of the source.
    RollbackResult rollback;          ///< Table by table, with the proofs; empty where it came to none.
    std::string failure;              ///< Why the rollback does not work; empty where its proofs say it.
    std::string next_step;            ///< What can be done about it; may be empty.
    std::vector<Finding> findings;    ///< Severity::left_out: what could not be rehearsed, and why.
    std::chrono::milliseconds duration{0};

    /// The rollback was executed, and everything is proven to be as it was.
    [[nodiscard]] MIGRATE_EXPORT bool passed() const noexcept;
    /// 0, or 4 where it has not passed.
    [[nodiscard]] MIGRATE_EXPORT int exit_code() const noexcept;
};

MIGRATE_EXPORT std::string render_text(const RollbackRehearsal& rehearsal);

MIGRATE_NAMESPACE_END
