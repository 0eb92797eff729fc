#pragma once

#include <cstddef>
#include <cstdint>

namespace migrate::io {

/// The calls that a test can make fail. See FaultPlan.
enum class FaultPoint : std::uint8_t { write, sync, rename };

/// What a faulty call does: give this errno, or (write only) take only a part of the bytes.
struct Fault {
    int error = 0;             ///< 0 = no error.
    bool short_write = false;  ///< Write half of the bytes (at least one) and say so.
};

#ifdef MIGRATE_FAULT_POINTS

/// Makes the nth call from now of one kind fail, once, in the whole process; 1 is the next one. For tests
/// only: it exists only where MIGRATE_FAULT_POINTS is defined. Thread-safe.
void fail_nth(FaultPoint point, std::uint64_t nth, Fault fault);
void clear_faults();
/// Calls of this kind since clear_faults().
std::uint64_t calls_of(FaultPoint point);
/// What the present call shall do; counts it.
Fault take_fault(FaultPoint point);

#else

constexpr Fault take_fault(FaultPoint /*point*/) {
    return {};
}

#endif

}  // namespace migrate::io
