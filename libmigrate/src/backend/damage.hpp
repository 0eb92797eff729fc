#pragma once

namespace migrate::backend {

/// The code of a finding of Source::check() that says that what is stored is damaged. In machine-readable
/// output; do not change.
inline constexpr const char* k_database_damaged = "database-damaged";

}  // namespace migrate::backend
