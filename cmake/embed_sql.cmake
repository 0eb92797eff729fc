# Writes one .sql file as a header; see MigrateEmbedSql.cmake.
file(READ "${INPUT}" text)
string(FIND "${text}" ")MIGRATE_SQL\"" clash)
if(NOT clash EQUAL -1)
    message(FATAL_ERROR "${INPUT} contains the delimiter of its own raw string")
endif()

get_filename_component(name "${RELATIVE}" NAME_WE)
get_filename_component(folder "${RELATIVE}" DIRECTORY)
string(REPLACE "/" "::" namespace "${folder}")
if(NOT name MATCHES "^[a-z][a-z0-9_]*$" OR NOT namespace MATCHES "(^|::)sql$")
    message(FATAL_ERROR "${RELATIVE}: expected <module>/sql/<snake_case>.sql")
endif()

file(WRITE "${OUTPUT}" "#pragma once

// Generated from ${RELATIVE}.

#include <string_view>

namespace migrate::${namespace} {
inline constexpr std::string_view ${name} = R\"MIGRATE_SQL(${text})MIGRATE_SQL\";
}
")
