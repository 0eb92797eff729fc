#pragma once

#include <array>
#include <optional>
#include <string_view>

#include <migrate/event.hpp>

namespace migrate::plan {

/// The phase that to_string calls so.
inline std::optional<Phase> parse_phase(std::string_view name) noexcept {
    constexpr std::array k_all{Phase::open, Phase::plan,  Phase::preflight, Phase::backup,  Phase::schema,
                               Phase::load, Phase::build, Phase::verify,    Phase::cutover, Phase::done};
    for (const Phase phase : k_all) {
        if (to_string(phase) == name) {
            return phase;
        }
    }
    return std::nullopt;
}

}  // namespace migrate::plan
