// How a staging directory is kept to one run at a time.

#include <chrono>

#include <migrate/error.hpp>

#include "backend/taken_over.hpp"
#include "backends/json/staging.hpp"
#include "io/directory.hpp"

namespace migrate::backends::json {

namespace {

constexpr const char* k_fence = "fence";
/// A step of another run is over by then, or its process stands still.
constexpr auto k_patience = std::chrono::milliseconds(2'000);

[[noreturn]] void throw_taken_over(const std::string& path) {
    ErrorFacts facts;
    facts.code = ErrorCode::locked;
    facts.backend = "json";
    facts.next_step = "See with status who goes on with it.";
    throw backend::TakenOverError(
        std::move(facts), "another run has taken over, or ended, the migration that is staged in " + path);
}

io::File open_fence(const std::string& path) {
    const std::string directory = io::join(path, "state");
    if (io::kind_of(directory) != io::PathKind::directory) {
        throw_taken_over(path);
    }
    bool made = false;
    return io::File::open_append(io::join(directory, k_fence), made);
}

}  // namespace

StagingFence::StagingFence(const std::string& path, Kind kind) : m_file(open_fence(path)) {
    if (kind == Kind::beside) {
        m_lock.emplace<io::SharedLock>(m_file, k_patience);
    } else {
        m_lock.emplace<io::WriteLock>(m_file, k_patience);
    }
}

std::unique_ptr<StagingFence> Staging::hold(std::uint64_t of) const {
    auto fence = std::make_unique<StagingFence>(m_path, StagingFence::Kind::beside);
    if (epoch() != of) {
        throw_taken_over(m_path);
    }
    return fence;
}

std::shared_ptr<StagingFence> Staging::hold_alone() const {
    if (auto held = m_alone.lock()) {
        return held;
    }
    auto fence = std::make_shared<StagingFence>(m_path, StagingFence::Kind::alone);
    // Before its first record there is no epoch.
    const std::uint64_t recorded = epoch();
    if (recorded != 0 && !m_state.migrations.empty() && m_state.migrations.front().epoch != recorded) {
        throw_taken_over(m_path);
    }
    m_alone = fence;
    return fence;
}

}  // namespace migrate::backends::json
