#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace migrate::backend {

/// What an engine can and cannot do. The engine-neutral modules ask this, never the engine's name.
struct Capabilities {
    bool schemas = false;  ///< Tables live in named schemas; otherwise the schema becomes a name prefix.
    bool parallel_readers = false;         ///< Several readers of one snapshot at once.
    bool parallel_writers = false;         ///< Several chunk transactions at once.
    bool evaluates = true;                 ///< Defaults, checks, predicates: expressions are part of it.
    bool enforces_keys = true;             ///< Primary and unique keys are checked by the engine.
    bool enforces_foreign_keys = true;     ///< Adding a foreign key checks the rows.
    bool change_source = false;            ///< Offers a ChangeSource.
    bool finds_rows = true;                ///< Readers take keys and watermarks (ScanSpec).
    bool text_holds_nul = true;            ///< Text may hold U+0000.
    bool file_based = false;               ///< A file or directory, which can be copied whole.
    bool counts_sessions = false;          ///< A server that has only so many sessions for all.
    bool retries_letters = false;          ///< Target::retry_letters().
    bool text_route = false;               ///< Readers take ReadRoute::text.
    bool values_have_types = false;        ///< Each value has a type of its own, whatever its column's.
    std::size_t max_identifier_bytes = 0;  ///< 0 = no limit.
    bool case_insensitive_names = false;   ///< "A" and "a" are one table or column name.
    std::span<const std::string_view> reserved_columns{};  ///< Names that the engine's own columns have.
};

}  // namespace migrate::backend
