#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <migrate/finding.hpp>
#include <migrate/schema.hpp>

/// How tables that are adopted for a target meet the tables that the target has already. Pure.
namespace migrate::mapping {

/// How far a name may be from its counterpart's.
enum class NameMatch : std::uint8_t {
    letters,  ///< In the case of letters only.
    words,    ///< Also in how its words are joined: "orderItems", "order_items".
};

/// The index of the name's counterpart: the same name, else the only one that differs in the case of letters,
/// else, where that is asked for, the only one that differs in how its words are joined. A schema is never
/// another one.
std::optional<std::size_t> match_name(const std::vector<QualifiedName>& names, const QualifiedName& wanted,
                                      NameMatch match = NameMatch::words);

/// Makes an adopted table say how its rows go into a table that exists: name, keys and columns become the
/// existing table's, in the adopted table's own order. A column that is ignored becomes hidden: it is not
/// copied. Blockers name columns that have no counterpart, that the target computes in another way, and that
/// must have a value and get none.
/// `source` names the table and columns as the user knows them.
void load_into(const Table& source, const Table& existing, const std::vector<std::string>& ignore,
               Table& adopted, std::vector<Finding>& findings);

}  // namespace migrate::mapping
