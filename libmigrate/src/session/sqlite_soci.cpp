#include "session/sqlite_soci.hpp"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace migrate::session {
namespace {

// SOCI keeps the type information of its backend classes to itself, so the sanitizer's check of the cast
// could not be linked.
[[gnu::no_sanitize("vptr")]] sqlite_api::sqlite3*& connection_of(soci::session& session) {
    return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
}

}  // namespace

std::unique_ptr<soci::session> make_soci_session(sqlite3* handle) {
    auto session = std::make_unique<soci::session>(soci::sqlite3, ":memory:");
    sqlite_api::sqlite3*& connection = connection_of(*session);
    sqlite_api::sqlite3_close(connection);
    connection = reinterpret_cast<sqlite_api::sqlite3*>(handle);
    return session;
}

sqlite3* native_handle(soci::session& session) {
    if (session.get_backend() == nullptr || session.get_backend_name() != "sqlite3") {
        return nullptr;
    }
    return reinterpret_cast<sqlite3*>(connection_of(session));
}

}  // namespace migrate::session
