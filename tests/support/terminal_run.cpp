#include "support/terminal_run.hpp"

#include <array>
#include <cstdlib>
#include <pty.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace migrate::test {

TerminalResult run_in_terminal(std::vector<std::string> arguments, unsigned short columns,
                               const std::vector<std::string>& environment) {
    std::vector<std::string> all{"env", "TERM=xterm"};
    all.insert(all.end(), environment.begin(), environment.end());
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    pointers.reserve(all.size());
    for (std::string& argument : all) {
        pointers.push_back(argument.data());
    }
    pointers.push_back(nullptr);
    winsize size{};
    size.ws_row = 24;
    size.ws_col = columns;
    int terminal = -1;
    const pid_t pid = ::forkpty(&terminal, nullptr, nullptr, &size);
    if (pid < 0) {
        throw std::runtime_error("no pseudo terminal can be had");
    }
    if (pid == 0) {
        ::execvp(pointers.front(), pointers.data());
        ::_exit(127);
    }
    TerminalResult result;
    std::array<char, 4096> buffer{};
    for (ssize_t count = 0; (count = ::read(terminal, buffer.data(), buffer.size())) > 0;) {
        result.screen.append(buffer.data(), static_cast<std::size_t>(count));
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    ::close(terminal);
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return result;
}

}  // namespace migrate::test
