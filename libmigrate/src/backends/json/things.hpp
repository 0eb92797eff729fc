#pragma once

#include <optional>
#include <string>

#include "backend/recorded_things.hpp"

/// What a database consists of beside its rows, kept beside it (recorded_things.hpp).
namespace migrate::backends::json {

/// What stands at the path: the definitions of a database's tables, and the modes of its files. Nothing where
/// nothing is.
backend::Things things_at(const std::string& path);

std::string render_things(const backend::Things& things);
/// Throws: Error{malformed}. `name` is what errors call the text.
backend::Things parse_things(const std::string& text, const std::string& name);

}  // namespace migrate::backends::json
