#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace migrate::tests {

/// One include directive of a source text.
struct Include {
    std::string path;
    bool quoted = false;
    std::size_t line = 0;  ///< From 1.
};

/// The directives at the beginning of a line; those in comments and raw strings do not begin one.
std::vector<Include> includes_of(std::string_view text);

/// What a file of libmigrate/src must not include, one sentence each. `path` is relative to libmigrate/src.
std::vector<std::string> private_violations(std::string_view path, std::string_view text);

/// The same for a file of libmigrate/include/migrate: the standard library and migrate/ only. `path` is its
/// name.
std::vector<std::string> public_violations(std::string_view path, std::string_view text);

/// The same for the command and the examples: nothing of the library's insides. `path` is for the message.
std::vector<std::string> user_violations(std::string_view path, std::string_view text);

}  // namespace migrate::tests
