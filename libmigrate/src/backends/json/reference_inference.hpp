#pragma once

#include <vector>

#include <migrate/finding.hpp>

#include "backend/backend.hpp"
#include "backends/json/table_shape.hpp"

namespace migrate::backends::json {

/// Declares foreign keys where a member's name names another table (`customer_id`, `customerId`, `customer`,
/// `{"customer": {"id": …}}`, `tag_ids`) or its own (`parent_id`), and every value of it is a value of that
/// table's key: its primary key, or a member of that name (`country_code` and the code of countries) that all
/// rows have, each another, which becomes a unique key. Names decide what is looked at, values what is
/// declared; where names would allow several tables none is chosen. Each decision goes to the findings.
///
/// Requires: keys are decided. Reads each table concerned once. Memory: a quarter of a MiB for each column
/// concerned, all else waits in temporary files.
void infer_references(backend::Source& source, const backend::OpenContext& context,
                      std::vector<TableShape>& shapes, std::vector<Finding>& findings);

}  // namespace migrate::backends::json
