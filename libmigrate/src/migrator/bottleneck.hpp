#pragma once

#include <optional>

#include <migrate/migration_result.hpp>

#include "backend/backend.hpp"

namespace migrate {

/// What took most of a run's time, from its phases and stages: the longest phase, and of the load the stage
/// that the others wait for. Nullopt for a run too short to tell.
std::optional<Bottleneck> find_bottleneck(const MigrationResult& result, const backend::Backend& from,
                                          const backend::Backend& to);

}  // namespace migrate
