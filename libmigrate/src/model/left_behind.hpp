#pragma once

#include <vector>

#include <migrate/schema.hpp>

#include "model/name_list.hpp"

namespace migrate::model {

// Schema::properties that tell a target which names the source's own SQL may still speak of: pairs of schema
// and name.
inline constexpr const char* k_excluded_names = "excluded_names";  ///< Left out as asked.
inline constexpr const char* k_former_names = "former_names";      ///< Of tables that are named anew.

inline std::vector<QualifiedName> names_of(const Schema& schema, const char* property) {
    std::vector<QualifiedName> names;
    const auto found = schema.properties.find(property);
    const std::vector<std::string> list =
        found == schema.properties.end() ? std::vector<std::string>() : read_name_list(found->second);
    for (std::size_t i = 0; i + 1 < list.size(); i += 2) {
        names.push_back({list[i], list[i + 1]});
    }
    return names;
}

inline void set_names(Schema& schema, const char* property, const std::vector<QualifiedName>& names) {
    std::vector<std::string> list;
    for (const QualifiedName& name : names) {
        list.push_back(name.schema);
        list.push_back(name.name);
    }
    schema.properties[property] = write_name_list(list);
}

}  // namespace migrate::model
