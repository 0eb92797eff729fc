#pragma once

#include <memory>

#include <migrate/migrator.hpp>

#include "migrator/events.hpp"
#include "util/pause_gate.hpp"
#include "util/rate_limit.hpp"
#include "util/session_limit.hpp"
#include "util/stage_clock.hpp"

namespace migrate {

/// What holds a call back, and where its time went. One per call.
struct Throttle {
    /// The events outlive it.
    Throttle(const MigratorConfig& config, EventSink& events);

    std::shared_ptr<util::RateLimit> rate;              ///< Of both sides together; null = none.
    std::shared_ptr<util::SessionLimit> from_sessions;  ///< Of each side; null = none.
    std::shared_ptr<util::SessionLimit> to_sessions;
    util::PauseGate gate;
    util::StageSums stages;
};

}  // namespace migrate
