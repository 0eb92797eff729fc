#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/schema.hpp>

namespace migrate::backends::postgresql {

/// PostgreSQL cuts longer names off; the server is always built with this limit in practice.
inline constexpr std::size_t k_max_identifier_bytes = 63;
/// Every table has them; no other column may be called so.
inline constexpr std::array<std::string_view, 6> k_system_columns = {"tableoid", "xmin", "cmin",
                                                                     "xmax",     "cmax", "ctid"};

/// Always in double quotes. Throws: Error{usage} for an empty name, NUL or invalid UTF-8.
std::string quote_identifier(std::string_view name);
/// "schema"."name"; without a schema just the name.
std::string quote_name(std::string_view schema, std::string_view name);
std::string quote_name(const QualifiedName& name);
/// Back from schema.name in either spelling, quoted or folded already; the schema is empty if there is none.
QualifiedName parse_name(std::string_view sql);
/// The parts of a list of names in SQL, separated by commas, each as it is spelled.
std::vector<std::string> split_names(std::string_view list);
/// ("a", "b")
std::string quote_list(const std::vector<std::string>& names);
/// 'text', or E'te\\xt' where it holds a backslash. Throws: Error{usage} for NUL.
std::string quote_literal(std::string_view text);

/// A name of at most 63 bytes: the name itself, or its beginning (cut between characters) and a hash of all
/// of it, so that the same long name is shortened the same way every time.
std::string fit_identifier(const std::string& name);

/// The advisory lock key of a text, the same on every host.
std::int64_t advisory_key(std::string_view text);

}  // namespace migrate::backends::postgresql
