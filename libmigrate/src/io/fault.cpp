#include "io/fault.hpp"

#ifdef MIGRATE_FAULT_POINTS

#include <array>
#include <mutex>

namespace migrate::io {

namespace {

struct Plan {
    std::uint64_t calls = 0;
    std::uint64_t fail_at = 0;
    Fault fault;
};

// A test arms the seam in the process that runs it; there is no object that both the test and the code deep
// below could be handed, and production builds do not have it.
std::mutex g_mutex;
std::array<Plan, 3> g_plans;

Plan& plan_of(FaultPoint point) {
    return g_plans[static_cast<std::size_t>(point)];
}

}  // namespace

void fail_nth(FaultPoint point, std::uint64_t nth, Fault fault) {
    const std::lock_guard lock(g_mutex);
    Plan& plan = plan_of(point);
    plan.fail_at = plan.calls + nth;
    plan.fault = fault;
}

void clear_faults() {
    const std::lock_guard lock(g_mutex);
    g_plans = {};
}

std::uint64_t calls_of(FaultPoint point) {
    const std::lock_guard lock(g_mutex);
    return plan_of(point).calls;
}

Fault take_fault(FaultPoint point) {
    const std::lock_guard lock(g_mutex);
    Plan& plan = plan_of(point);
    return ++plan.calls == plan.fail_at ? plan.fault : Fault{};
}

}  // namespace migrate::io

#endif
