#include "interrupt.hpp"

#include <cstdlib>
#include <pthread.h>
#include <signal.h>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace migrate::cli {

namespace {

/// nohup and a shell's background jobs ignore signals on purpose; a blocked one would arrive nevertheless.
bool is_ignored(int number) {
    struct sigaction action {};
    return ::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

Interrupt::Interrupt() {
    ::sigemptyset(&m_signals);
    ::sigaddset(&m_signals, SIGUSR1);  // also the destructor's way to end the waiting
    ::sigaddset(&m_signals, SIGUSR2);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        if (!is_ignored(number)) {
            ::sigaddset(&m_signals, number);
        }
    }
    ::pthread_sigmask(SIG_BLOCK, &m_signals, nullptr);
    // Output into a pipe that nobody reads any more must not kill a migration half-way.
    ::signal(SIGPIPE, SIG_IGN);
    m_thread = std::thread([this] { wait(); });
}

Interrupt::~Interrupt() {
    m_ending = true;
    ::pthread_kill(m_thread.native_handle(), SIGUSR1);
    m_thread.join();
}

int Interrupt::exit_code() const noexcept {
    return m_changing ? 6 : 3;
}

void Interrupt::on_request(std::function<void(Request)> notify) {
    const std::scoped_lock lock(m_mutex);
    m_notify = std::move(notify);
}

void Interrupt::wait() {
    for (;;) {
        int number = 0;
        if (::sigwait(&m_signals, &number) != 0 || m_ending) {
            return;
        }
        switch (number) {
            case SIGUSR1:
                m_pause->pause();
                tell(Request::pause);
                break;
            case SIGUSR2:
                m_pause->go_on();
                tell(Request::go_on);
                break;
            default:
                stop();
                break;
        }
    }
}

void Interrupt::stop() {
    if (m_source.stop_requested()) {
        // Straight to the descriptor: another thread may be stuck holding the stream.
        constexpr std::string_view k_text = "migrate-cli: ended at once\n";
        static_cast<void>(!::write(STDERR_FILENO, k_text.data(), k_text.size()));
        std::_Exit(exit_code());
    }
    m_source.request_stop();
    tell(Request::stop);
}

void Interrupt::tell(Request request) {
    const std::scoped_lock lock(m_mutex);
    if (m_notify) {
        m_notify(request);
    }
}

}  // namespace migrate::cli
