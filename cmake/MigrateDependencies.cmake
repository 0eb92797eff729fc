# Finds what libmigrate links, from the system's packages or from a package manager's configs, and gives each
# one name: migrate_dep::<name>. The installed package ships this file, because a static library's users
# need the same libraries under the same names.

# migrate_require(<package> ...): find_package(... REQUIRED) in this project's own build; in a user's, the
# form that lets an optional find_package(migrate) fail quietly.
macro(migrate_require)
    if(migrate_FOR_CONSUMER)
        include(CMakeFindDependencyMacro)
        find_dependency(${ARGN})
    else()
        find_package(${ARGN} REQUIRED)
    endif()
endmacro()

# migrate_use_first(<name> <target>...): migrate_dep::<name> is the first of the targets that exists.
macro(migrate_use_first name)
    if(NOT TARGET migrate_dep::${name})
        foreach(_migrate_candidate IN ITEMS ${ARGN})
            if(TARGET ${_migrate_candidate})
                add_library(migrate_dep::${name} INTERFACE IMPORTED)
                target_link_libraries(migrate_dep::${name} INTERFACE ${_migrate_candidate})
                break()
            endif()
        endforeach()
        unset(_migrate_candidate)
    endif()
endmacro()

# migrate_find_plain(<name> <pkg-config module> <header> <library> CONFIG <package> TARGETS <target>...):
# a config where one is installed, else pkg-config, which is all that the libraries' own packages bring.
macro(migrate_find_plain name module header library)
    cmake_parse_arguments(_migrate_plain "" "CONFIG" "TARGETS" ${ARGN})
    find_package(${_migrate_plain_CONFIG} CONFIG QUIET)
    migrate_use_first(${name} ${_migrate_plain_TARGETS})
    if(NOT TARGET migrate_dep::${name})
        find_package(PkgConfig REQUIRED)
        pkg_check_modules(MIGRATE_PC_${name} QUIET ${module})
        find_path(MIGRATE_${name}_INCLUDE_DIR NAMES ${header} HINTS ${MIGRATE_PC_${name}_INCLUDE_DIRS})
        find_library(MIGRATE_${name}_LIBRARY NAMES ${library} HINTS ${MIGRATE_PC_${name}_LIBRARY_DIRS})
        mark_as_advanced(MIGRATE_${name}_INCLUDE_DIR MIGRATE_${name}_LIBRARY)
        if(NOT MIGRATE_${name}_INCLUDE_DIR OR NOT MIGRATE_${name}_LIBRARY)
            set(_migrate_plain_missing "${module} not found: install its development package")
            if(migrate_FOR_CONSUMER)
                set(${CMAKE_FIND_PACKAGE_NAME}_FOUND FALSE)
                set(${CMAKE_FIND_PACKAGE_NAME}_NOT_FOUND_MESSAGE "${_migrate_plain_missing}")
                return()
            endif()
            message(FATAL_ERROR "${_migrate_plain_missing} (see scripts/install-deps)")
        endif()
        add_library(migrate_dep::${name} UNKNOWN IMPORTED)
        set_target_properties(migrate_dep::${name} PROPERTIES
            IMPORTED_LOCATION "${MIGRATE_${name}_LIBRARY}"
            INTERFACE_INCLUDE_DIRECTORIES "${MIGRATE_${name}_INCLUDE_DIR}")
    endif()
endmacro()

migrate_require(Threads)

migrate_require(SOCI COMPONENTS sqlite3 postgresql)
migrate_use_first(soci_core SOCI::soci_core SOCI::soci_core_static)
migrate_use_first(soci_sqlite3 SOCI::soci_sqlite3 SOCI::soci_sqlite3_static)
migrate_use_first(soci_postgresql SOCI::soci_postgresql SOCI::soci_postgresql_static)

# The shared SQLite only: SOCI brings it, and two copies in one process would drop each other's file locks.
migrate_require(SQLite3)
migrate_use_first(sqlite3 SQLite::SQLite3)

migrate_require(PostgreSQL)
migrate_use_first(libpq PostgreSQL::PostgreSQL)

migrate_require(Boost 1.74 COMPONENTS filesystem)
migrate_use_first(boost_filesystem Boost::filesystem)

migrate_require(fmt)
migrate_use_first(fmt fmt::fmt)

migrate_find_plain(xxhash libxxhash xxhash.h xxhash CONFIG xxHash TARGETS xxHash::xxhash)
migrate_find_plain(sodium libsodium sodium.h sodium CONFIG libsodium TARGETS libsodium::libsodium)
migrate_find_plain(zstd libzstd zstd.h zstd CONFIG zstd TARGETS zstd::libzstd_shared zstd::libzstd_static)

# Headers only, and never in a public header, so the library's users do not need it.
if(NOT migrate_FOR_CONSUMER)
    find_package(RapidJSON QUIET)
    migrate_use_first(rapidjson rapidjson RapidJSON)
    if(NOT TARGET migrate_dep::rapidjson)
        find_path(MIGRATE_rapidjson_INCLUDE_DIR NAMES rapidjson/rapidjson.h REQUIRED)
        mark_as_advanced(MIGRATE_rapidjson_INCLUDE_DIR)
        add_library(migrate_dep::rapidjson INTERFACE IMPORTED)
        set_target_properties(migrate_dep::rapidjson PROPERTIES
            INTERFACE_INCLUDE_DIRECTORIES "${MIGRATE_rapidjson_INCLUDE_DIR}")
    endif()
endif()
