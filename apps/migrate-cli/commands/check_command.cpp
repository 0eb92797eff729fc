#include <algorithm>

#include <fmt/format.h>

#include "command.hpp"
#include "json_render.hpp"
#include "printable.hpp"
#include "run.hpp"
#include "text_render.hpp"
#include "usage_error.hpp"

namespace migrate::cli {

namespace {

std::string endpoint_text(const Run& run) {
    std::string text = run.arguments().empty() ? run.settings().text("endpoint") : run.arguments().front();
    if (text.empty()) {
        usage_error(
            "check was given no endpoint, and no default is configured",
            "give one, as in `migrate-cli check app.db`, or set one: migrate-cli config set-default E");
    }
    return text;
}

/// A path as it is written in a URI.
std::string percent_encoded(const std::string& path) {
    std::string out;
    for (const char c : path) {
        out += c == '%' || c == '?' || c == '#' ? fmt::format("%{:02X}", static_cast<unsigned char>(c))
                                                : std::string(1, c);
    }
    return out;
}

bool has_scheme(const std::string& text) {
    const std::size_t colon = text.find(':');
    return colon != std::string::npos && colon > 1 &&
           std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon),
                       [](unsigned char c) { return std::isalnum(c) != 0; });
}

/// With --backend, a bare path is taken as that kind, and a URI must be of it.
Endpoint endpoint_of(Run& run) {
    const std::string text = endpoint_text(run);
    const std::string backend = run.settings().text("backend");
    const bool bare = run.configuration().find_endpoint(text) == nullptr && !has_scheme(text);
    if (backend.empty() || !bare) {
        Endpoint endpoint = run.endpoints().resolve(text, false);
        if (!backend.empty() && endpoint.engine != backend) {
            usage_error(fmt::format("--backend {}: the endpoint is of the kind {}", backend, endpoint.engine),
                        "leave --backend out, or give a path");
        }
        return endpoint;
    }
    const std::string scheme = backend == "postgresql" ? "pg" : backend;
    return run.endpoints().resolve(scheme + ":" + (scheme == "pg" ? text : percent_encoded(text)), false);
}

}  // namespace

int run_check(Run& run) {
    const Endpoint endpoint = endpoint_of(run);
    check_json_options(run.settings(), {&endpoint});
    const CheckReport report = run.reading_migrator().check(endpoint);
    run.print(run.json() ? json_of(report) : text_of(report));
    return report.exit_code();
}

}  // namespace migrate::cli
