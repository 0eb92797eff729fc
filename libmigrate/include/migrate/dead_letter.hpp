#pragma once

#include <cstdint>
#include <string>
#include <vector>

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

/// One dead letter as a JSON object on one line, without a line feed. The row is an object in it, with
/// numbers as they are spelled, so that nothing is lost on the way out and back. Holds values of the row.
MIGRATE_EXPORT std::string render_json(const DeadLetter& letter);
/// What render_json() gave, one object a line or as one array of them; the rows may have been mended. Members
/// that only people read may be missing. Throws: Error{malformed} with the line, or the place in the array.
MIGRATE_EXPORT std::vector<DeadLetter> parse_dead_letters(const std::string& text);

MIGRATE_NAMESPACE_END
