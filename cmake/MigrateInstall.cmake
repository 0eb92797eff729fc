# Install rules: the library, its headers, a CMake package and a pkg-config file.
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/migrate")
set(templates "${CMAKE_CURRENT_LIST_DIR}/templates")

set(installed_targets migrate)
if(TARGET migrate_soci)
    list(APPEND installed_targets migrate_soci)
endif()
install(TARGETS ${installed_targets}
    EXPORT migrateTargets
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}"
    FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
if(TARGET migrate-cli)
    install(TARGETS migrate-cli RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()

install(EXPORT migrateTargets NAMESPACE migrate:: DESTINATION "${package_dir}")
configure_package_config_file("${templates}/migrateConfig.cmake.in"
    "${PROJECT_BINARY_DIR}/package/migrateConfig.cmake"
    INSTALL_DESTINATION "${package_dir}")
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/package/migrateConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES
    "${PROJECT_BINARY_DIR}/package/migrateConfig.cmake"
    "${PROJECT_BINARY_DIR}/package/migrateConfigVersion.cmake"
    "${CMAKE_CURRENT_LIST_DIR}/FindSOCI.cmake"
    "${CMAKE_CURRENT_LIST_DIR}/MigrateDependencies.cmake"
    DESTINATION "${package_dir}")

# Whoever links the static library links what is behind it too: by name and not by "Requires", which under
# pkg-config --static asks for all that is behind libpq and SQLite in turn (GSSAPI, LDAP, zlib), as static
# libraries that no package of Debian brings along.
set(pc_libraries "-lsoci_sqlite3 -lsoci_postgresql -lsoci_core -lboost_filesystem")
string(APPEND pc_libraries " -lpq -lsqlite3 -lfmt -lxxhash -lsodium -lzstd -lpthread")
find_package(PkgConfig QUIET)
foreach(module libpq sqlite3 fmt libxxhash libsodium libzstd)
    if(PKG_CONFIG_FOUND)
        pkg_get_variable(directory ${module} libdir)
        if(directory AND NOT directory IN_LIST CMAKE_CXX_IMPLICIT_LINK_DIRECTORIES)
            string(PREPEND pc_libraries "-L${directory} ")
        endif()
    endif()
endforeach()
if(BUILD_SHARED_LIBS)
    set(pc_libs "-lmigrate")
    set(pc_libs_private "${pc_libraries}")
    set(pc_cflags "")
else()
    set(pc_libs "-lmigrate ${pc_libraries}")
    set(pc_libs_private "")
    set(pc_cflags "-DMIGRATE_STATIC")
endif()
file(RELATIVE_PATH pc_prefix
    "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
configure_file("${templates}/migrate.pc.in" "${PROJECT_BINARY_DIR}/package/migrate.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/package/migrate.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
if(TARGET migrate_soci)
    configure_file("${templates}/migrate-soci.pc.in" "${PROJECT_BINARY_DIR}/package/migrate-soci.pc" @ONLY)
    install(FILES "${PROJECT_BINARY_DIR}/package/migrate-soci.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endif()
