#include "migrator/session_fit.hpp"

#include <algorithm>

namespace migrate {
namespace {

/// Those that are there whatever the number of workers.
unsigned base_of_source() {
    return sessions_of_source({0, 0, 0});
}
unsigned base_of_target(SessionUse use) {
    return sessions_of_target({0, 0, 0}, use);
}

void fit_target(unsigned most, Workers& workers, SessionUse use) {
    // Before the staged rows are read back the writers have ended.
    workers.writers = std::min(workers.writers, most - 1);
    workers.read_back = std::min(workers.read_back, most - base_of_target(use));
    workers.builders = std::clamp(most - 1 - workers.read_back, 1U, std::max(workers.builders, 1U));
}

}  // namespace

unsigned sessions_of_source(const Workers& workers) {
    return 1 + workers.readers;
}

unsigned sessions_of_target(const Workers& workers, SessionUse use) {
    if (use == SessionUse::comparison) {
        return 1 + workers.read_back;
    }
    const unsigned building = std::max(workers.builders, 1U);
    return std::max(1 + workers.writers, building + 1 + workers.read_back);
}

unsigned least_sessions(const ServerSides& sides, SessionUse use) {
    const unsigned source = sides.from ? sessions_of_source({1, 1, 1}) : 0;
    const unsigned target = sides.to ? sessions_of_target({1, 1, 1}, use) : 0;
    return sides.one_server ? source + target : std::max(source, target);
}

Workers fit_to_sessions(unsigned most, Workers wanted, const ServerSides& sides, SessionUse use) {
    unsigned for_source = most;
    unsigned for_target = most;
    if (sides.one_server) {
        // What the least does not need is divided; writing takes longer than reading, so that an odd one is
        // the target's.
        const unsigned spare = most - least_sessions(sides, use);
        const unsigned more_readers = std::min(spare / 2, wanted.readers - 1);
        for_source = base_of_source() + 1 + more_readers;
        for_target = most - for_source;
    }
    if (sides.from) {
        wanted.readers = std::min(wanted.readers, for_source - base_of_source());
    }
    if (sides.to) {
        fit_target(for_target, wanted, use);
    }
    return wanted;
}

}  // namespace migrate
