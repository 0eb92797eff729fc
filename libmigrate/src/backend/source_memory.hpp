#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace migrate::backend {

/// What a source found out by reading all of it, kept for when it is opened again: a plan and its run each
/// open it. Holds one thing, the last, so memory is bounded by what one source keeps. Thread-safe.
class SourceMemory {
  public:
    /// `what` says of which state of which source it is, and how that was to be read.
    template <typename Found>
    void keep(std::string what, std::shared_ptr<Found> found) {
        const std::scoped_lock lock(m_mutex);
        m_what = std::move(what);
        m_found = std::move(found);
    }

    /// Nullptr where nothing is known of just that. Requires: whoever keeps something under such a name keeps
    /// a Found.
    template <typename Found>
    [[nodiscard]] std::shared_ptr<Found> find(const std::string& what) const {
        const std::scoped_lock lock(m_mutex);
        return m_what == what ? std::static_pointer_cast<Found>(m_found) : nullptr;
    }

  private:
    mutable std::mutex m_mutex;
    std::string m_what;
    std::shared_ptr<void> m_found;
};

}  // namespace migrate::backend
