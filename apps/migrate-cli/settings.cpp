#include "settings.hpp"

#include <cstdlib>

#include <migrate/error.hpp>

#include "option.hpp"
#include "usage_error.hpp"

namespace migrate::cli {

namespace {

std::vector<std::string> values_of(const OptionSpec& option, const std::vector<std::string>& texts,
                                   const std::string& origin) {
    std::vector<std::string> values;
    for (const std::string& text : texts) {
        std::vector<std::string> read = read_values(option, text, origin);
        if (option.kind != OptionKind::list && option.kind != OptionKind::repeat) {
            values.clear();  // of a single value given twice, the last one counts
        }
        values.insert(values.end(), read.begin(), read.end());
    }
    return values;
}

Setting resolve(const OptionSpec& option, const CommandLine& line, const Configuration& configuration) {
    const std::string name(option.name);
    if (const auto given = line.options.find(name); given != line.options.end()) {
        return {Setting::Origin::command_line, "command line", values_of(option, given->second, "--" + name)};
    }
    const std::string variable = environment_name(option);
    const char* set = option.per_run ? nullptr : std::getenv(variable.c_str());
    if (set != nullptr && *set != '\0') {
        return {Setting::Origin::environment, variable, values_of(option, {set}, variable)};
    }
    if (const auto found = configuration.defaults.find(name); found != configuration.defaults.end()) {
        return {Setting::Origin::file, configuration.where(found->second.line), found->second.values};
    }
    Setting setting{Setting::Origin::fallback, "default", {}};
    if (!option.fallback.empty()) {
        setting.values = read_values(option, std::string(option.fallback), name);
    }
    return setting;
}

}  // namespace

Settings::Settings(const CommandLine& line, const Configuration& configuration) {
    for (const OptionSpec& option : all_options()) {
        m_settings.emplace(option.name, resolve(option, line, configuration));
    }
}

const Setting& Settings::at(const std::string& option) const {
    const auto found = m_settings.find(option);
    if (found == m_settings.end()) {
        throw Error(ErrorCode::internal, "there is no option " + option);
    }
    return found->second;
}

bool Settings::on_command_line(const std::string& option) const {
    return at(option).origin == Setting::Origin::command_line;
}

std::string Settings::text(const std::string& option) const {
    const Setting& setting = at(option);
    return setting.values.empty() ? std::string() : setting.values.front();
}

bool Settings::flag(const std::string& option) const {
    return text(option) == "true";
}

std::uint64_t Settings::count(const std::string& option) const {
    const std::string value = text(option);
    return value.empty() ? 0 : read_count(value, option);
}

const std::vector<std::string>& Settings::list(const std::string& option) const {
    return at(option).values;
}

bool asked_to_execute(const Settings& settings) {
    const bool dry_run =
        settings.flag("preview") || (settings.on_command_line("dry-run") && settings.flag("dry-run"));
    const bool execute = settings.flag("execute") || !settings.flag("dry-run");
    if (dry_run && execute) {
        usage_error("--execute and a dry run were both asked for", "leave one of them out");
    }
    return execute;
}

}  // namespace migrate::cli
