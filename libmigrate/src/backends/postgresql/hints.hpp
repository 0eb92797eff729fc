#pragma once

#include "backend/source.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// Reads columns as the provenance of an earlier migration, or the user, says: values of several storage
/// classes and text with NUL characters that are kept as json, integers that were wider. What the present
/// values contradict is dropped with a note, or stops the run if the user asked for it.
void apply_hints(session::PostgresqlSession& session, const backend::SchemaRequest& request,
                 backend::SchemaReading& reading);

}  // namespace migrate::backends::postgresql
