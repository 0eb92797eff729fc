#pragma once

#include <cstdint>
#include <string>

namespace migrate::backends::json {

/// A place in a JSON text. Units: line and byte both count from 1 and 0 respectively, as editors and
/// `dd skip=` do.
struct Position {
    std::uint64_t line = 1;
    std::uint64_t byte = 0;
};

/// Throws the error for a text that is not JSON: "FILE, line L, byte B: WHAT".
[[noreturn]] void throw_syntax_error(const std::string& file, Position where, const std::string& what);

}  // namespace migrate::backends::json
