#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <migrate/export.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// What the work of a run is made of, in the order of a row's way. Persisted by name.
enum class Stage : std::uint8_t {
    read,    ///< The source's readers.
    map,     ///< The mapping, conversions and the digest; on the readers' threads.
    encode,  ///< Saying rows in the target's form; on the writers' threads, as the next two.
    send,    ///< Handing them to the target: libpq, SQLite's inserts, a file's write.
    target,  ///< Until the target has answered: the end of each COPY, checkpoints, commits, syncs.
    index,   ///< Keys, indexes, checks, sequences, statistics.
    verify,  ///< Reading back, counting, comparing.
    held,    ///< Held back as asked: by RunLimits, or while paused.
};

/// How long a run was at one stage; sums over its threads.
struct StageTime {
    Stage stage = Stage::read;
    unsigned threads = 0;  ///< That have worked at it.
    std::chrono::milliseconds busy{0};
    /// For another stage, with a chunk in work: `read` for room in a writer's queue, `encode` for rows.
    std::chrono::milliseconds waiting{0};
};

/// What took most of a run's time.
struct Bottleneck {
    std::string where;      ///< A stage's name, or that of another phase.
    std::string message;    ///< One sentence for people.
    std::string next_step;  ///< What could be changed; empty if nothing is known.
};

MIGRATE_EXPORT std::string_view to_string(Stage stage) noexcept;

MIGRATE_NAMESPACE_END
