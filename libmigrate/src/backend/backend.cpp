#include "backend/backend.hpp"

#include <migrate/error.hpp>

namespace migrate::backend {

std::unique_ptr<Scratch> Backend::make_scratch(const Endpoint& like, const OpenContext& /*context*/) const {
    throw Error(ErrorCode::unsupported, "a target of kind " + like.engine + " has no place for rehearsals");
}

}  // namespace migrate::backend
