#pragma once

#include <string>
#include <string_view>

namespace migrate::util {

/// The text as it may be shown on a terminal or written to a log line: control characters, line and paragraph
/// separators, bidirectional overrides and bytes that are no UTF-8 appear as \n, \t, \xNN or \u{NNNN}; all
/// else stays. One line for any input. For people: it cannot be undone.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace migrate::util
