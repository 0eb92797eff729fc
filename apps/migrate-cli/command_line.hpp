#pragma once

#include <map>
#include <string>
#include <vector>

#include "command.hpp"

namespace migrate::cli {

/// The arguments as they were given; nothing is resolved yet.
struct CommandLine {
    const Command* command = nullptr;  ///< Null for the tool's own --help and --version.
    bool help = false;
    bool version = false;
    std::map<std::string, std::vector<std::string>> options;  ///< By name, values as texts.
    std::vector<std::string> arguments;

    [[nodiscard]] bool has(const std::string& option) const { return options.count(option) != 0; }
};

/// Throws: Error{usage} with the nearest real command or option for one that does not exist.
CommandLine parse_command_line(const std::vector<std::string>& arguments);

}  // namespace migrate::cli
