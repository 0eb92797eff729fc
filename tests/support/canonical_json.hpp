#pragma once

#include <string>
#include <string_view>

namespace migrate::test {

/// A JSON text without the blanks between its tokens and with every string's escapes in one spelling: two
/// texts have the same iff they are equal member for member, in order, numbers as spelled. Knows nothing of
/// the library. Requires: a valid text; a byte order mark is passed over. `lines`: a value a line, which
/// stays so.
std::string canonical_json(std::string_view text, bool lines);

}  // namespace migrate::test
