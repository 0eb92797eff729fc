#include "unit/architecture/include_check.hpp"

#include <algorithm>
#include <array>
#include <sstream>

#include "unit/architecture/include_table.hpp"

namespace migrate::tests {
namespace {

constexpr std::string_view k_public_prefix = "migrate/";

std::string at(std::string_view path, const Include& include, const std::string& what) {
    std::ostringstream text;
    text << path << ':' << include.line << ": " << what;
    return text.str();
}

bool contains(std::span<const std::string_view> list, std::string_view item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

/// The rule of the module a path is in: the longest name that is a folder of it. "" is the facade.
const ModuleRule& rule_of(std::string_view path) {
    const ModuleRule* best = nullptr;
    for (const ModuleRule& rule : module_rules()) {
        const bool inside = rule.module.empty()
                                ? path.find('/') == std::string_view::npos
                                : path == rule.module || path.starts_with(std::string(rule.module) + '/');
        if (inside && (best == nullptr || rule.module.size() > best->module.size())) {
            best = &rule;
        }
    }
    if (best == nullptr) {
        static const ModuleRule k_unknown{"(a folder that is not in the include table)", {}, {}};
        return k_unknown;
    }
    return *best;
}

std::string_view module_of_public(std::string_view path) {
    std::string_view name = path.substr(k_public_prefix.size());
    name = name.substr(0, name.find('.'));
    for (const PublicHeader& header : public_headers()) {
        if (header.name == name) {
            return header.module;
        }
    }
    // The adapters and whatever else is named after its module.
    return name.ends_with("adapter") || name == "row_stream" ? "adapter" : std::string_view{};
}

bool is_standard(std::string_view path) {
    return path.find('.') == std::string_view::npos && path.find('/') == std::string_view::npos;
}

/// "" for the standard library, a name of the table, or "posix" for any other header of the system.
std::string_view third_party_of(std::string_view path) {
    for (const ThirdParty& party : third_parties()) {
        if (path.starts_with(party.prefix)) {
            return party.name;
        }
    }
    return is_standard(path) ? std::string_view{} : "posix";
}

bool may_use(const ModuleRule& rule, std::string_view module) {
    return module == "base" || module == rule.module || contains(rule.modules, module);
}

std::string refusal(const ModuleRule& rule, const Include& include) {
    const std::string module = rule.module.empty() ? "the facade" : std::string(rule.module);
    if (include.quoted) {
        const ModuleRule& other = rule_of(include.path);
        if (include.path.find('/') == std::string::npos) {
            return "\"" + include.path + "\" is not a path from libmigrate/src";
        }
        return may_use(rule, other.module) ? "" : module + " may not include " + std::string(other.module);
    }
    if (include.path.starts_with(k_public_prefix)) {
        const std::string_view other = module_of_public(include.path);
        if (other.empty()) {
            return "<" + include.path + "> is not in the table of public headers";
        }
        return may_use(rule, other) ? ""
                                    : module + " may not include <" + include.path + ">, which speaks for " +
                                          std::string(other);
    }
    const std::string_view party = third_party_of(include.path);
    const bool fine =
        party.empty() || contains(third_parties_for_all(), party) || contains(rule.third_parties, party);
    return fine ? "" : module + " may not include <" + include.path + "> (" + std::string(party) + ")";
}

}  // namespace

std::vector<Include> includes_of(std::string_view text) {
    std::vector<Include> includes;
    std::istringstream lines{std::string(text)};
    std::string line;
    for (std::size_t number = 1; std::getline(lines, line); ++number) {
        constexpr std::string_view k_directive = "#include ";
        if (!line.starts_with(k_directive)) {
            continue;
        }
        const std::string_view rest = std::string_view(line).substr(k_directive.size());
        const bool quoted = rest.starts_with('"');
        const std::size_t end = rest.find(quoted ? '"' : '>', 1);
        if (end != std::string_view::npos) {
            includes.push_back({std::string(rest.substr(1, end - 1)), quoted, number});
        }
    }
    return includes;
}

std::vector<std::string> private_violations(std::string_view path, std::string_view text) {
    std::vector<std::string> found;
    const ModuleRule& rule = rule_of(path);
    for (const Include& include : includes_of(text)) {
        const std::string why = refusal(rule, include);
        if (!why.empty()) {
            found.push_back(at(path, include, why));
        }
    }
    return found;
}

std::vector<std::string> public_violations(std::string_view path, std::string_view text) {
    std::vector<std::string> found;
    // The one header that is for hosts that use SOCI themselves.
    const bool may_show_soci = path == "soci.hpp";
    for (const Include& include : includes_of(text)) {
        const bool fine =
            !include.quoted && (include.path.starts_with(k_public_prefix) || is_standard(include.path) ||
                                (may_show_soci && include.path.starts_with("soci/")));
        if (!fine) {
            found.push_back(at(path, include, "a public header may not include " + include.path));
        }
    }
    return found;
}

std::vector<std::string> user_violations(std::string_view path, std::string_view text) {
    constexpr std::array<std::string_view, 2> k_inside = {"libmigrate/", "../"};
    std::vector<std::string> found;
    for (const Include& include : includes_of(text)) {
        const bool reaches_in = std::any_of(k_inside.begin(), k_inside.end(), [&](std::string_view part) {
            return include.path.find(part) != std::string::npos;
        });
        if (reaches_in) {
            found.push_back(at(path, include, "only public headers: " + include.path));
        }
    }
    return found;
}

}  // namespace migrate::tests
