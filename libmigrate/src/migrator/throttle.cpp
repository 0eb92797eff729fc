#include "migrator/throttle.hpp"

namespace migrate {
namespace {

std::shared_ptr<util::RateLimit> rate_of(const RunLimits& limits) {
    return limits.rows_per_second == 0 && limits.bytes_per_second == 0
               ? nullptr
               : std::make_shared<util::RateLimit>(limits.rows_per_second, limits.bytes_per_second);
}

std::shared_ptr<util::SessionLimit> sessions_of(const RunLimits& limits) {
    return limits.max_connections == 0 ? nullptr
                                       : std::make_shared<util::SessionLimit>(limits.max_connections);
}

}  // namespace

Throttle::Throttle(const MigratorConfig& config, EventSink& events)
    : rate(rate_of(config.limits)),
      from_sessions(sessions_of(config.limits)),
      to_sessions(sessions_of(config.limits)),
      gate(config.pause, [&events](bool paused) {
          paused ? events.note(EventKind::paused, {},
                               "paused; what was under way is finished, the source's snapshot stays pinned")
                 : events.note(EventKind::going_on, {}, "going on");
      }) {}

}  // namespace migrate
