#pragma once

#include <string>
#include <string_view>

namespace migrate::util {

/// The text with every password in it replaced by ***: the user part of URIs (scheme://user:password@host),
/// and password=…, sslpassword=…, PGPASSWORD=… in conninfo strings and URI queries, quoted or not. Any text
/// may be given; where it is not clear how far a password goes, more is taken rather than less.
[[nodiscard]] std::string redact(std::string_view text);

}  // namespace migrate::util
