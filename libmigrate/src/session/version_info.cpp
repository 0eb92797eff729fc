#include <algorithm>

#include <libpq-fe.h>
#include <soci/version.h>
#include <sqlite3.h>

#include <migrate/version_info.hpp>

MIGRATE_NAMESPACE_BEGIN

VersionInfo version_info() {
    VersionInfo info;
    info.migrate = MIGRATE_VERSION_STRING;
    info.sqlite = sqlite3_libversion();
    const int libpq = PQlibVersion();  // 150006 is 15.6
    info.libpq = std::to_string(libpq / 10000) + "." + std::to_string(libpq % 10000);
    info.soci = SOCI_LIB_VERSION;  // "4_0_3"
    std::replace(info.soci.begin(), info.soci.end(), '_', '.');
    return info;
}

MIGRATE_NAMESPACE_END
