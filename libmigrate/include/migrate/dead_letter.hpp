#pragma once

#include <cstdint>
#include <string>

#include <migrate/export.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// A row that did not fit, as the target keeps it: whole, with the reason. It is identified by its migration,
/// table, chunk and ordinal. `key` and `row` are values of the row: never logged.
struct DeadLetter {
    std::string table;          ///< As the target names it.
    std::int64_t chunk = 0;     ///< Of the load; below 0 for rows that a key or check refused after it.
    std::uint64_t ordinal = 0;  ///< Position in its chunk, from 0; after the load: a number of its own.
    std::string key;            ///< The primary key or row id as text; may be empty.
    std::string column;         ///< Empty where the row as a whole does not fit.
    std::string reason;         ///< For people; without values.
    std::string row;            ///< JSON text; by the source's columns where the row never got further than
                                ///< the mapping, else by the target's.
    bool kept = false;          ///< The row is at the target, with NULL in the place of the value.
};

MIGRATE_NAMESPACE_END
