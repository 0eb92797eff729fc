#pragma once

#include <string>
#include <string_view>

namespace migrate::util {

/// The text of a JSON object, not empty, with a checksum of all others as its last member, by which a byte
/// that changes later is told. White space between tokens does not count, and neither do the values of
/// members called "audit_head", which are written over in their place.
[[nodiscard]] std::string sealed_json(const std::string& object);

/// False where the object has a checksum that is not its own. One without is as good: it was made before
/// there were any, or edited by somebody who took it away.
[[nodiscard]] bool seal_holds(std::string_view object);

}  // namespace migrate::util
