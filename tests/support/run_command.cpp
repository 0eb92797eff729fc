#include "support/run_command.hpp"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <set>
#include <spawn.h>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "support/temporary_directory.hpp"

extern char** environ;

namespace migrate::test {

namespace {

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<std::string> environment_of(const CommandOptions& options) {
    std::vector<std::string> out;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string text = *variable;
        const std::string name = text.substr(0, text.find('='));
        // Settings of whoever runs the tests must not reach the command.
        const bool setting = name.starts_with("MIGRATE_") || name.starts_with("PG");
        if (!setting && options.environment.count(name) == 0) {
            out.push_back(text);
        }
    }
    for (const auto& [name, value] : options.environment) {
        if (!value.empty()) {
            out.push_back(name + "=" + value);
        }
    }
    return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    out.reserve(texts.size());
    for (std::string& text : texts) {
        out.push_back(text.data());
    }
    out.push_back(nullptr);
    return out;
}

/// What posix_spawn is told; released at the end.
struct SpawnPlan {
    SpawnPlan() {
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
        // The command must see its signals, whatever the test runner does with them.
        sigset_t usual;
        sigfillset(&usual);
        posix_spawnattr_setsigdefault(&attributes, &usual);
        sigset_t none;
        sigemptyset(&none);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    }
    ~SpawnPlan() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;

    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};
};

}  // namespace

Command::Command(std::vector<std::string> arguments, const CommandOptions& options) : m_options(options) {
    std::string pattern = (std::filesystem::temp_directory_path() / "migrate-run-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("cannot make " + pattern);
    }
    m_directory = pattern;
    arguments.insert(arguments.begin(), options.wrapper.begin(), options.wrapper.end());
    SpawnPlan plan;
    constexpr int k_flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND;
    const std::string out = m_directory + "/out";
    const std::string err = m_directory + "/err";
    posix_spawn_file_actions_addopen(&plan.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&plan.actions, STDOUT_FILENO, out.c_str(), k_flags, 0600);
    posix_spawn_file_actions_addopen(&plan.actions, STDERR_FILENO, err.c_str(), k_flags, 0600);
    if (!options.directory.empty()) {
        posix_spawn_file_actions_addchdir_np(&plan.actions, options.directory.c_str());
    }
    std::vector<std::string> environment = environment_of(options);
    const int error = posix_spawnp(&m_pid, arguments.front().c_str(), &plan.actions, &plan.attributes,
                                   pointers(arguments).data(), pointers(environment).data());
    if (error != 0) {
        m_pid = -1;
        throw std::runtime_error("cannot run " + arguments.front());
    }
}

Command::~Command() {
    if (m_pid > 0) {
        ::kill(m_pid, SIGKILL);
        ::waitpid(m_pid, nullptr, 0);
    }
    std::error_code ignored;
    std::filesystem::remove_all(m_directory, ignored);
}

void Command::send(int signal) const {
    ::kill(m_pid, signal);
}

std::string Command::said() const {
    return content_of(m_directory + "/err");
}

CommandResult Command::wait() {
    const auto deadline = std::chrono::steady_clock::now() + m_options.timeout;
    int status = 0;
    while (::waitpid(m_pid, &status, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error("the command did not end; it said: " + said());
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    m_pid = -1;
    CommandResult result;
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    result.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    result.out = content_of(m_directory + "/out");
    result.err = content_of(m_directory + "/err");
    return result;
}

std::vector<std::string> cli(const std::vector<std::string>& arguments) {
    std::vector<std::string> all{MIGRATE_CLI_PATH};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
}

CommandOptions isolated(const CommandOptions& options, const std::string& directory) {
    CommandOptions out = options;
    out.environment.emplace("XDG_STATE_HOME", directory);
    out.environment.emplace("XDG_CONFIG_HOME", directory);
    return out;
}

CommandResult run_cli(const std::vector<std::string>& arguments, const CommandOptions& options) {
    const TemporaryDirectory own;
    return Command(cli(arguments), isolated(options, own.path())).wait();
}

std::string run_tool(const std::vector<std::string>& arguments) {
    const CommandResult result = Command(arguments).wait();
    if (result.exit_code != 0) {
        throw std::runtime_error(arguments.front() + " failed: " + result.err + result.out);
    }
    return result.out;
}

}  // namespace migrate::test
