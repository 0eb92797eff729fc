#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <migrate/dead_letter.hpp>

namespace migrate::backends::json {

/// Appends a dead letter as a line of NDJSON.
void append_dead_letter(const DeadLetter& letter, std::string& out);

/// The letter of such a line. Throws: Error{malformed}.
DeadLetter parse_dead_letter(std::string_view line);

/// Hands over the letters of a file, table by table, in the order of chunk and ordinal. False, with none,
/// where there is no such file. Throws: Error{malformed}.
bool read_dead_letters(const std::string& path, const std::function<void(const DeadLetter&)>& take);

}  // namespace migrate::backends::json
