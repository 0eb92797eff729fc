#pragma once

#include <string>

#include <migrate/endpoint.hpp>
#include <migrate/plan_options.hpp>
#include <migrate/schema.hpp>

#include "backend/capabilities.hpp"
#include "backend/schema_adopter.hpp"
#include "mapping/names.hpp"
#include "mapping/schema_mapping.hpp"

namespace migrate::plan {

/// The database that a schema is said for.
struct TargetTerms {
    const Endpoint& endpoint;
    const backend::Capabilities& can;
    std::string engine;
    bool own_code = false;  ///< As AdoptOptions has it.
};

/// The mapped schema with the target's names, and with the indexes of foreign keys that the options ask for.
mapping::NamedSchema name_at_target(const mapping::MappedSchema& mapped, const PlanOptions& options,
                                    const TargetTerms& terms);

/// The named schema in the target's types and dialect.
backend::Adoption adopt_at_target(backend::SchemaAdopter& target, const mapping::MappedSchema& mapped,
                                  const Schema& named, const PlanOptions& options, const TargetTerms& terms);

}  // namespace migrate::plan
