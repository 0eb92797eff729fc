#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <migrate/schema.hpp>

namespace migrate::model {

/// The first of the names that a statement of PostgreSQL's catalog speaks of: as schema.name, or as the text
/// of a regclass. Names without their schema are not found: the catalog prints none where search_path is
/// empty.
std::optional<QualifiedName> find_mention(std::string_view sql, const std::set<QualifiedName>& names);

/// The same in the text of a function, where a name may stand alone.
std::optional<QualifiedName> find_mention_in_body(std::string_view sql, const std::set<QualifiedName>& names);

}  // namespace migrate::model
