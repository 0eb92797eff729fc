#pragma once

#include <string>
#include <vector>

namespace migrate::test {

/// What a program wrote to the terminal it ran in.
struct TerminalResult {
    int exit_code = -1;
    std::string screen;  ///< Everything written, escape sequences included.
};

/// Runs a program in a pseudo terminal of that size. `environment` is added as NAME=value.
TerminalResult run_in_terminal(std::vector<std::string> arguments, unsigned short columns,
                               const std::vector<std::string>& environment);

}  // namespace migrate::test
