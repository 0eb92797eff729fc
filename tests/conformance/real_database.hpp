#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "support/pg.hpp"
#include "support/sqlite.hpp"

/// A database of the collection of real data as plain driver calls show it: what a test expects is worked out
/// from this and from nothing that the library says.
namespace migrate::test {

/// What a column's values are, judged by all of them (SQLite) or by its declared type (PostgreSQL).
enum class Nature { boolean, integer, real, decimal, text, bytes, date, timestamp };

/// A value in its engine's plain text; of bytes the bytes themselves; nullopt = NULL.
using RealValue = std::optional<std::string>;

struct RealColumn {
    std::string name;
    std::string declared;
    Nature nature = Nature::text;
    bool has_null = false;
    std::size_t longest = 0;   ///< Characters of the longest value.
    bool zero_or_one = true;   ///< Of integers.
    bool fits_int32 = true;    ///< Of integers.
    std::size_t fraction = 0;  ///< The most digits after the point.
    std::string references;    ///< The table, where it is a foreign key by itself or in part of one.
    bool in_primary_key = false;
};

struct RealForeignKey {
    std::vector<std::string> columns;
    std::string table;
    std::vector<std::string> referenced;
};

struct RealTable {
    std::string name;
    std::vector<RealColumn> columns;
    std::vector<std::string> primary_key;
    std::vector<RealForeignKey> foreign_keys;
    std::vector<std::vector<RealValue>> rows;

    [[nodiscard]] const RealColumn& column(const std::string& wanted) const;
};

struct RealDatabase {
    std::vector<RealTable> tables;

    [[nodiscard]] const RealTable& table(const std::string& wanted) const;
    /// True where another table's foreign key names it.
    [[nodiscard]] bool is_referenced(const std::string& wanted) const;
    [[nodiscard]] std::size_t row_count() const;
};

RealDatabase read_real_sqlite(const std::string& path);
/// Tables of the schema public.
RealDatabase read_real_postgresql(PgConnection& connection);

/// The shortest text that reads back as the number.
std::string shortest(double value);
std::size_t characters(const std::string& utf8);

}  // namespace migrate::test
