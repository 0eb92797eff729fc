#pragma once

#include <string>

namespace migrate::io {

/// What this machine calls itself; empty where it has no name. For telling machines apart that share a
/// directory.
std::string machine_name();

}  // namespace migrate::io
