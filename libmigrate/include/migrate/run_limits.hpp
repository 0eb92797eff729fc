#pragma once

#include <cstdint>

#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// How much a call may take of the servers it works on, so that others can go on working there. Of runs, not
/// of plans: a resumed run may have other ones.
struct RunLimits {
    /// Rows a second that are read, by all readers together: of the load, of reading back and comparing, and
    /// of profiling. 0 = as fast as it goes.
    std::uint64_t rows_per_second = 0;
    /// Likewise, bytes a second of their values. A scan that profiles SQLite values counts rows only.
    std::uint64_t bytes_per_second = 0;
    /// Sessions that the call has open on one PostgreSQL server at once, at most: for catalogs, snapshot,
    /// reading, writing and staging. 0 = no limit but PlanOptions::workers. Readers and writers are fitted to
    /// it; fewer than a run needs is Error{usage}, which says how many that are. What the host lends is not
    /// counted.
    unsigned max_connections = 0;
};

MIGRATE_NAMESPACE_END
