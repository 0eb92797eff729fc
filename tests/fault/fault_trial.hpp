#pragma once

#include <functional>
#include <string>
#include <vector>

#include "fault/kill_fixture.hpp"

namespace migrate::test {

/// A line for a table of faults, where a file for them is named (MIGRATE_FAULT_TABLE): scripts/reliability
/// counts them by fault and pair.
void note_fault(const std::string& group, const std::string& fault, const std::string& from,
                const std::string& to);

/// One migration that meets faults other than being killed. A run may end well by itself, or with an exit
/// code and a message that says what to do; either way others see the old state or the new, and what it says
/// of the target is true. Taken up, it must come to what an uninterrupted run leaves.
class FaultTrial {
  public:
    FaultTrial(const KillSource& source, const KillTarget& target);

    /// Has the command reach its sides in another way, as through a PgProxy.
    FaultTrial& from(std::string endpoint);
    FaultTrial& to(std::string endpoint);
    /// More options of `migrate`, and of it alone.
    FaultTrial& with(std::vector<std::string> options);
    /// Says how the command is run, where that is not plainly.
    FaultTrial& by(std::function<CommandResult(const std::vector<std::string>&)> run);

    /// Runs `migrate --execute`, and requires that it ended as above.
    CommandResult migrate();
    /// Any other command on the target, likewise.
    CommandResult run(const std::vector<std::string>& arguments);
    /// After migrate(): takes it up until it is done, or begins again where nothing was recorded. Returns how
    /// often it had to be taken up. The target is then complete.
    int settle(const CommandResult& first);
    /// Undoes it, until that is done, and requires that others see what was there before.
    void roll_back();
    /// The target holds what the source does, told by plain driver calls, and nothing else is left.
    void require_complete() const;

  private:
    void abandon_late(const CommandResult& first);
    void require_told(const CommandResult& result) const;

    const KillSource& m_source;
    const KillTarget& m_target;
    std::string m_from;
    std::string m_to;
    std::vector<std::string> m_options;
    std::function<CommandResult(const std::vector<std::string>&)> m_run;
};

}  // namespace migrate::test
