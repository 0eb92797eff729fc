#pragma once

#include <memory>

#include <migrate/schema.hpp>

#include "backend/backend.hpp"

namespace migrate::backends::postgresql {

/// A new database on the same server: the same encoding, collation and extensions as the one it is like, and
/// those of the schemas that `wanted` has tables in. Nobody but its owner may connect to it.
std::unique_ptr<backend::Scratch> make_scratch_database(const Endpoint& like,
                                                        const backend::OpenContext& context,
                                                        const Schema& wanted);

}  // namespace migrate::backends::postgresql
