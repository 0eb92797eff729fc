#pragma once

#include <chrono>
#include <string>
#include <thread>

#include <migrate/error.hpp>

#include "backend/target.hpp"
#include "migrator/context.hpp"

namespace migrate {

/// A server may take a while to notice that a session's process is dead, whose lock it holds until then.
inline constexpr auto k_lock_patience = std::chrono::seconds(15);
inline constexpr auto k_lock_pause = std::chrono::milliseconds(250);

/// Tries again while a lock is held: it may be that of a session whose process is dead.
template <class Body>
auto patiently(const MigratorContext& context, Body body) {
    const auto deadline = std::chrono::steady_clock::now() + k_lock_patience;
    while (true) {
        context.check_stop();
        try {
            return body();
        } catch (const Error& error) {
            if (error.code() != ErrorCode::locked || std::chrono::steady_clock::now() > deadline) {
                throw;
            }
        }
        std::this_thread::sleep_for(k_lock_pause);
    }
}

inline void lock_patiently(const MigratorContext& context, backend::Target& target, const std::string& id) {
    patiently(context, [&] { target.lock(id); });
}

}  // namespace migrate
