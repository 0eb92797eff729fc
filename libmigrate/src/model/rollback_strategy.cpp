#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include <migrate/rollback.hpp>

MIGRATE_NAMESPACE_BEGIN
namespace {

constexpr std::array<std::pair<RollbackStrategy, std::string_view>, 4> k_spellings{{
    {RollbackStrategy::swap, "swap"},
    {RollbackStrategy::revert, "revert"},
    {RollbackStrategy::restore, "restore"},
    {RollbackStrategy::schema_only, "schema-only"},
}};

}  // namespace

std::string_view to_string(RollbackStrategy strategy) noexcept {
    for (const auto& [value, text] : k_spellings) {
        if (value == strategy) {
            return text;
        }
    }
    return {};
}

std::optional<RollbackStrategy> parse_rollback_strategy(std::string_view name) noexcept {
    for (const auto& [value, text] : k_spellings) {
        if (text == name) {
            return value;
        }
    }
    return std::nullopt;
}

MIGRATE_NAMESPACE_END
