#include "migrator/remaining_time.hpp"

#include <algorithm>

namespace migrate {
namespace {

/// What was expected counts like so much work done: enough to carry over the first batches, whose time is
/// that of beginnings, and so little that an expectation ten times too long is forgotten after a tenth.
constexpr double k_trust = 0.004;

/// A first batch that is no larger part than this says more of what it takes to begin than of the pace.
constexpr double k_first_batch = 0.05;

}  // namespace

RunForecast::Entry* RemainingTime::find(Phase phase) {
    const auto it = std::find_if(m_phases.begin(), m_phases.end(),
                                 [&](const RunForecast::Entry& entry) { return entry.phase == phase; });
    return it == m_phases.end() ? nullptr : &*it;
}

void RemainingTime::start(Phase phase, Time now) {
    if (m_phase == Phase::load && m_present != nullptr && m_present->expected.count() > 0 &&
        m_done > m_credit) {
        m_slowness = (now - m_started + present_left(now)) / m_present->expected;
    }
    // What is looked at once more in between ends nothing and begins nothing.
    m_present = phase < m_phase ? nullptr : find(phase);
    m_phase = std::max(m_phase, phase);
    m_started = now;
    m_done = 0;
    m_credit = 0;
    m_paced_from = now;
    m_paced_fraction = 0;
}

void RemainingTime::set_work(Phase phase, PhaseWork work) {
    if (RunForecast::Entry* entry = find(phase)) {
        entry->work = std::move(work);
    }
}

double RemainingTime::work_of(const std::string& what, std::uint64_t units) const {
    if (m_present == nullptr) {
        return 0;
    }
    const auto it = m_present->work.unit.find(what);
    const double unit = it == m_present->work.unit.end() ? m_present->work.other_unit : it->second;
    return unit * static_cast<double>(units);
}

void RemainingTime::credit(const std::string& what, std::uint64_t units) {
    m_credit += work_of(what, units);
}

void RemainingTime::advance(const std::string& what, std::uint64_t units, Time now) {
    if (m_present == nullptr) {
        return;
    }
    const bool first = fraction() <= 0;
    m_done += work_of(what, units);
    if (first && fraction() > 0 && fraction() < k_first_batch) {
        m_paced_from = now;
        m_paced_fraction = fraction();
    }
}

double RemainingTime::fraction() const {
    const double own = m_present->work.total - m_credit;
    return own > 0 ? std::clamp((m_done - m_credit) / own, 0.0, 1.0) : 0;
}

RemainingTime::Seconds RemainingTime::present_expected() const {
    // An earlier run's part is not expected again.
    const double total = m_present->work.total;
    const double own = total > 0 ? std::max(0.0, 1 - m_credit / total) : 1;
    return m_present->expected * own * (m_phase > Phase::load ? m_slowness : 1);
}

RemainingTime::Seconds RemainingTime::present_left(Time now) const {
    const double done = fraction();
    if (done <= 0) {
        return std::max(Seconds(present_expected() - (now - m_started)), Seconds(0));
    }
    const Seconds spent = now - m_paced_from;
    return (spent + k_trust * present_expected()) / (done - m_paced_fraction + k_trust) * (1 - done);
}

void RemainingTime::skip(std::chrono::steady_clock::duration pause) {
    m_started += pause;
    m_paced_from += pause;
}

RemainingTime::Seconds RemainingTime::left(Time now) const {
    Seconds left{0};
    double slowness = m_slowness;
    if (m_present != nullptr) {
        left = present_left(now);
        if (m_phase == Phase::load && fraction() > 0 && m_present->expected.count() > 0) {
            slowness = (now - m_started + left) / m_present->expected;
        }
    }
    for (const RunForecast::Entry& entry : m_phases) {
        if (entry.phase > m_phase) {
            left += entry.expected * (entry.phase > Phase::load && m_phase >= Phase::load ? slowness : 1);
        }
    }
    return left;
}

}  // namespace migrate
