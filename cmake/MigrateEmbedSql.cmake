# Embeds .sql files: libmigrate/src/<folders>/sql/<name>.sql becomes a header that is included as
# "<folders>/sql/<name>.sql.hpp" and defines migrate::<folders>::sql::<name>, a std::string_view.

set(MIGRATE_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/embed_sql.cmake")

# migrate_embed_sql(<target> <source root> <file>...)
function(migrate_embed_sql target root)
    set(generated "${CMAKE_CURRENT_BINARY_DIR}/generated")
    set(headers "")
    foreach(file IN LISTS ARGN)
        file(RELATIVE_PATH relative "${root}" "${file}")
        set(header "${generated}/${relative}.hpp")
        add_custom_command(
            OUTPUT "${header}"
            COMMAND "${CMAKE_COMMAND}" -D "INPUT=${file}" -D "RELATIVE=${relative}" -D "OUTPUT=${header}"
                    -P "${MIGRATE_EMBED_SCRIPT}"
            DEPENDS "${file}" "${MIGRATE_EMBED_SCRIPT}"
            COMMENT "Embedding ${relative}"
            VERBATIM)
        list(APPEND headers "${header}")
    endforeach()
    add_custom_target(${target} DEPENDS ${headers})
    set_target_properties(${target} PROPERTIES GENERATED_INCLUDE_DIR "${generated}")
endfunction()
