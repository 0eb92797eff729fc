#include "session/postgresql_conninfo.hpp"

#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <unistd.h>
#include <vector>

#include <libpq-fe.h>

#include <migrate/error.hpp>

#include "util/percent.hpp"

namespace migrate::session {
namespace {

using Settings = std::map<std::string, std::string>;

struct ConninfoDeleter {
    void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};
using Conninfo = std::unique_ptr<PQconninfoOption, ConninfoDeleter>;

Settings settings_of(const PQconninfoOption* option) {
    Settings settings;
    for (; option != nullptr && option->keyword != nullptr; ++option) {
        if (option->val != nullptr) {
            settings[option->keyword] = option->val;
        }
    }
    return settings;
}

Settings parse_location(const std::string& location) {
    char* message = nullptr;
    const Conninfo parsed(PQconninfoParse(location.c_str(), &message));
    if (parsed == nullptr) {
        // libpq's message may quote the text, and a mistyped text may hold a password: it is not shown.
        PQfreemem(message);
        ErrorFacts facts{.code = ErrorCode::usage, .backend = "postgresql"};
        facts.next_step =
            "Write postgresql://user@host:port/database, or key=value pairs as libpq takes them.";
        throw Error(facts, "PostgreSQL: the connection string does not parse.");
    }
    return settings_of(parsed.get());
}

/// What libpq would use where the user's text says nothing: environment, service file, built-in values.
/// Starting a connection is the one way to have a service file read; nothing is sent before it is polled.
Settings effective_settings(const Settings& user) {
    if (!user.contains("service")) {
        const Conninfo defaults(PQconndefaults());
        Settings settings = settings_of(defaults.get());
        for (const auto& [key, value] : user) {
            settings[key] = value;
        }
        return settings;
    }
    std::vector<const char*> keys;
    std::vector<const char*> values;
    for (const auto& [key, value] : user) {
        keys.push_back(key.c_str());
        values.push_back(value.c_str());
    }
    keys.push_back(nullptr);
    values.push_back(nullptr);
    PGconn* probe = PQconnectStartParams(keys.data(), values.data(), 0);
    const Conninfo resolved(PQconninfo(probe));
    Settings settings = settings_of(resolved.get());
    PQfinish(probe);
    return settings;
}

bool is_remote(const std::string& host) {
    return !host.empty() && host[0] != '/' && host[0] != '@' && host != "localhost" && host != "127.0.0.1" &&
           host != "::1";
}

void require_certificates(Settings& user, const Settings& effective) {
    const auto value = [&](const char* key) {
        const auto found = effective.find(key);
        return found == effective.end() ? std::string() : found->second;
    };
    if (!is_remote(value("host")) && !(value("host").empty() && is_remote(value("hostaddr")))) {
        return;
    }
    // "prefer" is libpq's built-in value: nobody has chosen it, or who did gets what libpq would do anyway.
    if (user.contains("sslmode") || value("sslmode") != "prefer") {
        return;
    }
    user["sslmode"] = "verify-full";
    constexpr const char* k_system_bundle = "/etc/ssl/certs/ca-certificates.crt";
    const char* home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe): as libpq itself looks it up
    const std::string own = std::string(home == nullptr ? "" : home) + "/.postgresql/root.crt";
    if (value("sslrootcert").empty() && access(own.c_str(), R_OK) != 0 &&
        access(k_system_bundle, R_OK) == 0) {
        user["sslrootcert"] = k_system_bundle;
    }
}

}  // namespace

std::string postgresql_conninfo(const Endpoint& endpoint, const std::optional<std::string>& password,
                                const std::string& application_name) {
    Settings settings = parse_location(endpoint.location);
    const Settings effective = effective_settings(settings);
    require_certificates(settings, effective);
    constexpr std::array<std::pair<const char*, const char*>, 7> k_defaults{{
        {"connect_timeout", "15"},
        {"keepalives", "1"},
        {"keepalives_idle", "30"},
        {"keepalives_interval", "10"},
        {"keepalives_count", "3"},
        {"tcp_user_timeout", "60000"},
        {"client_encoding", "UTF8"},
    }};
    for (const auto& [key, value] : k_defaults) {
        settings.try_emplace(key, value);
    }
    settings["client_encoding"] = "UTF8";
    settings.try_emplace("application_name", application_name);
    if (password) {
        settings["password"] = *password;
    }
    std::string uri = "postgresql://";
    char separator = '?';
    for (const auto& [key, value] : settings) {
        uri += separator + key + "=" + util::percent_encode(value);
        separator = '&';
    }
    return uri;
}

}  // namespace migrate::session
