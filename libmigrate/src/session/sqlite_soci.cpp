#include "session/sqlite_soci.hpp"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace migrate::session {

std::unique_ptr<soci::session> make_soci_session(sqlite3* handle) {
    auto session = std::make_unique<soci::session>(soci::sqlite3, ":memory:");
    auto* backend = static_cast<soci::sqlite3_session_backend*>(session->get_backend());
    sqlite_api::sqlite3_close(backend->conn_);
    backend->conn_ = reinterpret_cast<sqlite_api::sqlite3*>(handle);
    return session;
}

sqlite3* native_handle(soci::session& session) {
    if (session.get_backend() == nullptr || session.get_backend_name() != "sqlite3") {
        return nullptr;
    }
    auto* backend = static_cast<soci::sqlite3_session_backend*>(session.get_backend());
    return reinterpret_cast<sqlite3*>(backend->conn_);
}

}  // namespace migrate::session
