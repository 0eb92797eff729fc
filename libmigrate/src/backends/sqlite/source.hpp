#pragma once

#include <memory>

#include "backend/backend.hpp"

namespace migrate::backends::sqlite {

/// Throws: as Backend::open_source.
std::unique_ptr<backend::Source> make_source(const Endpoint& endpoint, const backend::OpenContext& context);

}  // namespace migrate::backends::sqlite
