#pragma once

#include <string>
#include <vector>

#include <migrate/plan_options.hpp>

#include "backend/source.hpp"

namespace migrate::plan {

/// A source read with what its provenance and the user say of it, the user's selection applied, its origins
/// attached.
struct SourceReading {
    Schema schema;
    std::vector<Finding> findings;
    std::string provenance_json;  ///< Empty if the source has none that can be read.
    bool provisional = false;     ///< As backend::SchemaReading's.
};

/// Throws: Error of the source; Error{usage} for a table or column of options that does not exist.
SourceReading read_source(backend::Source& source, const PlanOptions& options, bool profile = true);

}  // namespace migrate::plan
