#include "endpoint_book.hpp"

#include <array>
#include <cstdlib>
#include <regex>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "files.hpp"
#include "printable.hpp"
#include "usage_error.hpp"

namespace migrate::cli {

namespace {

constexpr std::array k_json_options{"nested", "layout",         "max-nesting", "max-columns", "key",
                                    "keyed",  "duplicate-keys", "infer-keys",  "nest"};

bool same_place(const Endpoint& a, const Endpoint& b) {
    return a.engine == b.engine && a.location == b.location;
}

void require_given(const Settings& settings, const std::string& option) {
    if (settings.text(option).empty()) {
        usage_error(
            fmt::format("--{} is missing", option),
            fmt::format("give --{} a URI, a path or a configured name, as in --{} app.db", option, option));
    }
}

std::string first_line(const std::string& text) {
    std::string line = text.substr(0, text.find('\n'));
    if (line.ends_with('\r')) {
        line.pop_back();
    }
    return line;
}

}  // namespace

EndpointBook::EndpointBook(const Settings& settings, const Configuration& configuration)
    : m_settings(settings), m_configuration(configuration) {
    know_configured();
}

/// Only URIs that name their engine: a bare path would have to be opened to be told, and needs no password.
void EndpointBook::know_configured() {
    for (const ConfiguredEndpoint& configured : m_configuration.endpoints) {
        const bool secret = !configured.password.empty() || !configured.password_env.empty() ||
                            !configured.password_file.empty();
        if (!secret) {
            continue;
        }
        try {
            m_known.push_back({parse_endpoint(configured.uri, true), {}, &configured});
        } catch (const Error& error) {
            usage_error(fmt::format("{}: endpoint \"{}\": {}", m_configuration.where(configured.line),
                                    printable(configured.name), error.what()),
                        error.facts().next_step);
        }
    }
}

Endpoint EndpointBook::resolve(const std::string& text, bool is_target) {
    const ConfiguredEndpoint* configured = m_configuration.find_endpoint(text);
    const bool allow = m_settings.flag("allow-password-in-uri") && configured == nullptr;
    std::string password;
    Endpoint endpoint;
    try {
        endpoint =
            parse_endpoint(configured != nullptr ? configured->uri : text, is_target, allow, &password);
    } catch (const Error& error) {
        if (configured == nullptr) {
            throw;
        }
        throw Error(error.facts(),
                    fmt::format("{}: endpoint \"{}\": {}", m_configuration.where(configured->line),
                                printable(configured->name), error.what()));
    }
    if (!password.empty()) {
        const std::scoped_lock lock(m_mutex);
        m_known.insert(m_known.begin(), {endpoint, password, nullptr});
    }
    apply_json_options(endpoint);
    return endpoint;
}

Endpoint EndpointBook::require(const std::string& option, bool is_target) {
    require_given(m_settings, option);
    return resolve(m_settings.text(option), is_target);
}

std::pair<Endpoint, Endpoint> EndpointBook::sides(bool is_target) {
    require_given(m_settings, "from");
    require_given(m_settings, "to");
    std::pair<Endpoint, Endpoint> sides{require("from", false), require("to", is_target)};
    check_json_options(m_settings, {&sides.first, &sides.second});
    return sides;
}

void EndpointBook::apply_json_options(Endpoint& endpoint) const {
    if (endpoint.engine != "json") {
        return;
    }
    for (const char* option : k_json_options) {
        const std::string value = m_settings.text(option);
        if (!value.empty()) {
            endpoint.options.emplace(option, value);  // one in the URI stays
        }
    }
}

std::optional<std::string> EndpointBook::password(const Endpoint& endpoint) {
    const std::scoped_lock lock(m_mutex);
    for (const Known& known : m_known) {
        if (same_place(known.endpoint, endpoint)) {
            return known.configured != nullptr ? configured_password(*known.configured) : known.password;
        }
    }
    return std::nullopt;
}

std::string EndpointBook::configured_password(const ConfiguredEndpoint& endpoint) const {
    if (!endpoint.password.empty()) {
        return endpoint.password;
    }
    const std::string where =
        fmt::format("{}: endpoint \"{}\"", m_configuration.where(endpoint.line), printable(endpoint.name));
    if (!endpoint.password_env.empty()) {
        const char* value = std::getenv(endpoint.password_env.c_str());
        if (value == nullptr) {
            usage_error(fmt::format("{}: {} is not set", where, printable(endpoint.password_env)),
                        "set this variable to the password");
        }
        return value;
    }
    const std::string path = expand_home(endpoint.password_file);
    if (readable_by_others(path)) {
        usage_error(fmt::format("{}: the password file {} can be read by others", where, printable(path)),
                    fmt::format("run: chmod 600 {}", printable(path)));
    }
    return first_line(read_file(path, "password file"));
}

void check_json_options(const Settings& settings, const std::vector<const Endpoint*>& endpoints) {
    for (const Endpoint* endpoint : endpoints) {
        if (endpoint->engine == "json") {
            return;
        }
    }
    for (const char* option : k_json_options) {
        if (settings.on_command_line(option)) {
            usage_error(fmt::format("--{} is about JSON, and no endpoint here is JSON", option),
                        "leave it out, or give a json: endpoint");
        }
    }
}

std::string without_password(const std::string& uri) {
    static const std::regex k_in_authority("(://[^/@?#:]*):[^/?#]*@");
    static const std::regex k_named("(password\\s*=\\s*)('(?:[^'\\\\]|\\\\.)*'|[^\\s&]+)", std::regex::icase);
    return std::regex_replace(std::regex_replace(uri, k_in_authority, "$1:****@"), k_named, "$1****");
}

}  // namespace migrate::cli
