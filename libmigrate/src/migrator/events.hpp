#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <migrate/event.hpp>

#include "migrator/remaining_time.hpp"

namespace migrate {

/// Passes events on to the observer one at a time, counts rows, and keeps the time of each phase.
/// Thread-safe.
class EventSink {
  public:
    explicit EventSink(MigrationObserver observer) : m_observer(std::move(observer)) {}

    /// Is told of each phase when it begins (true) and when it has ended, and may throw; not while other
    /// threads work.
    void on_phase(std::function<void(Phase, bool begun)> listener) { m_on_phase = std::move(listener); }
    void set_migration(const std::string& id);
    void start(Phase phase, std::uint64_t all_total = 0, const std::string& message = {});
    /// Ends the phase that runs, if any.
    void finish();
    /// Rows or steps done just now of one table; passed on at most every 100 ms per table, and when it is
    /// complete.
    void progress(const std::string& table, std::uint64_t rows, std::uint64_t bytes,
                  std::uint64_t table_total);
    /// The same from steps that tell how far they are.
    void reached(const std::string& what, std::uint64_t done, std::uint64_t total);
    /// From here on events say how long the run will still take.
    void expect(RunForecast forecast);
    /// What the steps of a phase that is about to begin, or has begun, cost.
    void expect_work(Phase phase, PhaseWork work);
    /// So many rows of a table were loaded by an earlier run; the loader counts them once more.
    void credit(const std::string& table, std::uint64_t rows);
    void note(EventKind kind, const std::string& table, const std::string& message);

    [[nodiscard]] std::vector<std::pair<Phase, std::chrono::milliseconds>> phases() const;

  private:
    using Clock = std::chrono::steady_clock;
    struct Counter {
        std::uint64_t done = 0;
        std::uint64_t bytes = 0;
        Clock::time_point told;
    };

    /// Requires: the mutex is held, as for emit().
    void add(const std::string& table, std::uint64_t rows, std::uint64_t bytes, std::uint64_t table_total);
    void emit(MigrationEvent event);

    MigrationObserver m_observer;
    std::function<void(Phase, bool begun)> m_on_phase;
    mutable std::mutex m_mutex;
    std::string m_migration;
    bool m_running = false;
    Phase m_phase = Phase::open;
    Clock::time_point m_started;
    std::uint64_t m_all_done = 0;
    std::uint64_t m_all_total = 0;
    std::uint64_t m_all_bytes = 0;
    std::map<std::string, Counter> m_tables;
    std::vector<std::pair<Phase, std::chrono::milliseconds>> m_phases;
    std::optional<RemainingTime> m_remaining;
    std::optional<Clock::time_point> m_paused_from;
};

}  // namespace migrate
