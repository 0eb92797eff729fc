#include "configuration.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "files.hpp"
#include "option.hpp"
#include "printable.hpp"
#include "problem_list.hpp"
#include "suggestion.hpp"
#include "usage_error.hpp"

namespace migrate::cli {

namespace {

constexpr const char* k_file = "configuration file";

int line_of(const YAML::Node& node) {
    return node.Mark().line + 1;
}

class Reader {
  public:
    explicit Reader(Configuration& configuration) : m_configuration(configuration) {}

    void read(const YAML::Node& root) {
        m_problems.attempt([&] {
            for (const auto& member : members(root, "", {"endpoints", "defaults"})) {
                m_problems.attempt([&] {
                    if (member.first == "endpoints") {
                        read_endpoints(member.second);
                    } else {
                        read_defaults(member.second);
                    }
                });
            }
        });
        m_problems.raise("mend the file, or name another with --config");
    }

  private:
    using Members = std::vector<std::pair<std::string, YAML::Node>>;

    [[noreturn]] void fail(const YAML::Node& node, const std::string& message,
                           const std::string& next_step = {}) const {
        usage_error(fmt::format("{}: {}", m_configuration.where(line_of(node)), message), next_step);
    }

    /// A mapping's members in order, each once; with `known`, no others than these.
    Members members(const YAML::Node& node, const std::string& of, const std::vector<std::string>& known) {
        if (node.IsNull()) {
            return {};
        }
        if (!node.IsMap()) {
            fail(node, fmt::format("{} must be a mapping of names to values", of.empty() ? "the file" : of));
        }
        Members out;
        std::set<std::string> seen;
        for (const auto& member : node) {
            const std::string key = member.first.IsScalar() ? member.first.Scalar() : std::string();
            m_problems.attempt([&] {
                if (!known.empty() && std::find(known.begin(), known.end(), key) == known.end()) {
                    const std::string hint = did_you_mean(key, known);
                    fail(member.first, fmt::format("unknown key \"{}\"", printable(key)),
                         hint.empty() ? fmt::format("known here: {}", fmt::join(known, ", ")) : hint);
                }
                if (!seen.insert(key).second) {
                    fail(member.first, fmt::format("\"{}\" is given twice", printable(key)));
                }
                out.emplace_back(key, member.second);
            });
        }
        return out;
    }

    std::string scalar(const YAML::Node& node, const std::string& what) const {
        if (!node.IsScalar()) {
            fail(node, fmt::format("{} must be one value", what));
        }
        return node.Scalar();
    }

    void read_endpoints(const YAML::Node& node) {
        for (const auto& member : members(node, "endpoints", {})) {
            m_problems.attempt([&] { add_endpoint(member.first, member.second); });
        }
    }

    void add_endpoint(const std::string& name, const YAML::Node& value) {
        ConfiguredEndpoint endpoint;
        endpoint.name = name;
        endpoint.line = line_of(value);
        if (value.IsScalar()) {
            endpoint.uri = value.Scalar();
        } else {
            read_endpoint(value, endpoint);
        }
        if (endpoint.uri.empty()) {
            fail(value, fmt::format("endpoint \"{}\" has no uri", printable(name)));
        }
        m_configuration.endpoints.push_back(endpoint);
    }

    void read_endpoint(const YAML::Node& node, ConfiguredEndpoint& endpoint) {
        int passwords = 0;
        for (const auto& [key, value] :
             members(node, fmt::format("endpoint \"{}\"", printable(endpoint.name)),
                     {"uri", "password", "password_env", "password_file"})) {
            std::string& field = key == "uri"            ? endpoint.uri
                                 : key == "password"     ? endpoint.password
                                 : key == "password_env" ? endpoint.password_env
                                                         : endpoint.password_file;
            field = scalar(value, key);
            passwords += key == "uri" ? 0 : 1;
        }
        if (passwords > 1) {
            fail(node, fmt::format("endpoint \"{}\" has more than one password", printable(endpoint.name)),
                 "keep one of password, password_env and password_file");
        }
        if (!endpoint.password.empty() && readable_by_others(m_configuration.path)) {
            fail(node, "the file holds a password and can be read by others",
                 fmt::format("run: chmod 600 {}", printable(m_configuration.path)));
        }
    }

    void read_defaults(const YAML::Node& node) {
        std::vector<std::string> known;
        for (const OptionSpec& option : all_options()) {
            if (!option.per_run) {
                known.emplace_back(option.name);
            }
        }
        for (const auto& member : members(node, "defaults", known)) {
            m_problems.attempt([&] { read_default(member.first, member.second); });
        }
    }

    void read_default(const std::string& name, const YAML::Node& value) {
        const OptionSpec& option = *find_option(name);
        ConfiguredValue& configured = m_configuration.defaults[name];
        configured.line = line_of(value);
        const std::string origin = fmt::format("{}: {}", m_configuration.where(configured.line), name);
        const bool many = option.kind == OptionKind::list || option.kind == OptionKind::repeat;
        if (value.IsSequence() && many) {
            for (const auto& item : value) {
                configured.values.push_back(scalar(item, "each item"));
            }
        } else {
            configured.values = read_values(option, scalar(value, name), origin);
        }
    }

    Configuration& m_configuration;
    ProblemList m_problems;
};

}  // namespace

const ConfiguredEndpoint* Configuration::find_endpoint(std::string_view name) const noexcept {
    const auto at = std::find_if(endpoints.begin(), endpoints.end(),
                                 [&](const ConfiguredEndpoint& endpoint) { return endpoint.name == name; });
    return at == endpoints.end() ? nullptr : &*at;
}

std::string Configuration::where(int line) const {
    return fmt::format("{}, line {}", printable(path), line);
}

std::string find_configuration(const std::optional<std::string>& asked) {
    const char* variable = std::getenv("MIGRATE_CONFIG");
    const bool from_variable = !asked && variable != nullptr && *variable != '\0';
    if (asked || from_variable) {
        std::string path = asked ? *asked : variable;
        if (!file_exists(path)) {
            usage_error(fmt::format("there is no configuration file {}", printable(path)),
                        asked ? "give --config a file that exists" : "mend or unset MIGRATE_CONFIG");
        }
        return path;
    }
    if (file_exists("migrate.yaml")) {
        return "migrate.yaml";
    }
    const std::string directory = configuration_directory();
    const std::string path = directory + "/migrate.yaml";
    return !directory.empty() && file_exists(path) ? path : std::string();
}

Configuration read_configuration(const std::string& path) {
    Configuration configuration;
    configuration.path = path;
    if (path.empty()) {
        return configuration;
    }
    const std::string text = read_file(path, k_file);
    try {
        Reader(configuration).read(YAML::Load(text));
    } catch (const YAML::Exception& error) {
        usage_error(fmt::format("{}: {}", configuration.where(error.mark.line + 1), printable(error.msg)),
                    "mend the file, or name another with --config");
    }
    return configuration;
}

}  // namespace migrate::cli
