#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/finding.hpp>
#include <migrate/plan_options.hpp>
#include <migrate/schema.hpp>

namespace migrate::mapping {

/// What the target allows of names.
struct NameRules {
    NamePolicy policy = NamePolicy::preserve;
    bool schemas = false;    ///< False: a schema other than the default becomes a prefix.
    bool fold_case = false;  ///< "A" and "a" are the same name at the target.
    std::string engine;      ///< The target's; a table that came from it gets its former name back.
    std::string schema;      ///< Where the user wants all tables; empty = where they were.
    std::string default_schema = "public";  ///< The source's schema that needs no prefix.
    std::size_t max_bytes = 0;  ///< Longer names end in a suffix made of their hash; 0 = no limit.
    std::span<const std::string_view> reserved_columns{};  ///< Not to be given to any column.
};

/// The source schema with every table and column named as the target will name it, keys and references
/// included; tables keep their order and columns theirs. Expressions keep the source's dialect with the new
/// column names.
struct NamedSchema {
    Schema schema;
    std::vector<Finding> findings;  ///< Names that had to change, and how.
};

NamedSchema name_for_target(const Schema& source, const NameRules& rules);

}  // namespace migrate::mapping
