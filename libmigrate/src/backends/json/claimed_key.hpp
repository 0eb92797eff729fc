#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backend/target.hpp"
#include "backends/json/key_reader.hpp"

namespace migrate::backends::json {

/// A key or unique index of a table, as its manifest claims it.
struct ClaimedKey {
    backend::BuildStep::Kind kind;  ///< primary_key, unique_key or index.
    std::size_t item = 0;           ///< In the table's list of that kind.
    std::string name;               ///< "primary key (id)"; for people.
    std::vector<std::string> columns;
    std::vector<std::string> collations;
    bool nulls_are_values = false;  ///< NULL is equal to NULL, and not to be there twice either.
    bool forbids_nulls = false;
};

std::vector<ClaimedKey> claimed_keys(const Table& table);

/// A table and its rows.
struct TableRows {
    Table table;
    OpenRows open;
};

struct BrokenKey {
    Violators unset;     ///< No value where the key must have one.
    Violators repeated;  ///< The key of an earlier row.
};

/// Nullopt where the key is of columns that are not in the rows.
std::optional<BrokenKey> find_broken(const TableRows& rows, const ClaimedKey& key,
                                     const std::string& directory);

/// How a foreign key's two sides are compared.
struct KeySides {
    std::vector<std::string> columns;     ///< That are referred to.
    std::vector<std::string> collations;  ///< Of both sides.
    KeyText here;                         ///< Of the rows that refer to others.
};
KeySides sides_of(const ForeignKey& key, const Table& rows, const Table& others);

/// Rows that refer to none of the others; none where the two cannot be compared.
Violators find_orphans(const TableRows& rows, const ForeignKey& key, const TableRows& others,
                       const std::string& directory);

/// "3 rows point to rows of album that are not there"
std::string orphans_text(std::uint64_t rows, const ForeignKey& key);

}  // namespace migrate::backends::json
