#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <migrate/finding.hpp>
#include <migrate/schema.hpp>

/// How tables that are adopted for a target meet the tables that the target has already. Pure.
namespace migrate::mapping {

/// The index of the name's counterpart: the same name, else the only one that differs in the case of letters,
/// else the only one that differs in how its words are joined ("orderItems", "order_items"). A schema is
/// never another one.
std::optional<std::size_t> match_name(const std::vector<QualifiedName>& names, const QualifiedName& wanted);

/// Makes an adopted table say how its rows go into a table that exists: name, keys and columns become the
/// existing table's, in the adopted table's own order. A column that is ignored becomes hidden: it is not
/// copied. Blockers name columns that have no counterpart, and columns that must have a value and get none.
/// `source` names the table and columns as the user knows them.
void load_into(const Table& source, const Table& existing, const std::vector<std::string>& ignore,
               Table& adopted, std::vector<Finding>& findings);

}  // namespace migrate::mapping
