#pragma once

#include <cstdint>
#include <string_view>

#include <migrate/schema.hpp>

namespace migrate::model {

/// What SQLite makes of values that go into a column. Source: "Datatypes In SQLite", 3.1.
enum class Affinity : std::uint8_t { none, integer, text, blob, real, numeric };

/// The affinity of a column declared so; never none. In STRICT tables ANY converts nothing, like no type at
/// all.
[[nodiscard]] Affinity affinity_of(std::string_view declared, bool strict = false);

/// The storage class SQLite keeps a logical value in.
enum class SqliteStorage : std::uint8_t {
    integer,
    real,
    number,  ///< INTEGER where whole, else REAL.
    text,
    blob,
    any,
};

/// Of a column of a SQLite schema, by its logical type and format.
[[nodiscard]] SqliteStorage sqlite_storage_of(const Column& column);

/// True for a text that SQLite's numeric affinities would turn into a number: blanks, sign, digits, point,
/// exponent.
[[nodiscard]] bool looks_numeric(std::string_view text);

/// True for a decimal literal that every engine reads as the same 64-bit float: at most 15 significant digits
/// and a result on which correct rounding and SQLite's extended-precision scaling agree.
[[nodiscard]] bool is_portable_real(std::string_view literal);

}  // namespace migrate::model
