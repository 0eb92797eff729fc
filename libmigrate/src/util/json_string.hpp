#pragma once

#include <string>
#include <string_view>

namespace migrate::util {

/// A JSON string with its quotes (RFC 8259 §7): '"', '\' and control characters escaped, in the short form
/// where there is one; all else as it is. Requires: well-formed UTF-8.
void append_json_string(std::string_view text, std::string& out);

}  // namespace migrate::util
