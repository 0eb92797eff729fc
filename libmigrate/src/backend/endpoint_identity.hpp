#pragma once

#include <migrate/endpoint.hpp>

#include "backend/database_identity.hpp"

namespace migrate::backend {

/// True when writing to one would change the other: the same file by whatever path or link, a directory and
/// something inside it, or the same PostgreSQL database unless both name schemas and none of them twice.
/// Asks the file system, never a server: two names of one host are not seen through.
[[nodiscard]] bool same_place(const Endpoint& a, const Endpoint& b);

/// The same of two that are open, by what their servers say of themselves: host names, addresses and links
/// are seen through. A database and its replica are one.
[[nodiscard]] bool same_place(const Endpoint& a, const DatabaseIdentity& of_a, const Endpoint& b,
                              const DatabaseIdentity& of_b);

}  // namespace migrate::backend
