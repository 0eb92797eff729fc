# Registers each Catch2 test case with CTest. Catch2 2.13's own module asks the binary for its cases after
# every link; this one asks when ctest starts, so that an edit-build cycle does not pay for it.

set(MIGRATE_LIST_TESTS_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/templates/catch_tests.cmake.in")

# migrate_discover_tests(<target> LABEL <label> TIMEOUT <seconds>)
function(migrate_discover_tests target)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT" "")
    set(script "${CMAKE_CURRENT_BINARY_DIR}/${target}_tests.cmake")
    set(binary "${CMAKE_BINARY_DIR}/bin/${target}")
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
    set(label "${arg_LABEL}")
    set(timeout "${arg_TIMEOUT}")
    configure_file("${MIGRATE_LIST_TESTS_SCRIPT}" "${script}" @ONLY)
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${script}")
endfunction()
