#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace migrate::plan {

struct JsonMember;

/// A JSON value that somebody may have written by hand, with numbers as they are spelled.
struct JsonTree {
    enum class Kind : std::uint8_t { null, boolean, number, text, array, object };

    Kind kind = Kind::null;
    std::string text;                  ///< Of a scalar; a boolean's "true", "false".
    std::vector<JsonMember> children;  ///< Of an array without names.

    /// The first member of that name; null where there is none.
    [[nodiscard]] const JsonTree* find(std::string_view name) const noexcept;
};

struct JsonMember {
    std::string name;
    JsonTree value;
};

/// Throws: Error{malformed}, with the position in bytes, for what is no JSON, is nested deeper than 200
/// levels or is no UTF-8. The message holds no part of the text.
JsonTree parse_json(std::string_view text);

/// The same value in its shortest form, on one line.
void append_json(const JsonTree& tree, std::string& out);

}  // namespace migrate::plan
