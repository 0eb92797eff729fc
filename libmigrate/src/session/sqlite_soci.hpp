#pragma once

#include <memory>

struct sqlite3;
namespace soci {
class session;
}

/// The only place that includes SOCI's SQLite header, which declares sqlite3.h in a namespace of its own and
/// so cannot stand beside the plain one.
namespace migrate::session {

/// A SOCI session over a handle that is already open; the session closes it. SOCI's connection string cannot
/// say a path with a quote in it, nor open flags, so the handle is opened by SqliteSession.
std::unique_ptr<soci::session> make_soci_session(sqlite3* handle);

/// The native handle of a session, or null if the session is not SQLite's or not connected.
sqlite3* native_handle(soci::session& session);

}  // namespace migrate::session
