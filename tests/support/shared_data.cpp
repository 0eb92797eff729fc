#include "support/shared_data.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

namespace migrate::test {

std::optional<std::string> shared_data(const std::string& relative) {
    const std::filesystem::path path =
        std::filesystem::path(MIGRATE_SOURCE_DIR).parent_path() / "shared" / "data" / relative;
    if (std::filesystem::exists(path)) {
        return path.string();
    }
    WARN("skipped: there is no " << path.string());
    return std::nullopt;
}

}  // namespace migrate::test
