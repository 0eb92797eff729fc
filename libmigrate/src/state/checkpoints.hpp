#pragma once

#include <string_view>
#include <vector>

#include <migrate/migration_result.hpp>

namespace migrate::state {

/// What is written of a phase when it begins and when it has ended; persisted, do not change.
inline constexpr std::string_view k_phase_started = "started";
inline constexpr std::string_view k_phase_finished = "finished";
/// Of the phase to whose end a rollback has gone back: those after it are as if they had not been.
inline constexpr std::string_view k_gone_back = "gone back to";

/// All phases, none of which has begun.
std::vector<MigrationCheckpoint> no_checkpoints();

/// Takes an event of the index into account. Requires: events come in their order.
void add_event(std::vector<MigrationCheckpoint>& checkpoints, std::string_view at, std::string_view phase,
               std::string_view message);

}  // namespace migrate::state
