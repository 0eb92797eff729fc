#pragma once

#include <atomic>
#include <csignal>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace migrate::cli {

/// Ctrl-C, SIGTERM and SIGHUP as a stop request: the first asks the run to end at the next safe point, the
/// second ends the process at once. Make it before any other thread, so that all of them leave the signals
/// to it; one per process.
class Interrupt {
  public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    [[nodiscard]] std::stop_token token() const { return m_source.get_token(); }
    [[nodiscard]] bool requested() const noexcept { return m_source.stop_requested(); }

    /// Who says on the waiting thread that the run is asked to end; empty for nobody.
    void on_request(std::function<void()> notify);

    /// Said once the run may have changed something: an interrupted run then exits 6 and not 3.
    void changes_begin() noexcept { m_changing = true; }
    [[nodiscard]] int exit_code() const noexcept;

  private:
    void wait();

    std::stop_source m_source;
    std::mutex m_mutex;
    std::function<void()> m_notify;
    std::atomic<bool> m_changing = false;
    std::atomic<bool> m_ending = false;
    sigset_t m_signals{};
    std::thread m_thread;
};

}  // namespace migrate::cli
