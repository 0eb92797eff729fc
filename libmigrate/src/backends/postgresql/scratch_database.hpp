#pragma once

#include <memory>

#include "backend/backend.hpp"

namespace migrate::backends::postgresql {

/// A new database on the same server: the same encoding, collation, settings, schemas and extensions as the
/// one it is like. Nobody but its owner may connect to it, but whoever is in it may make things in its
/// schemas.
std::unique_ptr<backend::Scratch> make_scratch_database(const Endpoint& like,
                                                        const backend::OpenContext& context);

}  // namespace migrate::backends::postgresql
