#pragma once

#include <memory>
#include <stop_token>

#include <migrate/export.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// Holds a run up and lets it go on, from any thread. A run looks at it between chunks, build steps and
/// phases: the chunks under way are finished and committed first, so that no chunk waits in a transaction.
/// The source's snapshot stays pinned, and the target locked. Thread-safe.
class MIGRATE_EXPORT PauseControl {
  public:
    PauseControl();
    ~PauseControl();
    PauseControl(const PauseControl&) = delete;
    PauseControl& operator=(const PauseControl&) = delete;

    void pause();
    void go_on();
    [[nodiscard]] bool is_paused() const;
    /// Returns once it is not paused, or a stop was requested.
    void wait(const std::stop_token& stop) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

MIGRATE_NAMESPACE_END
