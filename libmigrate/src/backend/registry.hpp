#pragma once

#include <string_view>
#include <vector>

#include "backend/backend.hpp"

namespace migrate::backend {

/// One engine of this build and the URI schemes that name it.
struct RegisteredBackend {
    const Backend* backend = nullptr;
    std::vector<std::string_view> schemes;
};

/// Every engine of this build; defined in a source file that the build generates from migrate_add_backend().
const std::vector<RegisteredBackend>& builtin_backends();

/// Throws: Error{usage} naming the engines there are.
const Backend& backend_named(std::string_view engine);

}  // namespace migrate::backend
