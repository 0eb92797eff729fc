#pragma once

#include <memory>

#include "backend/backend.hpp"

namespace migrate::backends::postgresql {

std::unique_ptr<backend::Target> open_postgresql_target(const Endpoint& endpoint,
                                                        const backend::OpenContext& context);

}  // namespace migrate::backends::postgresql
