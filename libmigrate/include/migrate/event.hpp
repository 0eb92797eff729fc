#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <migrate/export.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// The stretches of a run, in their order.
enum class Phase : std::uint8_t { open, plan, preflight, backup, schema, load, build, verify, cutover, done };

enum class EventKind : std::uint8_t {
    phase_started,
    phase_finished,
    progress,  ///< Counters moved; at most every 100 ms per table.
    finding,   ///< Something worth showing at once; `message` says it.
    retry,     ///< A step is tried again.
    paused,    ///< The run has come to rest; `message` says how.
    going_on,  ///< It was let go on.
};

/// What an observer is told while a call runs. Never holds row values or secrets.
struct MigrationEvent {
    EventKind kind = EventKind::progress;
    Phase phase = Phase::open;
    std::string migration;  ///< Id; empty for plan, verify, diff and check.
    std::string table;      ///< As the source names it; empty where the event is not about one.
    std::string message;    ///< For people; may be empty.
    std::uint64_t done =
        0;  ///< Rows (load, verify, plan's profiling) or steps (build) of this table or phase.
    std::uint64_t total = 0;      ///< 0 = unknown.
    std::uint64_t bytes = 0;      ///< Bytes of row data so far, where known.
    std::uint64_t all_done = 0;   ///< Rows of all tables so far in this phase.
    std::uint64_t all_total = 0;  ///< Rows of all tables in this phase; 0 = unknown.
    /// Until the end of the run that executes a plan: as estimated first, then corrected by what is done.
    /// Nullopt before its preflight and in every other call.
    std::optional<std::chrono::milliseconds> remaining;
    std::chrono::steady_clock::time_point time;
};

/// Called from any of the library's threads, never from two at once. Must not throw and must not call back
/// into the migrator.
using MigrationObserver = std::function<void(const MigrationEvent&)>;

MIGRATE_EXPORT std::string_view to_string(Phase phase) noexcept;

MIGRATE_NAMESPACE_END
