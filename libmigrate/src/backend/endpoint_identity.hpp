#pragma once

#include <migrate/endpoint.hpp>

namespace migrate::backend {

/// True when writing to one would change the other: the same file by whatever path or link, a directory and
/// something inside it, or the same PostgreSQL database unless both name schemas and none of them twice.
/// Asks the file system, never a server: two names of one host are not seen through.
[[nodiscard]] bool same_place(const Endpoint& a, const Endpoint& b);

}  // namespace migrate::backend
