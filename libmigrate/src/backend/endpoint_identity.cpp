#include "backend/endpoint_identity.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>

#include <migrate/error.hpp>

#include "backend/conninfo.hpp"
#include "util/ascii.hpp"

namespace migrate::backend {
namespace {

namespace fs = std::filesystem;

Settings settings_of(const Endpoint& endpoint) {
    const std::string& location = endpoint.location;
    const std::size_t colon = location.find("://");
    return colon == std::string::npos ? parse_conninfo(location)
                                      : parse_server_uri(location.substr(colon + 1));
}

std::string value_of(const Settings& settings, const char* key, const std::string& fallback) {
    const auto found = settings.find(key);
    return found == settings.end() || found->second.empty() ? fallback : found->second;
}

constexpr const char* k_this_machine = "localhost";

std::string host_of(const Settings& settings) {
    const std::string host =
        util::lower_ascii(value_of(settings, "hostaddr", value_of(settings, "host", "")));
    return host.empty() || host == "127.0.0.1" || host == "::1" ? k_this_machine : host;
}

bool is_socket(const std::string& host) {
    return host.starts_with('/') || host.starts_with('@');
}

/// A socket and a port of this machine may be the same server; two socket directories are two servers.
bool same_host(const std::string& a, const std::string& b) {
    return a == b || (a == k_this_machine && is_socket(b)) || (b == k_this_machine && is_socket(a));
}

/// The rest of what libpq would make of the settings. Nothing of the environment is read: two endpoints that
/// are both silent about a part agree in it.
std::string database_of(const Settings& settings) {
    return value_of(settings, "port", "5432") + "\n" +
           value_of(settings, "dbname", "user " + value_of(settings, "user", "")) + "\n" +
           value_of(settings, "service", "");
}

std::set<std::string> schemas_of(const Endpoint& endpoint) {
    std::set<std::string> schemas;
    std::string rest = endpoint.option("schema");
    while (!rest.empty()) {
        const std::size_t comma = rest.find(',');
        schemas.insert(std::string(util::trim(rest.substr(0, comma))));
        rest = comma == std::string::npos ? std::string() : rest.substr(comma + 1);
    }
    return schemas;
}

bool share_schemas(const Endpoint& a, const Endpoint& b) {
    const std::set<std::string> of_a = schemas_of(a);
    const std::set<std::string> of_b = schemas_of(b);
    return of_a.empty() || of_b.empty() ||
           std::ranges::any_of(of_a, [&](const std::string& schema) { return of_b.contains(schema); });
}

bool same_database(const Endpoint& a, const Endpoint& b) {
    const Settings settings_a = settings_of(a);
    const Settings settings_b = settings_of(b);
    if (!same_host(host_of(settings_a), host_of(settings_b)) ||
        database_of(settings_a) != database_of(settings_b)) {
        return false;
    }
    return share_schemas(a, b);
}

fs::path resolved(const std::string& path) {
    std::error_code error;
    fs::path result = fs::weakly_canonical(path, error);
    if (error) {
        result = fs::absolute(path).lexically_normal();
    }
    return result.has_filename() ? result : result.parent_path();
}

bool is_inside(const fs::path& inner, const fs::path& outer) {
    const auto [end, ignored] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
    return end == outer.end();
}

bool same_path(const std::string& a, const std::string& b) {
    std::error_code error;
    if (fs::equivalent(a, b, error) && !error) {
        return true;
    }
    const fs::path path_a = resolved(a);
    const fs::path path_b = resolved(b);
    return is_inside(path_a, path_b) || is_inside(path_b, path_a);
}

}  // namespace

bool same_place(const Endpoint& a, const Endpoint& b) {
    if (a.borrowed != nullptr && a.borrowed == b.borrowed) {
        return true;
    }
    const bool server_a = is_server_engine(a.engine);
    if (server_a != is_server_engine(b.engine)) {
        return false;
    }
    if (server_a) {
        return same_database(a, b);
    }
    // A database in memory has no place that another endpoint could name.
    const bool nowhere = a.location.empty() || b.location.empty();
    return !nowhere && same_path(a.location, b.location);
}

bool same_place(const Endpoint& a, const DatabaseIdentity& of_a, const Endpoint& b,
                const DatabaseIdentity& of_b) {
    const bool replicated =
        !of_a.cluster.empty() && of_a.cluster == of_b.cluster && (of_a.replica || of_b.replica);
    return (replicated || (!of_a.self.empty() && of_a.self == of_b.self)) && share_schemas(a, b);
}

}  // namespace migrate::backend
