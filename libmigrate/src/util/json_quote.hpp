#pragma once

#include <string>
#include <string_view>

namespace migrate::util {

/// Appends the text as a JSON string: control characters escaped, bytes that are no UTF-8 replaced by U+FFFD.
void append_json_quoted(std::string_view text, std::string& out);

}  // namespace migrate::util
