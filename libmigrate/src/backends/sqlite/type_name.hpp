#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace migrate::backends::sqlite {

/// What SQLite makes of values that go into a column. Source: "Datatypes In SQLite", 3.1.
enum class Affinity : std::uint8_t { integer, text, blob, real, numeric };

/// A declared type taken apart. Any text is one.
struct DeclaredType {
    std::string name;  ///< Without arguments: upper case, single spaces ("UNSIGNED BIG INT"); empty if none.
    std::optional<std::int64_t> first_argument;   ///< Length or precision.
    std::optional<std::int64_t> second_argument;  ///< Scale.
    Affinity affinity = Affinity::blob;
};

/// The affinity of a column declared so. In STRICT tables ANY converts nothing, like no type at all.
[[nodiscard]] Affinity affinity_of(std::string_view declared, bool strict = false);

[[nodiscard]] DeclaredType read_type_name(std::string_view declared, bool strict = false);

}  // namespace migrate::backends::sqlite
