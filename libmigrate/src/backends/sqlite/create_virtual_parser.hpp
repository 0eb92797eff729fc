#pragma once

#include <string>
#include <string_view>

namespace migrate::backends::sqlite {

/// What a CREATE VIRTUAL TABLE says; its arguments are the module's own language.
struct VirtualTableDefinition {
    std::string module;        ///< Lower case; empty if it is no such statement.
    bool contentless = false;  ///< A full-text index that keeps no text: content=''.
};

VirtualTableDefinition parse_create_virtual(std::string_view sql);

}  // namespace migrate::backends::sqlite
