#pragma once

#include <functional>
#include <string>

#include <migrate/dead_letter.hpp>

namespace migrate::backends::json {

/// Appends a dead letter as a line of NDJSON.
void append_dead_letter(const DeadLetter& letter, std::string& out);

/// Hands over the letters of a file, table by table, in the order of chunk and ordinal; none where there is
/// no such file. Throws: Error{malformed}.
void read_dead_letters(const std::string& path, const std::function<void(const DeadLetter&)>& take);

}  // namespace migrate::backends::json
