#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace migrate::cli {

/// A value that the file gives an option.
struct ConfiguredValue {
    std::vector<std::string> values;
    int line = 0;  ///< From 1.
};

/// A named endpoint, with where its password is.
struct ConfiguredEndpoint {
    std::string name;
    std::string uri;
    std::string password;
    std::string password_env;   ///< Name of a variable.
    std::string password_file;  ///< Path; its first line counts.
    int line = 0;               ///< From 1.
};

/// What migrate.yaml says. A plain value; empty where there is no file.
struct Configuration {
    std::string path;  ///< Empty if there is no file.
    std::vector<ConfiguredEndpoint> endpoints;
    std::map<std::string, ConfiguredValue> defaults;  ///< By option name, checked.

    [[nodiscard]] const ConfiguredEndpoint* find_endpoint(std::string_view name) const noexcept;
    /// "migrate.yaml, line 3".
    [[nodiscard]] std::string where(int line) const;
};

/// The file that applies: the one asked for, MIGRATE_CONFIG, ./migrate.yaml, then the one in the XDG
/// configuration directory. Empty if there is none. Throws: Error{usage} where one was asked for and is not
/// there.
std::string find_configuration(const std::optional<std::string>& asked);

/// Reads the file; an empty path gives an empty configuration.
/// Throws: Error{usage} naming file and line, for YAML that does not parse, unknown or repeated keys, values
/// an option cannot have, and a password in a file that others can read.
Configuration read_configuration(const std::string& path);

/// A commented file to start from.
std::string configuration_template();

/// The file's text with `name` under `defaults` set to the value, everything else as it was.
/// Throws: Error{usage} where the present value is written in more than one line.
std::string with_default(const std::string& text, const std::string& path, const std::string& name,
                         const std::string& value);

}  // namespace migrate::cli
