# Compiler cache, linker, sanitizers, warnings and precompiled headers. Nothing in here is needed to use the
# library, and none of it reaches a project that takes it in with add_subdirectory.

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    find_program(MIGRATE_CCACHE ccache)
    mark_as_advanced(MIGRATE_CCACHE)
    if(MIGRATE_CCACHE)
        # Paths are cached relative to the checkout, so that two checkouts of one project share results. The
        # sloppiness is what ccache asks for before it caches a file that uses a precompiled header.
        set(CMAKE_CXX_COMPILER_LAUNCHER
            "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1
            CCACHE_SLOPPINESS=pch_defines,time_macros "${MIGRATE_CCACHE}")
        if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
            add_compile_options(-fpch-preprocess)
        endif()
    endif()
endif()

if(MIGRATE_FAST_LINKER)
    find_program(MIGRATE_LINKER NAMES mold ld.lld)
    mark_as_advanced(MIGRATE_LINKER)
    if(MIGRATE_LINKER MATCHES "mold$")
        add_link_options(-fuse-ld=mold)
    elseif(MIGRATE_LINKER)
        add_link_options(-fuse-ld=lld)
    endif()
endif()

if(MIGRATE_SANITIZE)
    add_compile_options(-fsanitize=${MIGRATE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${MIGRATE_SANITIZE})
endif()

# migrate_private_options(<target>): how every target of this project is compiled.
function(migrate_private_options target)
    set_target_properties(${target} PROPERTIES
        CXX_VISIBILITY_PRESET hidden
        VISIBILITY_INLINES_HIDDEN ON
        EXPORT_COMPILE_COMMANDS ON)
    if(MIGRATE_FAULT_POINTS)
        target_compile_definitions(${target} PRIVATE MIGRATE_FAULT_POINTS)
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
        # Optimising, GCC 12 sees impossible lengths in the standard library's string operators.
        target_compile_options(${target} PRIVATE -Wno-stringop-overflow -Wno-stringop-overread -Wno-restrict)
    endif()
    if(MIGRATE_DEV_MODE)
        target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Werror)
        if(MIGRATE_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
            # Instrumented code makes GCC 12 see uninitialised and out-of-bounds uses in the standard library.
            target_compile_options(${target} PRIVATE
                -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow -Wno-restrict)
        endif()
    endif()
endfunction()

# migrate_precompile(<target> <header>...): with MIGRATE_PCH. Sources still include what they use: the lint
# preset builds without.
function(migrate_precompile target)
    if(MIGRATE_PCH)
        target_precompile_headers(${target} PRIVATE ${ARGN})
    endif()
endfunction()
