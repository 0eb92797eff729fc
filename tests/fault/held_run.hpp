#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fault/kill_fixture.hpp"

namespace migrate::test {

/// A command on a target that stands still at a named point of its code (SIGSTOP), as one whose machine was
/// put to sleep: it holds all that it has, and knows nothing of what is done meanwhile. Killed at the end of
/// its life if it has not ended.
class HeldRun {
  public:
    /// Returns when it stands there, or has ended before; at once where `hold_at` is empty.
    HeldRun(const KillTarget& target, const std::vector<std::string>& arguments, const std::string& hold_at);

    /// False where it has ended without coming to the point.
    [[nodiscard]] bool stands() const { return m_stands; }
    /// Lets it go on, and returns how it ended.
    CommandResult end();
    /// Lets it go on meanwhile.
    void let_go();

  private:
    std::unique_ptr<Command> m_command;
    bool m_stands = false;
};

}  // namespace migrate::test
