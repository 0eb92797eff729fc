#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <migrate/event.hpp>

namespace migrate {

/// What the steps of a phase cost beside each other, in any unit.
struct PhaseWork {
    double total = 0;
    std::map<std::string, double> unit;  ///< Of one row or step of what the events name so.
    double other_unit = 1;               ///< Of whatever else they name.
};

/// What a run is expected to take before it begins.
struct RunForecast {
    struct Entry {
        Phase phase = Phase::load;
        std::chrono::duration<double> expected{0};
        PhaseWork work;  ///< total == 0: nothing tells how far the phase is.
    };
    std::vector<Entry> phases;  ///< In their order.
};

/// How long a run still takes: what was expected, corrected by what is done. The load is known by its own
/// pace after the first hundredth; by how much it is faster or slower than expected, the phases that follow
/// are expected to be as well, until they have their own. Pure: the caller says what time it is. Not
/// thread-safe.
class RemainingTime {
  public:
    using Seconds = std::chrono::duration<double>;
    using Time = std::chrono::steady_clock::time_point;

    explicit RemainingTime(RunForecast forecast) : m_phases(std::move(forecast.phases)) {}
    RemainingTime(const RemainingTime&) = delete;
    RemainingTime& operator=(const RemainingTime&) = delete;

    /// A phase begins; those before it are over. One that comes before what was begun already is in between.
    void start(Phase phase, Time now);
    /// What a phase consists of, where that is known only when it begins.
    void set_work(Phase phase, PhaseWork work);
    /// So many units of the present phase were done by an earlier run: advance() counts them too, but they
    /// tell nothing of the pace.
    void credit(const std::string& what, std::uint64_t units);
    void advance(const std::string& what, std::uint64_t units, Time now);

    /// So long nothing was done because the run was paused, which tells nothing of its pace.
    void skip(std::chrono::steady_clock::duration pause);

    /// Until the end of the last phase.
    [[nodiscard]] Seconds left(Time now) const;

  private:
    [[nodiscard]] RunForecast::Entry* find(Phase phase);
    [[nodiscard]] double work_of(const std::string& what, std::uint64_t units) const;
    /// What the present phase was expected to take in this run, at the load's pace.
    [[nodiscard]] Seconds present_expected() const;
    /// What is left of the present phase, by what is done of it and what was expected.
    [[nodiscard]] Seconds present_left(Time now) const;
    /// Of the present phase's own work, from 0 to 1.
    [[nodiscard]] double fraction() const;

    std::vector<RunForecast::Entry> m_phases;
    Phase m_phase = Phase::open;
    RunForecast::Entry* m_present = nullptr;  ///< Null in a phase that nothing is expected of.
    Time m_started;
    double m_done = 0;
    double m_credit = 0;
    Time m_paced_from;  ///< Since when, and from which fraction on, the present phase has a pace.
    double m_paced_fraction = 0;
    double m_slowness = 1;  ///< How many times longer than expected the load took, or takes.
};

}  // namespace migrate
