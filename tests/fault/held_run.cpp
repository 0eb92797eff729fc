#include "fault/held_run.hpp"

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>

namespace migrate::test {
namespace {

constexpr int k_most_looks = 30'000;

/// True where it was stopped, false where it has ended. Leaves either to be waited for.
bool wait_for_stop(pid_t pid) {
    for (int look = 0; look < k_most_looks; ++look) {
        siginfo_t info{};
        if (::waitid(P_PID, static_cast<id_t>(pid), &info, WSTOPPED | WEXITED | WNOHANG | WNOWAIT) == 0 &&
            info.si_pid == pid) {
            return info.si_code == CLD_STOPPED;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    throw std::runtime_error("the command neither stands still nor ends");
}

}  // namespace

HeldRun::HeldRun(const KillTarget& target, const std::vector<std::string>& arguments,
                 const std::string& hold_at) {
    CommandOptions options;
    options.environment["XDG_STATE_HOME"] = target.directory() + "/state";
    options.environment["MIGRATE_HOLD_AT"] = hold_at;
    m_command = std::make_unique<Command>(cli(arguments), isolated(options, target.directory() + "/state"));
    m_stands = !hold_at.empty() && wait_for_stop(m_command->pid());
}

void HeldRun::let_go() {
    m_command->send(SIGCONT);
}

CommandResult HeldRun::end() {
    let_go();
    return m_command->wait();
}

}  // namespace migrate::test
