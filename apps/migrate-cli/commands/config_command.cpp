#include <algorithm>

#include <fmt/format.h>

#include "command.hpp"
#include "files.hpp"
#include "json_document.hpp"
#include "option.hpp"
#include "plan_settings.hpp"
#include "printable.hpp"
#include "run.hpp"
#include "suggestion.hpp"
#include "text_render.hpp"
#include "usage_error.hpp"

namespace migrate::cli {

namespace {

std::string password_of(const ConfiguredEndpoint& endpoint) {
    if (!endpoint.password_env.empty()) {
        return "from the variable " + endpoint.password_env;
    }
    if (!endpoint.password_file.empty()) {
        return "from the file " + endpoint.password_file;
    }
    return endpoint.password.empty() ? "" : "****";
}

/// What an option amounts to, for people and scripts alike: endpoints may hold a password.
std::string shown_value(const Settings& settings, const OptionSpec& option) {
    if (option.name == "state") {
        return state_path(settings);
    }
    if (option.name == "audit") {
        const std::string path = audit_path(settings);
        return path.empty() ? "none" : path;
    }
    return without_password(fmt::format("{}", fmt::join(settings.list(std::string(option.name)), ",")));
}

std::string show_json(const Run& run) {
    JsonDocument out(run.command(), 0);
    out.text("file", run.configuration().path);
    out.begin_array("endpoints");
    for (const ConfiguredEndpoint& endpoint : run.configuration().endpoints) {
        out.begin_object();
        out.text("name", endpoint.name);
        out.text("uri", without_password(endpoint.uri));
        out.text("password", password_of(endpoint));
        out.text("origin", run.configuration().where(endpoint.line));
        out.end_object();
    }
    out.end_array();
    out.begin_array("options");
    for (const OptionSpec& option : all_options()) {
        if (!option.per_run) {
            out.begin_object();
            out.text("name", option.name);
            out.text("value", shown_value(run.settings(), option));
            out.text("origin", run.settings().at(std::string(option.name)).where);
            out.end_object();
        }
    }
    out.end_array();
    return out.finish();
}

std::string show_text(const Run& run) {
    const Configuration& configuration = run.configuration();
    std::string out =
        fmt::format("file  {}\n", configuration.path.empty() ? "none" : printable(configuration.path));
    std::vector<std::vector<std::string>> rows;
    for (const ConfiguredEndpoint& endpoint : configuration.endpoints) {
        const std::string password = password_of(endpoint);
        rows.push_back({"  " + endpoint.name, without_password(endpoint.uri),
                        password.empty() ? "" : "password " + password, configuration.where(endpoint.line)});
    }
    out += rows.empty() ? "" : "\nendpoints\n" + table_text(rows);
    rows.clear();
    for (const OptionSpec& option : all_options()) {
        if (!option.per_run) {
            const std::string value = shown_value(run.settings(), option);
            rows.push_back({"  " + std::string(option.name), value.empty() ? "-" : value,
                            run.settings().at(std::string(option.name)).where});
        }
    }
    return out + "\noptions\n" + table_text(rows);
}

int show(Run& run) {
    run.print(run.json() ? show_json(run) : show_text(run));
    return 0;
}

/// The file that is edited: the one that applies, else a new one in the working directory.
std::string edited_path(const Run& run) {
    return run.configuration().path.empty() ? "migrate.yaml" : run.configuration().path;
}

int set_default(Run& run) {
    const auto& arguments = run.arguments();
    if (arguments.size() < 2) {
        usage_error("config set-default needs a value", "as in `migrate-cli config set-default workers 4`");
    }
    const std::string name = arguments.size() == 2 ? "endpoint" : arguments[1];
    const std::string& value = arguments.back();
    const OptionSpec* option = find_option(name);
    if (option == nullptr || option->per_run) {
        std::vector<std::string> names;
        for (const OptionSpec& candidate : all_options()) {
            if (!candidate.per_run) {
                names.emplace_back(candidate.name);
            }
        }
        usage_error(option == nullptr ? fmt::format("there is no option \"{}\"", printable(name))
                                      : fmt::format("{} can have no default: it is given for each run", name),
                    did_you_mean(name, names));
    }
    read_values(*option, value, name);
    const std::string path = edited_path(run);
    const std::string text = file_exists(path) ? read_file(path, "configuration file") : "";
    write_file(path, with_default(text, path, name, value), "configuration file");
    if (run.json()) {
        JsonDocument out(run.command(), 0);
        out.text("file", path);
        out.text("name", name);
        out.text("value", value);
        run.print(out.finish());
    } else {
        run.print(fmt::format("{}: {} is now {}\n", printable(path), name, printable(value)));
    }
    return 0;
}

}  // namespace

int run_config(Run& run) {
    const std::string action = run.argument("generate, show or set-default");
    const std::vector<std::string> actions{"generate", "show", "set-default"};
    if (std::find(actions.begin(), actions.end(), action) == actions.end()) {
        const std::string hint = did_you_mean(action, actions);
        usage_error(fmt::format("config has no action \"{}\"", printable(action)),
                    hint.empty() ? "it has generate, show and set-default" : hint);
    }
    if (action == "set-default") {
        return set_default(run);
    }
    if (run.arguments().size() > 1) {
        usage_error(fmt::format("config {} takes nothing more", action));
    }
    if (action == "show") {
        return show(run);
    }
    run.print(configuration_template());
    return 0;
}

}  // namespace migrate::cli
