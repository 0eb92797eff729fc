#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "backend/kept_code.hpp"
#include "backend/source.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// Reads the whole catalog of the session's database in a handful of set-based queries.
/// `schemas`: to read; empty = all but the system's and this library's own. `pattern`: only tables and
/// sequences whose names match this regular expression; nullopt = all but this library's own.
backend::SchemaReading read_catalog(session::PostgresqlSession& session,
                                    const std::vector<std::string>& schemas,
                                    const backend::SchemaRequest& request,
                                    const std::optional<std::string>& pattern = std::nullopt);

/// Table::properties that this backend sets and understands.
namespace property {
inline constexpr const char* k_partition_key = "partition_by";  ///< "RANGE (day)": a partitioned root.
inline constexpr const char* k_inherits = "inherits";           ///< Qualified, quoted parents.
/// Its columns and checks are its parents' where they are marked so, in an order that INHERITS makes.
inline constexpr const char* k_inherits_columns = "inherits_columns";
inline constexpr const char* k_inherited_checks = "inherited_checks";  ///< Quoted names.
inline constexpr const char* k_unlogged = "unlogged";
inline constexpr const char* k_options = "storage_parameters";
inline constexpr const char* k_row_security = "row_security";  ///< "enabled" or "forced".
// Of columns:
inline constexpr const char* k_storage = "storage";
inline constexpr const char* k_inherited = "inherited";  ///< From a parent alone.
inline constexpr const char* k_sequence_not_owned = "sequence_not_owned";
inline constexpr const char* k_domain = "domain";
inline constexpr const char* k_sequence_type = "sequence_type";
// Of objects:
inline constexpr const char* k_multirange = "multirange";  ///< Of a range type: qualified, quoted.
inline constexpr const char* k_subtype = "subtype";        ///< Of a range type.
inline constexpr const char* k_roles = "roles";            ///< That the statement names: a list, quoted.
inline constexpr const char* k_owner = "owner";            ///< The role it belongs to.
inline constexpr const char* k_members = "types";          ///< Of an extension: qualified, quoted.
inline constexpr const char* k_run_as = "run_as";  ///< The role that code is made under; "" = the session's.
/// The object describes another one and is nothing by itself: kind and bare name of the other.
inline constexpr const char* k_about_kind = "about_kind";
inline constexpr const char* k_about = "about";
/// Kinds and names, one after the other, of what has to be there for it beside its table: a name list.
inline constexpr const char* k_needs = "needs";
inline constexpr const char* k_signature = "signature";  ///< Of routines and operators, with argument types.
// Of partitions:
inline constexpr const char* k_partition_columns = "columns";  ///< The list in parentheses.
inline constexpr const char* k_partition_bound = "bound";
/// The parent's index and the partition's own that belongs to it, one after the other: a list, quoted.
inline constexpr const char* k_partition_indexes = "indexes";
// Of anything: it calls functions of the database's own, so that making it runs code of the source.
inline constexpr const char* k_calls_code = backend::k_calls_code;
// Of tables, since checks and indexes have no properties of their own: quoted names.
inline constexpr const char* k_checks_call_code = "checks_call_code";
inline constexpr const char* k_indexes_call_code = "indexes_call_code";
}  // namespace property

}  // namespace migrate::backends::postgresql
