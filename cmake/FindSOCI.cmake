# FindSOCI
# --------
# Finds SOCI on systems whose packages bring no CMake config (Debian 12), and makes the targets that SOCI's
# own config makes: SOCI::soci_core, SOCI::soci_sqlite3, SOCI::soci_postgresql. A config is preferred where
# there is one; its targets may then carry the suffix _static.
#
# Components: sqlite3, postgresql. Result: SOCI_FOUND, SOCI_VERSION.

find_package(SOCI CONFIG QUIET)
if(TARGET SOCI::soci_core OR TARGET SOCI::soci_core_static)
    set(SOCI_FOUND TRUE)
    return()
endif()

find_path(SOCI_INCLUDE_DIR NAMES soci/soci.h)
# The shared library first: the driver libraries behind the static one are not recorded anywhere.
find_library(SOCI_core_LIBRARY NAMES soci_core)
set(_soci_required SOCI_core_LIBRARY SOCI_INCLUDE_DIR)

if(SOCI_INCLUDE_DIR AND EXISTS "${SOCI_INCLUDE_DIR}/soci/version.h")
    file(STRINGS "${SOCI_INCLUDE_DIR}/soci/version.h" _soci_line REGEX "#define SOCI_LIB_VERSION ")
    string(REGEX MATCH "[0-9]+[0-9_]*" SOCI_VERSION "${_soci_line}")
    string(REPLACE "_" "." SOCI_VERSION "${SOCI_VERSION}")
    unset(_soci_line)
endif()

foreach(_soci_component IN LISTS SOCI_FIND_COMPONENTS)
    find_library(SOCI_${_soci_component}_LIBRARY NAMES soci_${_soci_component})
    mark_as_advanced(SOCI_${_soci_component}_LIBRARY)
    if(SOCI_${_soci_component}_LIBRARY
       AND EXISTS "${SOCI_INCLUDE_DIR}/soci/${_soci_component}/soci-${_soci_component}.h")
        set(SOCI_${_soci_component}_FOUND TRUE)
    endif()
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(SOCI
    REQUIRED_VARS ${_soci_required}
    VERSION_VAR SOCI_VERSION
    HANDLE_COMPONENTS
    REASON_FAILURE_MESSAGE "On Debian: apt-get install libsoci-dev")
mark_as_advanced(SOCI_INCLUDE_DIR SOCI_core_LIBRARY)

if(SOCI_FOUND)
    add_library(SOCI::soci_core UNKNOWN IMPORTED)
    set_target_properties(SOCI::soci_core PROPERTIES
        IMPORTED_LOCATION "${SOCI_core_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${SOCI_INCLUDE_DIR}"
        INTERFACE_LINK_LIBRARIES "${CMAKE_DL_LIBS}")
    foreach(_soci_component IN LISTS SOCI_FIND_COMPONENTS)
        if(SOCI_${_soci_component}_FOUND)
            add_library(SOCI::soci_${_soci_component} UNKNOWN IMPORTED)
            set_target_properties(SOCI::soci_${_soci_component} PROPERTIES
                IMPORTED_LOCATION "${SOCI_${_soci_component}_LIBRARY}"
                INTERFACE_LINK_LIBRARIES SOCI::soci_core)
        endif()
    endforeach()
endif()
unset(_soci_required)
