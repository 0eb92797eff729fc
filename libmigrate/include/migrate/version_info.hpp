#pragma once

#include <string>

#include <migrate/export.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// The versions of this library and of the ones it was loaded with, which need not be those it was built
/// with.
struct VersionInfo {
    std::string migrate;
    std::string sqlite;
    std::string libpq;
    std::string soci;
};

MIGRATE_EXPORT VersionInfo version_info();

MIGRATE_NAMESPACE_END
