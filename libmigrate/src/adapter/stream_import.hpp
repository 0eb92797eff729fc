#pragma once

#include <migrate/adapter.hpp>
#include <migrate/endpoint.hpp>
#include <migrate/migration_result.hpp>
#include <migrate/plan_options.hpp>
#include <migrate/row_stream.hpp>

#include "backend/capabilities.hpp"
#include "backend/target.hpp"

namespace migrate::adapter {

/// Where a stream goes.
struct ImportTarget {
    backend::Target& target;
    const backend::Capabilities& can;
    Endpoint endpoint;
};

/// Plans, stages, verifies and shows a stream's tables; see MigrationAdapter::import_data.
MigrationResult import_stream(RowStream& rows, const ImportTarget& to, const PlanOptions& options,
                              const AdapterConfig& config);

}  // namespace migrate::adapter
