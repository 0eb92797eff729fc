#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "command.hpp"
#include "option.hpp"

namespace migrate::cli {

namespace {

constexpr std::size_t k_indent = 27;
constexpr std::size_t k_width = 100;

/// Words set in lines of k_width, the lines after the first indented.
std::string wrapped(std::string_view text, std::size_t column) {
    std::string out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const bool first = out.empty();
        if (!first && column + 1 + end > k_width) {
            out += "\n" + std::string(k_indent, ' ');
            column = k_indent;
        } else if (!first) {
            out += ' ';
            ++column;
        }
        out += text.substr(0, end);
        column += end;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::string option_line(const OptionSpec& option) {
    std::string left = fmt::format("  --{}", option.name);
    if (!option.argument.empty()) {
        left += fmt::format(" {}", option.argument);
    }
    std::string help(option.help);
    const std::vector<std::string> choices = choices_of(option);
    const bool says_all = std::all_of(choices.begin(), choices.end(), [&](const std::string& choice) {
        return help.find(choice) != std::string::npos;
    });
    if (!says_all) {
        help += fmt::format(" ({})", fmt::join(choices, ", "));
    }
    if (!option.fallback.empty() && option.kind != OptionKind::flag) {
        help += fmt::format(" [{}]", option.fallback);
    }
    const std::string gap(left.size() + 1 < k_indent ? k_indent - left.size() : 1, ' ');
    return left + gap + wrapped(help, std::max(left.size() + 1, k_indent)) + "\n";
}

}  // namespace

std::string help_text() {
    std::string out =
        "migrate-cli moves a whole database between SQLite, PostgreSQL and JSON, and proves it.\n\n"
        "Usage: migrate-cli COMMAND [OPTIONS]\n\nCommands:\n";
    for (const Command& command : all_commands()) {
        out += fmt::format("  {:<10} {}\n", command.name, command.summary);
    }
    out +=
        "\nAn endpoint E is a URI (sqlite:app.db, postgresql://user@host/db?schema=app, json:dir/), a path\n"
        "whose kind is told by its content, or a name from the configuration file. A password comes from "
        "the\n"
        "configuration, the environment (PGPASSWORD), ~/.pgpass or a service file, never from the command "
        "line.\n\n"
        "migrate-cli COMMAND --help   a command's options and examples\n"
        "migrate-cli --version        versions of the tool and of what it stands on\n\n"
        "Exit codes: 0 done and verified, 1 internal error, 2 usage, 3 refused, nothing changed, 4 differs,\n"
        "5 finished with something left out, 6 interrupted or failed part-way, 7 unreachable or permission\n"
        "denied, 8 locked by another migration.\n";
    return out;
}

std::string help_text(const Command& command) {
    std::string out = fmt::format("Usage: migrate-cli {} {}{}[OPTIONS]\n\n{}.\n", command.name,
                                  command.arguments, command.arguments.empty() ? "" : " ", command.summary);
    if (!command.details.empty()) {
        out += fmt::format("\n{}\n", command.details);
    }
    constexpr std::array k_titles{
        std::pair{OptionGroup::sides, "Endpoints"},    std::pair{OptionGroup::run, "Run"},
        std::pair{OptionGroup::content, "Content"},    std::pair{OptionGroup::json, "JSON endpoints"},
        std::pair{OptionGroup::resource, "Resources"}, std::pair{OptionGroup::output, "Output"},
        std::pair{OptionGroup::general, "General"},
    };
    const auto names = option_names(command);
    for (const auto& [group, title] : k_titles) {
        std::string lines;
        for (const OptionSpec& option : all_options()) {
            if (option.group == group && std::find(names.begin(), names.end(), option.name) != names.end()) {
                lines += option_line(option);
            }
        }
        if (!lines.empty()) {
            out += fmt::format("\n{}:\n{}", title, lines);
        }
    }
    out += "\nExamples:\n";
    for (const std::string_view example : command.examples) {
        out += fmt::format("  {}\n", example);
    }
    return out;
}

}  // namespace migrate::cli
