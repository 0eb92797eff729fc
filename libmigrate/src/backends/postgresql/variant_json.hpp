#pragma once

#include <string>
#include <string_view>

#include <migrate/row_batch.hpp>

namespace migrate::backends::postgresql {

/// A variant value as the JSON text that a json column holds: an integer without point or exponent, a finite
/// real with one of them, text as a string, a blob as {"$blob":"base64"}, the other reals as
/// {"$real":"Infinity"}. Text with U+0000 becomes the escape \u0000, which json (not jsonb) keeps; text that
/// is not valid UTF-8 becomes {"$text":"base64"}.
void append_variant_json(std::string_view variant, std::string& out);

/// A JSON string of the text, quotes included. Requires: valid UTF-8.
void append_json_string(std::string_view text, std::string& out);
/// The text of a JSON string that is the whole of `json`. False (nothing appended) for any other JSON.
bool append_text_from_json(std::string_view json, ColumnVector& column);

/// The way back. False where the JSON text is none of these forms; nothing is appended then.
bool append_variant_from_json(std::string_view json, ColumnVector& column);

}  // namespace migrate::backends::postgresql
