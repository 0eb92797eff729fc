#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>

#include <migrate/pause_control.hpp>

namespace migrate::util {

/// Where the threads of a run stop while it is paused. The run is at rest once what they had begun is done.
/// Thread-safe.
class PauseGate {
  public:
    /// `control` may be null: then nothing is ever paused. `tell` is called with true when the run has come
    /// to rest and with false when it goes on, by one thread at a time; it may be empty.
    PauseGate(std::shared_ptr<const PauseControl> control, std::function<void(bool paused)> tell);

    /// Waits while the run is paused, until `halt`; true where it was. Requires: this thread has no work
    /// under way.
    bool pass(const std::stop_token& halt);
    /// Work, such as a chunk, that is done to its end though a pause is asked for. False where the run is
    /// paused: nothing is begun.
    [[nodiscard]] bool begin_work();
    void end_work();

    /// A piece of work of one thread: begun as soon as the run is not paused, ended with its life.
    class Work {
      public:
        /// `gate` may be null. After `halt` it is not begun, which its owner finds out by itself.
        Work(PauseGate* gate, const std::stop_token& halt);
        ~Work();
        Work(const Work&) = delete;
        Work& operator=(const Work&) = delete;
        [[nodiscard]] bool has_waited() const noexcept { return m_waited; }

      private:
        PauseGate* m_gate;
        bool m_waited = false;
    };

  private:
    [[nodiscard]] bool is_paused() const;
    void settle();

    std::shared_ptr<const PauseControl> m_control;
    std::function<void(bool)> m_tell;
    std::mutex m_mutex;  ///< Guards all below.
    unsigned m_working = 0;
    unsigned m_waiting = 0;
    bool m_at_rest = false;
};

}  // namespace migrate::util
