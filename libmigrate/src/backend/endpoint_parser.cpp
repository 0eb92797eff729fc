#include "backend/endpoint_parser.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backend/conninfo.hpp"
#include "util/ascii.hpp"
#include "util/printable.hpp"
#include "util/redact.hpp"

namespace migrate::backend {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(ErrorCode code, const std::string& message, const std::string& next_step) {
    ErrorFacts facts{.code = code};
    facts.next_step = next_step;
    throw Error(facts, message);
}

std::string shown(std::string_view text) {
    return "\"" + util::printable(util::redact(text)) + "\"";
}

std::string join(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : ", ") + word;
    }
    return text;
}

std::string known_schemes(const std::vector<RegisteredBackend>& backends) {
    std::vector<std::string> schemes;
    for (const RegisteredBackend& one : backends) {
        for (const std::string_view scheme : one.schemes) {
            schemes.push_back(std::string(scheme) + ":");
        }
    }
    return join(schemes);
}

/// The scheme in front of a ':', lower-case; empty if the text has none that could be one.
std::string scheme_of(const std::string& text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos || colon == 0 || !util::is_letter(text[0])) {
        return {};
    }
    const std::string_view scheme = std::string_view(text).substr(0, colon);
    const bool valid = std::ranges::all_of(scheme, [](char c) {
        return util::is_letter(c) || util::is_digit(c) || c == '+' || c == '-' || c == '.';
    });
    return valid ? util::lower_ascii(scheme) : std::string();
}

const Backend* backend_of_scheme(const std::vector<RegisteredBackend>& backends, const std::string& scheme) {
    for (const RegisteredBackend& one : backends) {
        if (std::ranges::find(one.schemes, scheme) != one.schemes.end()) {
            return one.backend;
        }
    }
    return nullptr;
}

bool exists(const std::string& path) {
    std::error_code ignored;
    return fs::exists(fs::symlink_status(path, ignored));
}

bool is_directory(const std::string& path) {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}

/// Absolute and without "." parts; ".." stays, because through a symbolic link it may lead elsewhere than its
/// text says. A slash at the end stays: it says that a directory is meant.
std::string absolute_path(const std::string& path) {
    fs::path result;
    for (const fs::path& part : fs::absolute(path)) {
        if (part != ".") {
            result /= part;
        }
    }
    return result.string();
}

void check_path(const std::string& path, std::string_view engine) {
    if (path.empty()) {
        fail(ErrorCode::usage, fmt::format("The {} endpoint names no path.", engine),
             fmt::format("Write {}:PATH.", engine));
    }
    if (path.find('\0') != std::string::npos) {
        fail(ErrorCode::usage, fmt::format("There is a NUL character in the path {}.", shown(path)),
             "Leave it out: no file can have one in its name.");
    }
    if (engine == "sqlite" && path.starts_with(":memory:")) {
        fail(ErrorCode::usage, "A SQLite database in memory belongs to the session that made it.",
             "Lend that session with migrate/soci.hpp, or name a file.");
    }
}

/// The options by the names that the backend knows them by, whichever of "-" and "_" was written.
Settings known_options(const Backend& backend, const Settings& given) {
    const std::optional<std::vector<std::string_view>> known = backend.option_names();
    Settings options;
    for (const auto& [spelled, value] : given) {
        std::string name = spelled;
        if (known && std::ranges::find(*known, name) == known->end()) {
            std::ranges::replace(name, '_', '-');
        }
        if (known && std::ranges::find(*known, name) == known->end()) {
            const std::vector<std::string> names(known->begin(), known->end());
            fail(ErrorCode::usage,
                 fmt::format("A {} endpoint has no option \"{}\".", backend.name(), util::printable(spelled)),
                 names.empty() ? "It takes no options; write a \"?\" that belongs to a path as %3F."
                               : fmt::format("Its options are: {}.", join(names)));
        }
        if (value.find('\0') != std::string::npos) {
            fail(ErrorCode::usage, fmt::format("There is a NUL character in the option \"{}\".", name),
                 "Leave it out.");
        }
        if (!options.emplace(name, value).second) {
            fail(ErrorCode::usage, fmt::format("The option \"{}\" is given twice.", name), "Leave one out.");
        }
    }
    return options;
}

/// Takes the secrets out of the settings, or says why it does not.
void take_password(Settings& settings, const EndpointRequest& request) {
    for (auto it = settings.begin(); it != settings.end();) {
        if (!is_secret_setting(it->first)) {
            ++it;
            continue;
        }
        if (!request.allow_password || it->first != "password") {
            fail(ErrorCode::usage,
                 fmt::format(
                     "There is a secret ({}) in the endpoint's text, where other users and the shell's "
                     "history can see it.",
                     it->first),
                 "Put it into ~/.pgpass, PGPASSWORD, a service file or the configuration, and leave it out "
                 "here.");
        }
        if (request.password_out != nullptr) {
            *request.password_out = it->second;
        }
        it = settings.erase(it);
    }
}

Endpoint parse_server(const Backend& backend, const std::string& rest, const EndpointRequest& request) {
    Settings settings;
    if (rest.starts_with("//")) {
        settings = parse_server_uri(rest);
    } else if (rest.find('=') != std::string::npos) {
        settings = parse_conninfo(rest);
    } else if (!rest.empty()) {
        settings["dbname"] = decode_escapes(rest, "the database name");
    }
    take_password(settings, request);
    Endpoint endpoint;
    endpoint.engine = std::string(backend.name());
    for (auto it = settings.begin(); it != settings.end();) {
        const auto next = std::next(it);
        if (!is_connection_setting(it->first)) {
            endpoint.options.insert(settings.extract(it));
        }
        it = next;
    }
    endpoint.options = known_options(backend, endpoint.options);
    for (const auto& [key, value] : settings) {
        if (value.find('\0') != std::string::npos) {
            fail(ErrorCode::usage, fmt::format("There is a NUL character in the setting \"{}\".", key),
                 "Leave it out.");
        }
    }
    endpoint.location = render_conninfo(settings);
    return endpoint;
}

Endpoint file_endpoint(const Backend& backend, const std::string& path, const Settings& options) {
    check_path(path, backend.name());
    Endpoint endpoint;
    endpoint.engine = std::string(backend.name());
    endpoint.location = absolute_path(path);
    endpoint.options = known_options(backend, options);
    return endpoint;
}

Endpoint parse_file(const Backend& backend, std::string_view rest) {
    if (rest.starts_with("//")) {
        rest.remove_prefix(2);
        if (!rest.starts_with('/')) {
            fail(ErrorCode::usage,
                 fmt::format("A {} endpoint with \"//\" names a host; files are read on this machine only.",
                             backend.name()),
                 fmt::format("Write {0}:relative/path or {0}:///absolute/path.", backend.name()));
        }
    }
    const std::size_t question = rest.find('?');
    Settings options;
    if (question != std::string_view::npos) {
        options = parse_query(rest.substr(question + 1));
        rest = rest.substr(0, question);
    }
    return file_endpoint(backend, decode_escapes(rest, "the path"), options);
}

/// The engine of a path that no scheme names: by what is there, else by its name.
const Backend& backend_of_path(const std::vector<RegisteredBackend>& backends, const std::string& path,
                               const EndpointRequest& request) {
    const bool there = exists(path);
    if (!there && !request.is_target) {
        fail(ErrorCode::not_found, fmt::format("There is no file or directory {}.", shown(path)),
             "Correct the path, or name a database as one of " + known_schemes(backends) + "….");
    }
    if (there) {
        for (const RegisteredBackend& one : backends) {
            if (one.backend->recognises(path)) {
                return *one.backend;
            }
        }
    }
    const bool add_slash = there && is_directory(path) && !path.ends_with('/');
    const std::string name = add_slash ? path + "/" : path;
    std::vector<std::string> tried;
    for (const RegisteredBackend& one : backends) {
        if (one.backend->claims_name(name)) {
            return *one.backend;
        }
        tried.emplace_back(one.backend->name());
    }
    fail(ErrorCode::usage,
         fmt::format("{} cannot be told to be any of {}, neither by its {}name.", shown(path), join(tried),
                     there ? "content nor by its " : ""),
         "Say what it is by writing one of " + known_schemes(backends) + " in front of it.");
}

Endpoint parse_bare_path(const std::vector<RegisteredBackend>& backends, const std::string& text,
                         const EndpointRequest& request) {
    if (text.empty()) {
        fail(ErrorCode::usage, "The endpoint is empty.",
             "Give a path, or one of " + known_schemes(backends) + "….");
    }
    if (text.find('\0') != std::string::npos) {
        fail(ErrorCode::usage, fmt::format("There is a NUL character in the path {}.", shown(text)),
             "Leave it out: no file can have one in its name.");
    }
    std::string path = text;
    Settings options;
    if (const std::size_t question = text.find('?'); question != std::string::npos && !exists(text)) {
        path = text.substr(0, question);
        options = parse_query(text.substr(question + 1));
    }
    if (!exists(path) && (path.find("dbname=") != std::string::npos || path.starts_with("host="))) {
        fail(ErrorCode::usage, fmt::format("{} looks like a PostgreSQL connection string.", shown(path)),
             "Write pg: in front of it.");
    }
    return file_endpoint(backend_of_path(backends, path, request), path, options);
}

}  // namespace

Endpoint parse_endpoint_among(const std::vector<RegisteredBackend>& backends, const std::string& text,
                              const EndpointRequest& request) {
    const std::string scheme = scheme_of(text);
    if (scheme.empty()) {
        return parse_bare_path(backends, text, request);
    }
    const std::string rest = text.substr(scheme.size() + 1);
    if (const Backend* backend = backend_of_scheme(backends, scheme)) {
        return is_server_engine(backend->name()) ? parse_server(*backend, rest, request)
                                                 : parse_file(*backend, rest);
    }
    if (!rest.starts_with("//") && exists(text)) {
        return parse_bare_path(backends, text, request);
    }
    fail(ErrorCode::usage, fmt::format("{} starts with the unknown scheme \"{}:\".", shown(text), scheme),
         fmt::format("Schemes are: {}. A file with a colon in its name is written ./{}:…",
                     known_schemes(backends), scheme));
}

}  // namespace migrate::backend
