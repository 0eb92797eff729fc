#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace migrate::tests {

/// One line of ARCHITECTURE.md's include table: a folder of libmigrate/src and what its files may include
/// besides the standard library, its own folder and the public headers of `base`.
struct ModuleRule {
    std::string_view module;
    std::vector<std::string_view> modules;        ///< And with each of them its public headers.
    std::vector<std::string_view> third_parties;  ///< Besides third_parties_for_all().
};

/// The module that a public header speaks for.
struct PublicHeader {
    std::string_view name;  ///< Without folder and suffix.
    std::string_view module;
};

/// What an include in angle brackets belongs to, by how it begins.
struct ThirdParty {
    std::string_view prefix;
    std::string_view name;
};

/// The table, as data; the longest module name that a path begins with is its module.
std::span<const ModuleRule> module_rules();
std::span<const std::string_view> third_parties_for_all();
std::span<const PublicHeader> public_headers();
std::span<const ThirdParty> third_parties();

}  // namespace migrate::tests
