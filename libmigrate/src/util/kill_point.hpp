#pragma once

#include <string_view>

namespace migrate::util {

#ifdef MIGRATE_FAULT_POINTS

/// A place at which a test can have the process killed, as by a power failure: the nth time that the point of
/// that name is passed, where the environment says MIGRATE_KILL_AT=name or name:n. Where it says
/// MIGRATE_HOLD_AT, likewise, all of the process stands still there until it gets SIGCONT. Only where
/// MIGRATE_FAULT_POINTS is defined. Thread-safe.
void pass_kill_point(std::string_view name);

#else

constexpr void pass_kill_point(std::string_view /*name*/) {}

#endif

}  // namespace migrate::util
