#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "backend/target.hpp"
#include "util/pause_gate.hpp"
#include "util/stage_clock.hpp"

namespace migrate {

/// The build steps of one run: as many at a time as the target takes, each once those are done that it comes
/// after.
class BuildRun {
  public:
    struct Context {
        unsigned builders = 1;  ///< At most what Target::builders() granted.
        /// Of those that may begin, the step of the heaviest table does. Index into the target schema's
        /// tables.
        std::function<std::uint64_t(std::size_t table)> weight;
        std::stop_token stop;
        util::StageSums* stages = nullptr;  ///< Get the time it took; may be null.
        util::PauseGate* gate = nullptr;    ///< A step is work under way; null = it cannot be paused.
        /// Called on the builder's thread when a step is done.
        std::function<void(const backend::BuildStep& step)> done;
    };

    BuildRun(backend::Target& target, Context context);

    [[nodiscard]] std::size_t size() const noexcept { return m_steps.size(); }
    [[nodiscard]] const std::vector<backend::BuildStep>& steps() const noexcept { return m_steps; }

    /// Returns what each step found, in the order of the steps. Throws: Error of the first step that fails,
    /// after all that were running have ended; Error{cancelled}.
    std::vector<backend::BuildResult> run();

    /// For other threads: waits until no step is left that locks the table's readers out. False where the
    /// run has failed.
    bool wait_until_readable(std::size_t table);

  private:
    enum class Progress : std::uint8_t { waiting, running, done };

    void work();
    /// Nullopt where the run was to end before the step could begin.
    std::optional<backend::BuildResult> build(const backend::BuildStep& step);
    /// Index of a step that may begin; size() where none is left, or all that are wait for others.
    [[nodiscard]] std::size_t next() const;
    [[nodiscard]] bool all_begun() const;
    [[nodiscard]] bool is_readable(std::size_t table) const;
    void fail(std::exception_ptr error);

    backend::Target& m_target;
    Context m_context;
    std::vector<backend::BuildStep> m_steps;

    std::stop_source m_halt;  ///< By failure or as asked: ends a pause.
    std::mutex m_mutex;       ///< Guards all below.
    std::condition_variable m_changed;
    std::vector<Progress> m_progress;
    std::vector<backend::BuildResult> m_results;
    std::exception_ptr m_error;
};

}  // namespace migrate
