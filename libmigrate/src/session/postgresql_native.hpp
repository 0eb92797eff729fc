#pragma once

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

namespace migrate::session {

/// The libpq connection of a SOCI session on PostgreSQL. SOCI keeps the type information of its backend
/// classes to itself, so the sanitizer's check of the cast could not be linked.
[[gnu::no_sanitize("vptr")]] inline PGconn* native_connection(soci::session& session) {
    return static_cast<soci::postgresql_session_backend*>(session.get_backend())->conn_;
}

}  // namespace migrate::session
