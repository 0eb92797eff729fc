#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "command_line.hpp"
#include "configuration.hpp"

namespace migrate::cli {

/// One option's value and where it came from.
struct Setting {
    enum class Origin : std::uint8_t { fallback, file, environment, command_line };
    Origin origin = Origin::fallback;
    std::string where;                ///< "default", "migrate.yaml, line 3", "MIGRATE_LEVEL"…
    std::vector<std::string> values;  ///< Empty where it has none.
};

/// Every option resolved: command line over environment over file over built-in default.
class Settings {
  public:
    /// Throws: Error{usage} for a value an option cannot have, naming where it was given.
    Settings(const CommandLine& line, const Configuration& configuration);

    /// Requires: an option of that name.
    [[nodiscard]] const Setting& at(const std::string& option) const;
    [[nodiscard]] bool on_command_line(const std::string& option) const;
    [[nodiscard]] bool is_set(const std::string& option) const { return !at(option).values.empty(); }

    /// Empty if it has no value.
    [[nodiscard]] std::string text(const std::string& option) const;
    [[nodiscard]] bool flag(const std::string& option) const;
    /// 0 if it has no value.
    [[nodiscard]] std::uint64_t count(const std::string& option) const;
    [[nodiscard]] const std::vector<std::string>& list(const std::string& option) const;

  private:
    std::map<std::string, Setting> m_settings;
};

/// Whether a command that shows what it would do first is to do it. Throws: Error{usage} where both were
/// asked for.
bool asked_to_execute(const Settings& settings);

}  // namespace migrate::cli
