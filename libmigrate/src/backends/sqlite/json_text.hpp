#pragma once

#include <string_view>

namespace migrate::backends::sqlite {

/// One JSON value by RFC 8259, whole text, well-formed UTF-8, at most 256 levels deep.
bool is_json(std::string_view text);

}  // namespace migrate::backends::sqlite
