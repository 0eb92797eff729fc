#pragma once

#include <string>
#include <string_view>

#include "backends/json/file_source.hpp"
#include "backends/json/tokenizer.hpp"

namespace migrate::backends::json {

/// Appends a string literal. Requires: valid UTF-8.
void append_quoted(std::string_view text, std::string& out);

/// Looks at JSON texts, one after another, and keeps its memory between them. Not thread-safe.
class JsonChecker {
  public:
    JsonChecker();

    /// True for exactly one value, nothing before or behind it.
    bool is_value(std::string_view text);

    /// True when the text can stand in a line of NDJSON and be read back character for character as what it
    /// is: one value on one line without blanks around it, not null, not one of this format's own wrappers.
    bool is_embeddable(std::string_view text);

  private:
    ViewSource m_source;
    Tokenizer m_tokenizer;
};

/// The members that mark an object as a value in other clothes: {"$json": "text"}, {"$bytes": "base64"}.
inline constexpr std::string_view k_json_wrapper = "$json";
inline constexpr std::string_view k_bytes_wrapper = "$bytes";

/// Appends {"$json":"…"} or {"$bytes":"…"}.
void append_wrapped_json(std::string_view text, std::string& out);
void append_wrapped_bytes(std::string_view bytes, std::string& out);

}  // namespace migrate::backends::json
