#pragma once

#include <string>
#include <vector>

#include <migrate/chunk.hpp>

#include "backends/postgresql/copy_decoder.hpp"
#include "backends/postgresql/physical_column.hpp"

namespace migrate::backends::postgresql {

/// The last block a heap can have: a chunk that goes so far has no upper bound, because a table may have
/// grown since its size was asked for.
inline constexpr std::int64_t k_last_block = 4294967294;

/// Where a table's rows are on the server.
struct ScanTarget {
    QualifiedName relation;
    bool with_children = false;  ///< A partitioned table as a whole; otherwise ONLY is said.
};

/// The SELECT that reads what the spec asks for; `physical` are the relation's columns as the server has
/// them. Fills `decodings` with one entry per column of the spec. Throws: Error{not_found} for a column that
/// is not there.
std::string scan_select(const ScanSpec& spec, const ScanTarget& target,
                        const std::vector<PhysicalColumn>& physical, std::vector<ColumnDecoding>& decodings);

/// FROM "s"."t" or FROM ONLY "s"."t".
std::string from_clause(const ScanTarget& target);

}  // namespace migrate::backends::postgresql
