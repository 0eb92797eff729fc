#include <migrate/endpoint.hpp>
#include <migrate/error.hpp>

#include "backend/conninfo.hpp"
#include "util/printable.hpp"
#include "util/redact.hpp"

MIGRATE_NAMESPACE_BEGIN

namespace {

std::string escape_path(const std::string& path) {
    std::string text;
    for (const char c : path) {
        if (c == '%') {
            text += "%25";
        } else if (c == '?') {
            text += "%3F";
        } else if (c == '\n') {
            text += "%0A";
        } else {
            text += c;
        }
    }
    return text;
}

std::string display_server(const Endpoint& endpoint) {
    try {
        return backend::render_server_uri(backend::parse_conninfo(endpoint.location), endpoint.options);
    } catch (const Error&) {
        // A location that the host wrote by hand, as a URI perhaps.
        return util::redact(endpoint.location) + backend::render_query(endpoint.options);
    }
}

}  // namespace

std::string Endpoint::display() const {
    std::string text = backend::is_server_engine(engine)
                           ? display_server(*this)
                           : engine + ":" + escape_path(location) + backend::render_query(options);
    return util::printable(text) + (borrowed == nullptr ? "" : " (the application's session)");
}

std::string Endpoint::option(const std::string& name, const std::string& fallback) const {
    const auto found = options.find(name);
    return found == options.end() ? fallback : found->second;
}

MIGRATE_NAMESPACE_END
