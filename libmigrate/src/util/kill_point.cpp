#include "util/kill_point.hpp"

#ifdef MIGRATE_FAULT_POINTS

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>

namespace migrate::util {
namespace {

struct Order {
    std::string name;
    long turn = 1;
};

Order read_order(const char* variable) {
    const char* text = std::getenv(variable);
    Order order{text == nullptr ? "" : text};
    if (const auto colon = order.name.find(':'); colon != std::string::npos) {
        order.turn = std::strtol(order.name.c_str() + colon + 1, nullptr, 10);
        order.name.resize(colon);
    }
    return order;
}

}  // namespace

void pass_kill_point(std::string_view name) {
    static const Order k_kill = read_order("MIGRATE_KILL_AT");
    static const Order k_hold = read_order("MIGRATE_HOLD_AT");
    static std::atomic<long> kills{0};
    static std::atomic<long> holds{0};
    if (name == k_hold.name && ++holds == k_hold.turn) {
        std::raise(SIGSTOP);
    }
    if (name == k_kill.name && ++kills == k_kill.turn) {
        // Nothing of this process runs any more: no destructor, no handler, no flush.
        std::raise(SIGKILL);
    }
}

}  // namespace migrate::util

#endif
