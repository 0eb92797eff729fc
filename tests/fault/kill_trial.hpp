#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "fault/kill_fixture.hpp"

namespace migrate::test {

/// Where a run is killed: at a named place in the code (":n" is the nth time that it comes there), or after
/// so long. Nowhere, where both are empty.
struct Kill {
    std::string point;
    std::chrono::milliseconds after{0};
};

/// Places in the code, in the order in which a run passes them. Some belong to one kind of target only.
const std::vector<std::string>& kill_points();

/// One migration that is killed and taken up until it is done. Each step requires that what others see is
/// what was there before or what will be, and the last one that it is what an uninterrupted run leaves.
class KillTrial {
  public:
    KillTrial(const KillSource& source, const std::string& target_engine, bool with_other_data);

    /// True where the run was killed; it is complete otherwise.
    bool begin(const Kill& kill);
    /// Takes it up, or begins again where it was killed before the target knew of it. True where it was
    /// killed; it is complete otherwise.
    bool go_on(const Kill& kill);
    /// Undoes it, until that is done; `kill` is where the first attempt is killed. Requires: it is complete.
    /// Returns how often it was killed. Afterwards others see what was there before.
    int roll_back(const Kill& kill);

  private:
    [[nodiscard]] CommandResult run(const std::vector<std::string>& arguments, const Kill& kill) const;
    [[nodiscard]] std::vector<std::string> migrate() const;
    void require_whole() const;
    void require_complete() const;

    const KillSource& m_source;
    KillTarget m_target;
};

}  // namespace migrate::test
