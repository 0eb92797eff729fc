#pragma once

#include <cstdint>
#include <vector>

#include "backends/json/table_shape.hpp"

namespace migrate::backends::json {

/// Reads the records again and counts the rows of the last shape of the chain, by another way than the
/// readers' cursor: arrays are counted, not walked.
std::uint64_t count_rows(const Collection& collection, const std::vector<const TableShape*>& chain,
                         const DocumentOptions& options);

}  // namespace migrate::backends::json
