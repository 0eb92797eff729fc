#pragma once

#include <string>
#include <string_view>

namespace migrate::util {

/// RFC 4648 §4: the standard alphabet, padded, without line breaks.
void append_base64(std::string_view bytes, std::string& out);

/// Appends the bytes. False, with `out` unspecified, unless the text is exactly what append_base64 writes for
/// some bytes: no blanks, all padding there, unused bits zero.
bool read_base64(std::string_view text, std::string& out);

}  // namespace migrate::util
