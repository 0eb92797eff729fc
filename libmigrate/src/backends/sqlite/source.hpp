#pragma once

#include <memory>

#include "backend/backend.hpp"
#include "backend/staged_digests.hpp"

namespace migrate::backends::sqlite {

/// `stored`, if there is one, gets the digests of tables that are read whole. Throws: as
/// Backend::open_source.
std::unique_ptr<backend::Source> make_source(const Endpoint& endpoint, const backend::OpenContext& context,
                                             std::shared_ptr<backend::StagedDigests> stored = nullptr);

}  // namespace migrate::backends::sqlite
