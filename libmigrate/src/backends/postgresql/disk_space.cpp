#include "backends/postgresql/disk_space.hpp"

#include <optional>
#include <string>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "io/directory.hpp"

namespace migrate::backends::postgresql {
namespace {

/// Where the database's new tables will lie, as the server spells it; empty where the role may not know.
std::string data_directory(session::PostgresqlSession& session) {
    const auto rows = session.query(
        "SELECT CASE WHEN pg_catalog.pg_has_role('pg_read_all_settings', 'MEMBER') THEN "
        "coalesce(nullif(pg_catalog.pg_tablespace_location(coalesce(chosen.oid, d.dattablespace)), ''), "
        "pg_catalog.current_setting('data_directory')) END "
        "FROM pg_catalog.pg_database d LEFT JOIN pg_catalog.pg_tablespace chosen ON chosen.spcname = "
        "nullif(pg_catalog.current_setting('default_tablespace'), '') "
        "WHERE d.datname = pg_catalog.current_database()",
        "asking where the data lie");
    return rows.text(0, 0);
}

/// Only a Unix socket is surely this host's: what is reached by TCP may be a container's or a tunnel's.
bool is_on_this_host(session::PostgresqlSession& session) {
    const char* host = PQhost(session.native());
    return host != nullptr && host[0] == '/';
}

std::optional<std::uint64_t> free_bytes(session::PostgresqlSession& session) {
    if (!is_on_this_host(session)) {
        return std::nullopt;
    }
    const std::string directory = data_directory(session);
    if (directory.empty()) {
        return std::nullopt;
    }
    try {
        return io::free_space(directory);
    } catch (const Error&) {
        // It is not this user's to see, or in another mount namespace.
        return std::nullopt;
    }
}

}  // namespace

void check_disk_space(session::PostgresqlSession& session, std::uint64_t bytes,
                      std::vector<Finding>& findings) {
    const auto free = free_bytes(session);
    if (!free) {
        findings.push_back(
            {Severity::note, "disk-space-unknown", "the target server",
             fmt::format("Whether its disk has room for about {} bytes cannot be seen from here.", bytes), "",
             bytes});
    } else if (*free < bytes) {
        findings.push_back({Severity::blocker, "disk-space", "the target server",
                            fmt::format("About {} bytes are needed and {} are free.", bytes, *free),
                            "Free some space, or choose a target elsewhere.", bytes - *free});
    }
}

}  // namespace migrate::backends::postgresql
