#pragma once

#define MIGRATE_VERSION_MAJOR 0
#define MIGRATE_VERSION_MINOR 1
#define MIGRATE_VERSION_PATCH 0
#define MIGRATE_VERSION_STRING "0.1.0"

/// Opens and closes the library's namespace with its inline version, so that two versions can be linked side
/// by side.
#define MIGRATE_NAMESPACE_BEGIN \
    namespace migrate {         \
    inline namespace v1 {
#define MIGRATE_NAMESPACE_END \
    }                         \
    }
