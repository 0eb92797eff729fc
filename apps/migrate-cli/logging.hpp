#pragma once

#include <memory>
#include <string>

#include <spdlog/logger.h>

#include <migrate/event.hpp>

namespace migrate::cli {

class Progress;

/// A logger to standard error, above the progress display. `progress` must outlive it.
std::shared_ptr<spdlog::logger> make_logger(Progress& progress, const std::string& level);

/// What happens in a run, as log records.
void log_event(spdlog::logger& logger, const MigrationEvent& event);

}  // namespace migrate::cli
