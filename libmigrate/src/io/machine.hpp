#pragma once

#include <cstdint>
#include <string>

namespace migrate::io {

/// What this machine calls itself; empty where it has no name. For telling machines apart that share a
/// directory.
std::string machine_name();

/// Who this process works as.
struct ProcessUser {
    std::string name;  ///< Empty where the system knows none.
    std::uint64_t uid = 0;
    std::uint64_t pid = 0;
};
ProcessUser process_user();

}  // namespace migrate::io
