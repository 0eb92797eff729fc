#pragma once

#include <cstdint>
#include <vector>

#include <migrate/finding.hpp>

#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// Whether the server's disk has room for `bytes`: known only where the server is on this host and tells its
/// directory; said to be unknown otherwise.
void check_disk_space(session::PostgresqlSession& session, std::uint64_t bytes,
                      std::vector<Finding>& findings);

}  // namespace migrate::backends::postgresql
