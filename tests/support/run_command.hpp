#pragma once

#include <chrono>
#include <csignal>
#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

namespace migrate::test {

/// How a program ended, and what it said.
struct CommandResult {
    int exit_code = -1;  ///< −1 if a signal ended it.
    int signal = 0;      ///< The signal that ended it; 0 if it exited.
    std::string out;
    std::string err;
};

/// Around a program that is run.
struct CommandOptions {
    std::string directory;                           ///< Working directory; empty = this process's.
    std::map<std::string, std::string> environment;  ///< Set beside the usual; an empty value unsets.
    std::vector<std::string>
        wrapper;  ///< Program and arguments before it, as in {"prlimit", "--fsize=4096"}.
    std::chrono::seconds timeout{120};  ///< Then it is killed and the test fails.
};

/// A program that runs; killed at the end of its life if it still does. Its input is empty.
class Command {
  public:
    /// `arguments` begins with the program, found by PATH. Throws: std::runtime_error.
    explicit Command(std::vector<std::string> arguments, const CommandOptions& options = {});
    ~Command();
    Command(const Command&) = delete;
    Command& operator=(const Command&) = delete;

    void send(int signal) const;
    [[nodiscard]] pid_t pid() const { return m_pid; }
    /// What it has said so far on standard error.
    [[nodiscard]] std::string said() const;
    CommandResult wait();

  private:
    CommandOptions m_options;
    std::string m_directory;
    pid_t m_pid = -1;
};

/// Runs migrate-cli with these arguments; its state and configuration are in a directory of its own unless
/// the options name others (XDG_STATE_HOME, XDG_CONFIG_HOME).
CommandResult run_cli(const std::vector<std::string>& arguments, const CommandOptions& options = {});

/// migrate-cli's path and the environment that keeps it to itself, for Command.
std::vector<std::string> cli(const std::vector<std::string>& arguments);
CommandOptions isolated(const CommandOptions& options, const std::string& directory);

/// Another program, which must succeed. Throws: std::runtime_error with what it said.
std::string run_tool(const std::vector<std::string>& arguments);

}  // namespace migrate::test
