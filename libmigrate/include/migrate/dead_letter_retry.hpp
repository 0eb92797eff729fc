#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <migrate/dead_letter.hpp>
#include <migrate/export.hpp>
#include <migrate/finding.hpp>
#include <migrate/migration_result.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

struct DeadLetterRetryOptions {
    bool execute = false;             ///< False: say what would be tried, and write nothing.
    std::vector<std::string> tables;  ///< Only these, as dead letters name them; empty = all.
    /// Only these letters, told by table, chunk and ordinal, with their rows as they are here: mended by
    /// somebody. Nullopt: all letters, with the rows that the target keeps.
    std::optional<std::vector<DeadLetter>> mended;
};

/// What became of one table's dead letters.
struct RetriedTable {
    std::string table;
    std::uint64_t letters = 0;          ///< That there were.
    std::uint64_t tried = 0;            ///< Of these; in a preview, those that would be.
    std::uint64_t inserted = 0;         ///< Rows that are in the table now.
    std::uint64_t filled = 0;           ///< Rows that were there with NULL, and have their value now.
    std::uint64_t left = 0;             ///< Letters that there are now.
    std::vector<RejectReason> reasons;  ///< Why rows that were tried are still left out, most rows first.
};

/// How a retry ended. One that did not end so throws, and has changed nothing.
struct DeadLetterRetry {
    std::string id;
    bool executed = false;
    std::vector<RetriedTable> tables;  ///< Those with dead letters, in the order in which rows went in.
    std::vector<Finding> findings;

    /// Of all tables together.
    [[nodiscard]] MIGRATE_EXPORT RetriedTable total() const;
    /// 0; 5 where dead letters are left, or, in a preview, where some would not even be tried.
    [[nodiscard]] MIGRATE_EXPORT int exit_code() const noexcept;
};

MIGRATE_EXPORT std::string render_text(const DeadLetterRetry& retry);

MIGRATE_NAMESPACE_END
