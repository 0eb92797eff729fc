#include "backend/conninfo.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "util/ascii.hpp"
#include "util/percent.hpp"

namespace migrate::backend {
namespace {

constexpr std::array k_connection_settings{"application_name",
                                           "channel_binding",
                                           "client_encoding",
                                           "connect_timeout",
                                           "dbname",
                                           "fallback_application_name",
                                           "gssdelegation",
                                           "gssencmode",
                                           "gsslib",
                                           "host",
                                           "hostaddr",
                                           "keepalives",
                                           "keepalives_count",
                                           "keepalives_idle",
                                           "keepalives_interval",
                                           "krbsrvname",
                                           "load_balance_hosts",
                                           "max_protocol_version",
                                           "min_protocol_version",
                                           "oauth_client_id",
                                           "oauth_client_secret",
                                           "oauth_issuer",
                                           "oauth_scope",
                                           "options",
                                           "passfile",
                                           "password",
                                           "port",
                                           "replication",
                                           "require_auth",
                                           "requirepeer",
                                           "scram_client_key",
                                           "scram_server_key",
                                           "service",
                                           "servicefile",
                                           "ssl_max_protocol_version",
                                           "ssl_min_protocol_version",
                                           "sslcert",
                                           "sslcertmode",
                                           "sslcompression",
                                           "sslcrl",
                                           "sslcrldir",
                                           "sslkey",
                                           "sslkeylogfile",
                                           "sslmode",
                                           "sslnegotiation",
                                           "sslpassword",
                                           "sslrootcert",
                                           "sslsni",
                                           "target_session_attrs",
                                           "tcp_user_timeout",
                                           "user"};

constexpr std::array k_secret_settings{"oauth_client_secret", "password", "scram_client_key",
                                       "scram_server_key", "sslpassword"};

[[noreturn]] void fail(const std::string& message) {
    ErrorFacts facts{.code = ErrorCode::usage, .backend = "postgresql"};
    facts.next_step =
        "Write postgresql://user@host:port/database, or pg: with key=value pairs as libpq takes them.";
    throw Error(facts, message);
}

/// Reads one conninfo string; each read_… moves on past what it has read.
class ConninfoReader {
  public:
    explicit ConninfoReader(std::string_view text) : m_rest(text) {}

    bool at_end() {
        while (!m_rest.empty() && util::is_space(m_rest.front())) {
            m_rest.remove_prefix(1);
        }
        return m_rest.empty();
    }

    std::string read_keyword() {
        const std::size_t end = m_rest.find_first_of("= \t\r\n\f\v");
        std::string keyword(m_rest.substr(0, end));
        m_rest.remove_prefix(keyword.size());
        if (at_end() || m_rest.front() != '=') {
            fail("PostgreSQL: the connection string has a part without \"=\".");
        }
        m_rest.remove_prefix(1);
        return keyword;
    }

    std::string read_value() {
        if (at_end()) {
            return {};
        }
        const bool quoted = m_rest.front() == '\'';
        m_rest.remove_prefix(quoted ? 1 : 0);
        std::string value;
        while (!m_rest.empty() && (quoted ? m_rest.front() != '\'' : !util::is_space(m_rest.front()))) {
            if (m_rest.front() == '\\' && m_rest.size() > 1) {
                m_rest.remove_prefix(1);
            }
            value += m_rest.front();
            m_rest.remove_prefix(1);
        }
        if (quoted && m_rest.empty()) {
            fail("PostgreSQL: the connection string ends inside a quoted value.");
        }
        m_rest.remove_prefix(quoted ? 1 : 0);
        return value;
    }

  private:
    std::string_view m_rest;
};

/// "host:port" or "[address]:port"; the port may be missing.
struct HostAndPort {
    std::string host;
    std::string port;
};

HostAndPort parse_host(std::string_view text) {
    std::size_t colon = text.rfind(':');
    std::string_view host = text.substr(0, colon);
    if (text.starts_with('[')) {
        const std::size_t bracket = text.find(']');
        if (bracket == std::string_view::npos || (bracket + 1 != text.size() && text[bracket + 1] != ':')) {
            fail("PostgreSQL: the address in brackets in the URI is not closed.");
        }
        host = text.substr(1, bracket - 1);
        colon = bracket + 1 == text.size() ? std::string_view::npos : bracket + 1;
    }
    if (!text.starts_with('[') && host.find(':') != std::string_view::npos) {
        fail("PostgreSQL: a host in the URI has colons; an IPv6 address stands in brackets: [::1].");
    }
    HostAndPort result{decode_escapes(host, "the host name"), {}};
    if (colon != std::string_view::npos) {
        result.port = decode_escapes(text.substr(colon + 1), "the port");
    }
    return result;
}

void parse_hosts(std::string_view text, Settings& settings) {
    std::string hosts;
    std::string ports;
    for (;;) {
        const std::size_t comma = text.find(',');
        const HostAndPort one = parse_host(text.substr(0, comma));
        hosts += one.host;
        ports += one.port;
        if (comma == std::string_view::npos) {
            break;
        }
        hosts += ',';
        ports += ',';
        text.remove_prefix(comma + 1);
    }
    if (!hosts.empty()) {
        settings["host"] = hosts;
    }
    if (ports.find_first_not_of(',') != std::string::npos) {
        settings["port"] = ports;
    }
}

void parse_user(std::string_view text, Settings& settings) {
    const std::size_t colon = text.find(':');
    const std::string user = decode_escapes(text.substr(0, colon), "the user name");
    if (!user.empty()) {
        settings["user"] = user;
    }
    if (colon != std::string_view::npos && colon + 1 < text.size()) {
        settings["password"] = decode_escapes(text.substr(colon + 1), "the password");
    }
}

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == ',') {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

/// What is no plain host name can have any character in it, but for the colons that brackets are for.
std::string render_host(const std::string& host) {
    if (host.find(':') == std::string::npos) {
        return util::percent_encode(host);
    }
    std::string text = "[";
    for (std::size_t begin = 0, end = 0; end != std::string::npos; begin = end + 1) {
        end = host.find(':', begin);
        text +=
            util::percent_encode(host.substr(begin, end - begin)) + (end == std::string::npos ? "]" : ":");
    }
    return text;
}

/// False for a socket directory, for no host, and for ports that are not one for each host.
bool fit_authority(const Settings& settings) {
    const auto host = settings.find("host");
    if (host == settings.end() || host->second.find_first_of("/@") != std::string::npos) {
        return false;
    }
    const auto port = settings.find("port");
    return port == settings.end() || port->second.empty() ||
           (port->second.find_first_not_of(',') != std::string::npos &&
            split(port->second).size() == split(host->second).size());
}

/// The authority of a URI, of settings that fit into one.
std::string render_authority(const Settings& settings) {
    const auto value = [&](const char* key) {
        const auto found = settings.find(key);
        return found == settings.end() ? std::string() : found->second;
    };
    std::string text;
    if (!value("user").empty()) {
        text = util::percent_encode(value("user")) + "@";
    }
    const std::vector<std::string> hosts = split(value("host"));
    const std::vector<std::string> ports = split(value("port"));
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        const std::string& host = hosts[i];
        text += i == 0 ? "" : ",";
        text += render_host(host);
        text += i >= ports.size() || ports[i].empty() ? "" : ":" + util::percent_encode(ports[i]);
    }
    return text;
}

std::string quote(const std::string& value) {
    if (!value.empty() && value.find_first_of(" \t\r\n\f\v'\\") == std::string::npos) {
        return value;
    }
    std::string quoted = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') {
            quoted += '\\';
        }
        quoted += c;
    }
    return quoted + "'";
}

}  // namespace

bool is_server_engine(std::string_view engine) noexcept {
    return engine == "postgresql";
}

bool is_connection_setting(std::string_view keyword) noexcept {
    return std::ranges::binary_search(k_connection_settings, keyword, std::less<std::string_view>());
}

bool is_secret_setting(std::string_view keyword) noexcept {
    return std::ranges::find(k_secret_settings, keyword) != k_secret_settings.end();
}

std::string decode_escapes(std::string_view text, std::string_view what) {
    const std::optional<std::string> decoded = util::percent_decode(text);
    ErrorFacts facts{.code = ErrorCode::usage};
    if (!decoded) {
        facts.next_step = "Write a percent sign that is meant as one as %25.";
        throw Error(facts, fmt::format("In {} a \"%\" is not followed by two hexadecimal digits.", what));
    }
    if (decoded->find('\0') != std::string::npos) {
        facts.next_step = "Leave the NUL (%00) out: neither files nor servers can have one in their name.";
        throw Error(facts, fmt::format("There is a NUL character in {}.", what));
    }
    return *decoded;
}

Settings parse_query(std::string_view text) {
    Settings settings;
    while (!text.empty()) {
        const std::size_t ampersand = text.find('&');
        const std::string_view pair = text.substr(0, ampersand);
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos || equals == 0) {
            ErrorFacts facts{.code = ErrorCode::usage};
            facts.next_step =
                "Write options as ?name=value&name=value; a \"?\" that belongs to a path as %3F.";
            throw Error(facts, "After the \"?\" of the endpoint there is a part without \"name=\".");
        }
        settings[decode_escapes(pair.substr(0, equals), "an option's name")] =
            decode_escapes(pair.substr(equals + 1), "an option's value");
        text.remove_prefix(ampersand == std::string_view::npos ? text.size() : ampersand + 1);
    }
    return settings;
}

Settings parse_conninfo(std::string_view text) {
    ConninfoReader reader(text);
    Settings settings;
    while (!reader.at_end()) {
        const std::string keyword = reader.read_keyword();
        settings[keyword] = reader.read_value();
    }
    return settings;
}

Settings parse_server_uri(std::string_view text) {
    Settings settings;
    text.remove_prefix(text.starts_with("//") ? 2 : 0);
    const std::size_t question = text.find('?');
    const std::string_view query =
        question == std::string_view::npos ? std::string_view() : text.substr(question + 1);
    text = text.substr(0, question);
    const std::size_t slash = text.find('/');
    if (slash != std::string_view::npos && slash + 1 < text.size()) {
        settings["dbname"] = decode_escapes(text.substr(slash + 1), "the database name");
    }
    std::string_view authority = text.substr(0, slash);
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
        parse_user(authority.substr(0, at), settings);
        authority.remove_prefix(at + 1);
    }
    parse_hosts(authority, settings);
    for (const auto& [key, value] : parse_query(query)) {
        // libpq's own spelling for compatibility with JDBC URIs.
        const bool jdbc_ssl = key == "ssl" && value == "true";
        settings[jdbc_ssl ? "sslmode" : key] = jdbc_ssl ? "require" : value;
    }
    return settings;
}

std::string render_conninfo(const Settings& settings) {
    std::string text;
    const auto append = [&](const std::string& key, const std::string& value) {
        text += (text.empty() ? "" : " ") + key + "=" + quote(value);
    };
    constexpr std::array k_first{"host", "port", "dbname", "user"};
    for (const char* key : k_first) {
        if (const auto found = settings.find(key); found != settings.end()) {
            append(key, found->second);
        }
    }
    for (const auto& [key, value] : settings) {
        if (std::ranges::find(k_first, key) == k_first.end()) {
            append(key, value);
        }
    }
    return text;
}

std::string render_server_uri(const Settings& settings, const Settings& options) {
    Settings query = options;
    Settings authority;
    for (const auto& [key, value] : settings) {
        if (is_secret_setting(key) || key == "dbname") {
            continue;
        }
        const bool named = key == "user" || key == "host" || key == "port";
        (named ? authority : query)[key] = value;
    }
    if (!fit_authority(authority)) {
        // libpq reads host and port from the query as well.
        for (const char* key : {"host", "port"}) {
            if (const auto node = authority.extract(key); !node.empty()) {
                query[key] = node.mapped();
            }
        }
    }
    const auto dbname = settings.find("dbname");
    return "postgresql://" + render_authority(authority) + "/" +
           (dbname == settings.end() ? "" : util::percent_encode(dbname->second)) + render_query(query);
}

std::string render_query(const Settings& settings) {
    std::string text;
    for (const auto& [key, value] : settings) {
        text += (text.empty() ? "?" : "&") + util::percent_encode(key) + "=" +
                util::percent_encode(value, "/:,@*+() ");
    }
    return text;
}

}  // namespace migrate::backend
