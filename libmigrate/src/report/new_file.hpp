#pragma once

#include <string>
#include <string_view>

namespace migrate::report {

/// Writes a file that must not exist, for its owner alone; durable on return. Leaves nothing where it fails:
/// a part of it would be taken for what it is not, and keep its name from the next try. Throws:
/// Error{exists}, those of io.
void write_new_file(const std::string& path, std::string_view text);

}  // namespace migrate::report
