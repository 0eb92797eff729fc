#pragma once

#include <cstdint>
#include <vector>

#include <migrate/verification.hpp>

#include "backend/source.hpp"
#include "verify/compare.hpp"
#include "verify/digest_scan.hpp"

namespace migrate::verify {

/// The rows in which a pair of tables differs, by primary key (by the whole row where there is none), in key
/// order; at most max_rows. Memory is bounded: rows are localised by hash buckets first. `truncated` is set
/// when there are more.
std::vector<RowDifference> differing_rows(backend::Source& a, backend::Source& b, const TablePair& pair,
                                          std::uint64_t max_rows, const ScanContext& context,
                                          bool& truncated);

}  // namespace migrate::verify
