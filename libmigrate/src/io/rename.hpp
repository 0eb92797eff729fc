#pragma once

#include <string>

namespace migrate::io {

/// Gives `from` the name `to`, over whatever file has it. Durable only after sync_directory.
void rename_replacing(const std::string& from, const std::string& to);

/// Gives `from` the name `to`, which nothing may have. Throws: Error{exists}.
void rename_new(const std::string& from, const std::string& to);

/// Swaps two names in one step. False where the file system cannot do it; nothing has changed then.
[[nodiscard]] bool exchange(const std::string& a, const std::string& b);

}  // namespace migrate::io
