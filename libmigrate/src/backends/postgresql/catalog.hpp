#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "backend/source.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// Reads the whole catalog of the session's database in a handful of set-based queries.
/// `schemas`: to read; empty = all but the system's and this library's own.
backend::SchemaReading read_catalog(session::PostgresqlSession& session,
                                    const std::vector<std::string>& schemas,
                                    const backend::SchemaRequest& request);

/// Table::properties that this backend sets and understands.
namespace property {
inline constexpr const char* k_partition_key = "partition_by";  ///< "RANGE (day)": a partitioned root.
inline constexpr const char* k_inherits = "inherits";           ///< Qualified, quoted parents.
inline constexpr const char* k_unlogged = "unlogged";
inline constexpr const char* k_options = "storage_parameters";
inline constexpr const char* k_row_security = "row_security";  ///< "enabled" or "forced".
// Of columns:
inline constexpr const char* k_storage = "storage";
inline constexpr const char* k_sequence_not_owned = "sequence_not_owned";
inline constexpr const char* k_domain = "domain";
inline constexpr const char* k_sequence_type = "sequence_type";
}  // namespace property

}  // namespace migrate::backends::postgresql
