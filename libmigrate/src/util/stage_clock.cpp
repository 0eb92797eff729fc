#include "util/stage_clock.hpp"

#include <utility>

MIGRATE_NAMESPACE_BEGIN

std::string_view to_string(Stage stage) noexcept {
    switch (stage) {
        case Stage::read:
            return "read";
        case Stage::map:
            return "map";
        case Stage::encode:
            return "encode";
        case Stage::send:
            return "send";
        case Stage::target:
            return "target";
        case Stage::index:
            return "index";
        case Stage::verify:
            return "verify";
        case Stage::held:
            return "held";
    }
    return "unknown";
}

MIGRATE_NAMESPACE_END

namespace migrate::util {

StageSums::StageSums(std::function<Clock::time_point()> now) : m_now(std::move(now)) {}

void StageSums::add(const Times& times) {
    const std::scoped_lock lock(m_mutex);
    for (std::size_t i = 0; i < k_stages; ++i) {
        if (times[i].busy + times[i].waiting > Clock::duration::zero()) {
            m_times[i].busy += times[i].busy;
            m_times[i].waiting += times[i].waiting;
            m_threads[i].insert(std::this_thread::get_id());
        }
    }
}

std::vector<StageTime> StageSums::list() const {
    using std::chrono::duration_cast;
    using std::chrono::milliseconds;
    const std::scoped_lock lock(m_mutex);
    std::vector<StageTime> stages;
    for (std::size_t i = 0; i < k_stages; ++i) {
        if (!m_threads[i].empty()) {
            stages.push_back({static_cast<Stage>(i), static_cast<unsigned>(m_threads[i].size()),
                              duration_cast<milliseconds>(m_times[i].busy),
                              duration_cast<milliseconds>(m_times[i].waiting)});
        }
    }
    return stages;
}

StageClock::StageClock(StageSums* sums) : m_sums(sums) {
    look();
}

StageClock::~StageClock() {
    if (m_sums != nullptr) {
        m_sums->add(m_times);
    }
}

StageClock::Duration StageClock::look() {
    if (m_sums == nullptr) {
        return Duration::zero();
    }
    const auto before = std::exchange(m_last, m_sums->now());
    return m_last - before;
}

void StageClock::move(Stage from, Stage to, Duration busy) {
    of(from).busy -= busy;
    of(to).busy += busy;
}

}  // namespace migrate::util
