#pragma once

#include <migrate/verification.hpp>

#include "migrator/context.hpp"

namespace migrate {

/// Two endpoints, read and compared; rows are listed when `rows` is given.
VerificationReport compare_endpoints(const MigratorContext& context, const VerifyRequest& request,
                                     std::uint64_t max_rows, DiffReport* rows);

CheckReport check_endpoint(const MigratorContext& context, const Endpoint& endpoint);

}  // namespace migrate
