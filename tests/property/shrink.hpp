#pragma once

#include <functional>

#include "property/database_case.hpp"

namespace migrate::property {

/// Takes away tables, rows, statements, constraints and columns as long as `fails` still says so. Bounded by
/// the number of trials.
DatabaseCase shrink(DatabaseCase failing, const std::function<bool(const DatabaseCase&)>& fails);
DocumentCase shrink(DocumentCase failing, const std::function<bool(const DocumentCase&)>& fails);

}  // namespace migrate::property
