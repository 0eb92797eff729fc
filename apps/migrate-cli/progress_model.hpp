#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <migrate/event.hpp>

namespace migrate::cli {

/// How far a run is, put together from its events, and said in lines. Not thread-safe.
class ProgressModel {
  public:
    using Clock = std::chrono::steady_clock;

    void observe(const MigrationEvent& event, Clock::time_point now);

    /// True from the first event on, until the last phase has ended.
    [[nodiscard]] bool running() const noexcept { return m_running; }
    [[nodiscard]] Phase phase() const noexcept { return m_phase; }

    /// One line for a log: "load: 1,234 of 5,000 rows (24 %), 1.2 MB, 900 rows/s, about 12 s to the end" of
    /// the run; where only the phase is foreseen, "4.2 s left" of it.
    [[nodiscard]] std::string line(Clock::time_point now) const;
    /// A display of at most `height` lines of at most `width` columns: the run, then the tables in work.
    [[nodiscard]] std::vector<std::string> display(std::size_t width, std::size_t height,
                                                   Clock::time_point now) const;

  private:
    struct Work {
        std::uint64_t done = 0;
        std::uint64_t total = 0;
        std::uint64_t bytes = 0;
        Clock::time_point moved;
    };

    void start_phase(Phase phase, Clock::time_point now);
    [[nodiscard]] Work overall() const;
    [[nodiscard]] double rows_per_second(Clock::time_point now) const;
    [[nodiscard]] std::string time_left(const Work& work, double rate, Clock::time_point now) const;
    [[nodiscard]] std::string facts(const Work& work, Clock::time_point now) const;
    [[nodiscard]] std::string table_line(const std::string& name, const Work& work, std::size_t width) const;

    bool m_running = false;
    bool m_paused = false;
    Phase m_phase = Phase::open;
    Clock::time_point m_phase_start;
    std::string m_message;
    std::optional<Clock::time_point> m_end;  ///< Of the run, as last foreseen.
    std::uint64_t m_all_done = 0;
    std::uint64_t m_all_total = 0;
    std::map<std::string, Work> m_tables;
    std::deque<std::pair<Clock::time_point, std::uint64_t>> m_samples;  ///< For the rate: the last seconds.
};

}  // namespace migrate::cli
