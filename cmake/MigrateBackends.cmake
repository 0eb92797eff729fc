# The list of built-in backends. A backend is a folder libmigrate/src/backends/<name>/ with a file *backend.cpp
# that defines
#     namespace migrate::backends::<name> { const migrate::backend::Backend& backend(); }
# The list is generated, because a static library drops objects that only register themselves.

set_property(GLOBAL PROPERTY MIGRATE_BACKENDS "")
set(MIGRATE_BACKEND_TEMPLATE "${CMAKE_CURRENT_LIST_DIR}/templates/backend_list.cpp.in")

# migrate_add_backend(NAME <name> SCHEMES <scheme>...)
function(migrate_add_backend)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SCHEMES")
    if(NOT arg_NAME OR NOT arg_SCHEMES OR arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "migrate_add_backend(NAME <name> SCHEMES <scheme>...)")
    endif()
    file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/src/backends/${arg_NAME}/*backend.cpp")
    if(sources)
        set_property(GLOBAL APPEND PROPERTY MIGRATE_BACKENDS "${arg_NAME}")
        set_property(GLOBAL PROPERTY MIGRATE_BACKEND_SCHEMES_${arg_NAME} "${arg_SCHEMES}")
    endif()
endfunction()

# migrate_generate_backend_list(<file>): after the last migrate_add_backend.
function(migrate_generate_backend_list file)
    get_property(names GLOBAL PROPERTY MIGRATE_BACKENDS)
    set(declarations "")
    set(entries "")
    foreach(name IN LISTS names)
        get_property(schemes GLOBAL PROPERTY MIGRATE_BACKEND_SCHEMES_${name})
        list(JOIN schemes "\", \"" schemes)
        string(APPEND declarations "namespace ${name} {\nconst ::migrate::backend::Backend& backend();\n}\n")
        string(APPEND entries "        {&::migrate::backends::${name}::backend(), {\"${schemes}\"}},\n")
    endforeach()
    configure_file("${MIGRATE_BACKEND_TEMPLATE}" "${file}" @ONLY)
endfunction()
