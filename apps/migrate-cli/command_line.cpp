#include "command_line.hpp"

#include <algorithm>

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include "option.hpp"
#include "printable.hpp"
#include "suggestion.hpp"
#include "usage_error.hpp"

namespace migrate::cli {

namespace {

namespace po = boost::program_options;
using Values = std::vector<std::string>;

/// A flag may stand alone or as --flag=false; Boost wants one form, so the lone one gets its value. Short
/// spellings become the long ones.
Values spelled_out(const Values& arguments) {
    Values out;
    bool options_end = false;
    for (const std::string& argument : arguments) {
        options_end = options_end || argument == "--";
        std::string text = argument == "-h" ? "--help" : argument == "-q" ? "--quiet" : argument;
        text = text == "-v" ? "--verbose" : text;
        const OptionSpec* option =
            !options_end && text.starts_with("--") ? find_option(std::string_view(text).substr(2)) : nullptr;
        out.push_back(option != nullptr && option->kind == OptionKind::flag ? text + "=true" : text);
    }
    return out;
}

[[noreturn]] void unknown_option(const Command& command, const std::string& given) {
    std::string name = given;
    name.erase(0, name.find_first_not_of('-'));
    const std::string hint = did_you_mean(name, option_names(command), "--");
    usage_error(fmt::format("{} has no option {}", command.name, printable(given)),
                hint.empty() ? fmt::format("`migrate-cli {} --help` lists its options", command.name) : hint);
}

void parse_options(const Command& command, const Values& arguments, CommandLine& line) {
    po::options_description options;
    for (const std::string& name : option_names(command)) {
        options.add_options()(name.c_str(), po::value<Values>()->composing());
    }
    options.add_options()("argument", po::value<Values>()->composing());
    po::positional_options_description positional;
    positional.add("argument", -1);
    const int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    try {
        const auto parsed =
            po::command_line_parser(arguments).options(options).positional(positional).style(style).run();
        for (const po::option& option : parsed.options) {
            Values& values =
                option.string_key == "argument" ? line.arguments : line.options[option.string_key];
            values.insert(values.end(), option.value.begin(), option.value.end());
        }
    } catch (const po::unknown_option& error) {
        unknown_option(command, error.get_option_name());
    } catch (const po::error& error) {
        usage_error(printable(error.what()),
                    fmt::format("`migrate-cli {} --help` shows how it is written", command.name));
    }
}

const Command& command_of(const std::string& name) {
    if (const Command* command = find_command(name)) {
        return *command;
    }
    Values names;
    for (const Command& command : all_commands()) {
        names.emplace_back(command.name);
    }
    if (name.starts_with("-")) {
        usage_error(fmt::format("{} stands where the command is expected", printable(name)),
                    "the command comes first: migrate-cli COMMAND [OPTIONS]");
    }
    const std::string hint = did_you_mean(name, names);
    usage_error(fmt::format("there is no command \"{}\"", printable(name)),
                hint.empty() ? "`migrate-cli --help` lists the commands" : hint);
}

}  // namespace

CommandLine parse_command_line(const Values& arguments) {
    CommandLine line;
    if (arguments.empty()) {
        usage_error("no command was given", "`migrate-cli --help` lists the commands");
    }
    const std::string& first = arguments.front();
    line.version = first == "--version";
    line.help = first == "--help" || first == "-h" || first == "help";
    if (line.help && arguments.size() > 1) {
        line.command = &command_of(arguments[1]);
    }
    if (line.version || line.help) {
        return line;
    }
    line.command = &command_of(first);
    parse_options(*line.command, spelled_out({arguments.begin() + 1, arguments.end()}), line);
    line.help = line.has("help");
    if (!line.help && line.arguments.size() > line.command->most_arguments) {
        usage_error(fmt::format("{} does not take \"{}\"", line.command->name,
                                printable(line.arguments[line.command->most_arguments])),
                    fmt::format("usage: migrate-cli {} {}", line.command->name, line.command->arguments));
    }
    return line;
}

}  // namespace migrate::cli
