#pragma once

#include <chrono>
#include <string>

#include <migrate/event.hpp>

namespace migrate::cli {

/// An event as one line of JSON, for --progress json. `elapsed` is since the command began. Its members are
/// described in libmigrate/doc/usage.md.
std::string json_line(const MigrationEvent& event, std::chrono::milliseconds elapsed);

}  // namespace migrate::cli
