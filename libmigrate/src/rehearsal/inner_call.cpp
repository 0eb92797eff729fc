#include "rehearsal/inner_call.hpp"

#include <string>
#include <vector>

namespace migrate::rehearsal {

MigrationIndex no_index() {
    MigrationIndex index;
    index.knows = [](const std::string&) { return false; };
    index.is_unfinished = [](const std::string&) { return false; };
    index.write = [](const MigrationPlan&, MigrationState, Phase, const std::string&) {};
    index.past = [](const MigrationPlan&) { return std::vector<plan::PastRun>(); };
    return index;
}

}  // namespace migrate::rehearsal
