#pragma once

#include <atomic>
#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include <migrate/pause_control.hpp>

namespace migrate::cli {

/// Ctrl-C, SIGTERM and SIGHUP as a stop request: the first asks the run to end at the next safe point, the
/// second ends the process at once. SIGUSR1 pauses a run, SIGUSR2 lets it go on. Make it before any other
/// thread, so that all of them leave the signals to it; one per process.
class Interrupt {
  public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    [[nodiscard]] std::stop_token token() const { return m_source.get_token(); }
    [[nodiscard]] bool requested() const noexcept { return m_source.stop_requested(); }

    /// What SIGUSR1 and SIGUSR2 work on.
    [[nodiscard]] const std::shared_ptr<PauseControl>& pause_control() const noexcept { return m_pause; }

    /// What is asked for by a signal.
    enum class Request : std::uint8_t { stop, pause, go_on };
    /// Who says so, on the waiting thread; empty for nobody.
    void on_request(std::function<void(Request)> notify);

    /// Said once the run may have changed something: an interrupted run then exits 6 and not 3.
    void changes_begin() noexcept { m_changing = true; }
    [[nodiscard]] int exit_code() const noexcept;

  private:
    void wait();
    void stop();
    void tell(Request request);

    std::stop_source m_source;
    std::shared_ptr<PauseControl> m_pause = std::make_shared<PauseControl>();
    std::mutex m_mutex;
    std::function<void(Request)> m_notify;
    std::atomic<bool> m_changing = false;
    std::atomic<bool> m_ending = false;
    sigset_t m_signals{};
    std::thread m_thread;
};

}  // namespace migrate::cli
