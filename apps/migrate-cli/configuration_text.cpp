#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "configuration.hpp"
#include "option.hpp"
#include "usage_error.hpp"

namespace migrate::cli {

namespace {

/// The value as a YAML scalar: plain where that reads back as the same text.
std::string yaml_scalar(const std::string& value) {
    YAML::Emitter out;
    out << value;
    return out.c_str();
}

/// The text in lines, each with its line feed.
std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size() - 1);
        lines.push_back(text.substr(at, end + 1 - at));
        at = end + 1;
    }
    if (!lines.empty() && !lines.back().ends_with('\n')) {
        lines.back() += '\n';
    }
    return lines;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text += line;
    }
    return text;
}

[[noreturn]] void by_hand(const std::string& path, const std::string& what, const std::string& entry) {
    usage_error(fmt::format("{} writes \"{}\" in a form that only a person can edit", path, what),
                "write there by hand " + entry);
}

/// The scalar's own characters replaced, all around them kept.
void replace_value(std::vector<std::string>& lines, const YAML::Node& value, const std::string& scalar,
                   const std::string& path) {
    if (!value.IsScalar()) {
        by_hand(path, "defaults", scalar);
    }
    std::string& line = lines[static_cast<std::size_t>(value.Mark().line)];
    const auto column = static_cast<std::size_t>(value.Mark().column);
    for (const std::string quote : {"", "\"", "'"}) {
        const std::string written = fmt::format("{0}{1}{0}", quote, value.Scalar());
        if (line.compare(column, written.size(), written) == 0) {
            line.replace(column, written.size(), scalar);
            return;
        }
    }
    by_hand(path, value.Scalar(), scalar);
}

/// As the first entry under the key, so that no comment on another entry is torn from it.
void insert_entry(std::vector<std::string>& lines, const YAML::Node& key, const YAML::Node& value,
                  const std::string& entry, const std::string& path) {
    const auto line = static_cast<std::size_t>(key.Mark().line);
    const std::size_t rest = lines[line].find_first_not_of(" \r\n", lines[line].find(':') + 1);
    if (rest != std::string::npos && lines[line][rest] != '#') {
        by_hand(path, key.Scalar(), entry);
    }
    const bool filled = value.IsMap() && value.size() > 0;
    const int column = filled ? value.begin()->first.Mark().column : key.Mark().column + 2;
    lines.insert(lines.begin() + key.Mark().line + 1,
                 std::string(static_cast<std::size_t>(column), ' ') + entry);
}

}  // namespace

std::string configuration_template() {
    std::string out =
        "# migrate.yaml: read from the working directory, else from $XDG_CONFIG_HOME/migrate/.\n"
        "# The command line and MIGRATE_... variables win over it.\n\n"
        "# Names that --from, --to and `check` take in place of a URI.\n"
        "endpoints:\n"
        "  # app: sqlite:app.db\n"
        "  # warehouse:\n"
        "  #   uri: postgresql://app@db.example/warehouse?schema=app\n"
        "  #   password_env: WAREHOUSE_PASSWORD    # or password_file: ~/.warehouse-password\n"
        "  #   # or password: ..., in a file that only you can read (chmod 600)\n\n"
        "# Defaults for options, as they are spelled on the command line.\n"
        "defaults:\n";
    for (const OptionSpec& option : all_options()) {
        if (!option.per_run) {
            out += fmt::format("  # {}: {:<{}} # {}\n", option.name,
                               option.fallback.empty() ? "..." : option.fallback,
                               20 - option.name.size() % 20, option.help);
        }
    }
    return out;
}

std::string with_default(const std::string& text, const std::string& path, const std::string& name,
                         const std::string& value) {
    const YAML::Node root = YAML::Load(text);
    const std::string scalar = yaml_scalar(value);
    std::vector<std::string> lines = lines_of(text);
    for (const auto& member : root) {
        if (member.first.Scalar() != "defaults") {
            continue;
        }
        for (const auto& present : member.second) {
            if (present.first.Scalar() == name) {
                replace_value(lines, present.second, scalar, path);
                return joined(lines);
            }
        }
        insert_entry(lines, member.first, member.second, fmt::format("{}: {}\n", name, scalar), path);
        return joined(lines);
    }
    return joined(lines) + fmt::format("defaults:\n  {}: {}\n", name, scalar);
}

}  // namespace migrate::cli
