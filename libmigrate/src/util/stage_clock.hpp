#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include <migrate/stage_time.hpp>

namespace migrate::util {

inline constexpr std::size_t k_stages = static_cast<std::size_t>(Stage::held) + 1;

/// The time of each stage of a run, added up over its threads. Thread-safe.
class StageSums {
  public:
    using Clock = std::chrono::steady_clock;
    struct Time {
        Clock::duration busy{0};
        Clock::duration waiting{0};
    };
    using Times = std::array<Time, k_stages>;

    explicit StageSums(std::function<Clock::time_point()> now = Clock::now);

    /// What this thread has spent.
    void add(const Times& times);
    /// In the order of the stages, without those that took no time.
    [[nodiscard]] std::vector<StageTime> list() const;
    [[nodiscard]] Clock::time_point now() const { return m_now(); }

  private:
    std::function<Clock::time_point()> m_now;
    mutable std::mutex m_mutex;  ///< Guards all below.
    Times m_times{};
    std::array<std::set<std::thread::id>, k_stages> m_threads;
};

/// One thread's time by stage, looked at once per batch or step; its sums are added at the end of its life.
/// Not thread-safe.
class StageClock {
  public:
    using Duration = StageSums::Clock::duration;

    /// Null: nothing is kept. The sums outlive it.
    explicit StageClock(StageSums* sums);
    ~StageClock();
    StageClock(const StageClock&) = delete;
    StageClock& operator=(const StageClock&) = delete;

    /// The time since the last look at the clock, which is this stage's, or nobody's.
    void worked(Stage stage) { of(stage).busy += look(); }
    void waited(Stage stage) { of(stage).waiting += look(); }
    Duration look();

    /// What was counted as one stage's work was another's.
    void move(Stage from, Stage to, Duration busy);

  private:
    StageSums::Time& of(Stage stage) { return m_times[static_cast<std::size_t>(stage)]; }

    StageSums* m_sums;
    StageSums::Clock::time_point m_last;
    StageSums::Times m_times{};
};

}  // namespace migrate::util
