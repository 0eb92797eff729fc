#pragma once

#include <migrate/endpoint.hpp>
#include <migrate/export.hpp>
#include <migrate/version.hpp>

/// Apart from migrate.hpp, and in a library of its own (migrate::soci), so that only a host that uses SOCI
/// itself sees it.
namespace soci {
class session;
class connection_pool;
}  // namespace soci

MIGRATE_NAMESPACE_BEGIN

/// An endpoint that is the host's own session, of SQLite or PostgreSQL. The session is borrowed: every
/// setting that a call changes is put back, and it is never closed. While a call runs with this endpoint the
/// host leaves the session alone; between calls it is the host's.
///
/// Requires: the session is connected, in no transaction when a call begins, and outlives every copy of the
/// endpoint. It serves one side of one call at a time.
/// Throws: Error{unsupported} for a session of another engine, Error{usage} for one that is not connected.
[[nodiscard]] MIGRATE_EXPORT Endpoint endpoint_from(soci::session& session);

/// The same with a pool, of which at most `sessions` are leased at a time, so that readers can work side by
/// side. All sessions of the pool are connected to the same database. Throws: also Error{locked} when the
/// host gives none back in time.
[[nodiscard]] MIGRATE_EXPORT Endpoint endpoint_from(soci::connection_pool& pool, unsigned sessions);

MIGRATE_NAMESPACE_END
