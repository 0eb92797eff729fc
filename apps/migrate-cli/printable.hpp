#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace migrate::cli {

/// Text that a terminal shows as it is: control and direction characters and invalid UTF-8 become
/// \n, \xNN or \u{NNNN}. A name from a database can then neither move the cursor nor forge a line.
std::string printable(std::string_view text);
/// The same, with line feeds kept: for text that has lines of its own.
std::string printable_lines(std::string_view text);
/// A JSON document in which every character that printable() would replace is a \u escape.
std::string printable_json(std::string_view document);

/// Terminal columns that printable text takes.
std::size_t display_width(std::string_view text);
/// Printable text cut to so many columns, an ellipsis last where something was cut.
std::string fit(std::string_view text, std::size_t columns);
std::string pad_right(std::string_view text, std::size_t columns);
std::string pad_left(std::string_view text, std::size_t columns);

/// "15,607".
std::string human_count(std::uint64_t count);
/// "1.4 MB".
std::string human_bytes(std::uint64_t bytes);
/// "850 ms", "12 s", "3 min 04 s".
std::string human_time(std::chrono::milliseconds time);

}  // namespace migrate::cli
