#pragma once

#include <memory>
#include <mutex>

namespace migrate::util {

/// How many sessions of one side of a call may be open at once. Nobody waits for one: whoever opens sessions
/// has fitted their number to the limit before, and this is what makes sure of it. Thread-safe.
class SessionLimit {
  public:
    explicit SessionLimit(unsigned most) : m_most(most) {}

    /// Before more than that many are open.
    void set_most(unsigned most);
    [[nodiscard]] unsigned open() const;

    /// One session's place among them.
    class Lease {
      public:
        /// Null: no limit. Throws: Error{resource} where all are open.
        explicit Lease(std::shared_ptr<SessionLimit> limit);
        ~Lease();
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;

      private:
        std::shared_ptr<SessionLimit> m_limit;
    };

  private:
    mutable std::mutex m_mutex;
    unsigned m_most;
    unsigned m_open = 0;
};

}  // namespace migrate::util
