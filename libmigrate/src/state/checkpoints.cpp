#include "state/checkpoints.hpp"

#include <string>

#include <migrate/rollback.hpp>

#include "plan/phase_name.hpp"

namespace migrate::state {

std::vector<MigrationCheckpoint> no_checkpoints() {
    std::vector<MigrationCheckpoint> all;
    for (unsigned i = 0; i < checkpoint_of(Phase::done); ++i) {
        const auto phase = static_cast<Phase>(i);
        all.push_back({checkpoint_of(phase), phase, {}, {}});
    }
    return all;
}

void add_event(std::vector<MigrationCheckpoint>& checkpoints, std::string_view at, std::string_view phase,
               std::string_view message) {
    const auto known = plan::parse_phase(phase);
    if (!known) {
        return;
    }
    const unsigned number = checkpoint_of(*known);
    MigrationCheckpoint& one = checkpoints[number - 1];
    if (message == k_phase_started) {
        one.begun_at = at;
        one.ended_at.clear();
    } else if (message == k_phase_finished) {
        one.ended_at = at;
    } else if (message == k_gone_back) {
        for (MigrationCheckpoint& later : checkpoints) {
            if (later.number > number) {
                later.begun_at.clear();
                later.ended_at.clear();
            }
        }
    }
}

}  // namespace migrate::state
