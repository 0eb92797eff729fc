#pragma once

/// Marks what a shared build of the library exports; everything else is hidden.
#if defined(_WIN32)
#define MIGRATE_EXPORT
#elif defined(MIGRATE_STATIC)
#define MIGRATE_EXPORT
#else
#define MIGRATE_EXPORT __attribute__((visibility("default")))
#endif
