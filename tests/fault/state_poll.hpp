#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace migrate::test {

/// What others see of the tables author, book and event in a target at one moment: one line, equal for equal
/// rows. By plain driver calls that open the target anew; `endpoint` as compare_databases takes it. Nullopt
/// where the look has to be taken again: it fell between two states of a directory.
std::optional<std::string> look_at(const std::string& endpoint);

/// Looks all the time, in a thread of its own, until it ends.
class StatePoll {
  public:
    explicit StatePoll(std::string endpoint);
    StatePoll(const StatePoll&) = delete;
    StatePoll& operator=(const StatePoll&) = delete;
    ~StatePoll() = default;

    /// Waits until a look was begun and ended after this call. Throws: std::runtime_error with what a look
    /// could not do.
    void see_once_more();
    /// Ends it. Each state once, in their order, as often as they took turns. Throws: likewise.
    std::vector<std::string> finish();
    [[nodiscard]] std::uint64_t looks() const { return m_looks; }

  private:
    void run(const std::stop_token& stop);

    std::string m_endpoint;
    std::vector<std::string> m_states;
    std::string m_error;
    std::atomic<bool> m_failed = false;
    std::atomic<std::uint64_t> m_looks = 0;
    std::jthread m_thread;
};

}  // namespace migrate::test
