#pragma once

#include <memory>

#include "backend/backend.hpp"

namespace migrate::backends::sqlite {

/// Throws: as Backend::open_target.
std::unique_ptr<backend::Target> make_target(const Endpoint& endpoint, const backend::OpenContext& context);

}  // namespace migrate::backends::sqlite
