#include <string>

#include "backend/conninfo.hpp"
#include "backend/endpoint_parser.hpp"
#include "fuzz/fuzz_input.hpp"

using namespace migrate;

namespace {

/// An engine by name only: it looks at no file.
class NamedBackend : public backend::Backend {
  public:
    explicit NamedBackend(std::string_view name) : m_name(name) {}
    std::string_view name() const override { return m_name; }
    const backend::Capabilities& capabilities() const override { return m_capabilities; }
    bool recognises(const std::string& /*path*/) const override { return false; }
    bool claims_name(const std::string& path) const override {
        return !backend::is_server_engine(m_name) && path.ends_with("." + std::string(m_name));
    }
    std::unique_ptr<backend::Source> open_source(const Endpoint& /*endpoint*/,
                                                 const backend::OpenContext& /*context*/) const override {
        return nullptr;
    }
    std::unique_ptr<backend::Target> open_target(const Endpoint& /*endpoint*/,
                                                 const backend::OpenContext& /*context*/) const override {
        return nullptr;
    }

  private:
    std::string_view m_name;
    backend::Capabilities m_capabilities;
};

const std::vector<backend::RegisteredBackend>& engines() {
    static const NamedBackend sqlite("sqlite");
    static const NamedBackend postgresql("postgresql");
    static const NamedBackend json("json");
    static const std::vector<backend::RegisteredBackend> all{
        {&sqlite, {"sqlite", "file"}}, {&postgresql, {"postgresql", "pg"}}, {&json, {"json"}}};
    return all;
}

// A secret is taken out of the text, and what is shown of the rest names the same place.
void check_endpoint(const std::string& text, bool allow_password) {
    std::string password;
    Endpoint endpoint;
    const bool accepted = fuzz::accepts([&] {
        endpoint = backend::parse_endpoint_among(engines(), text, {true, allow_password, &password});
    });
    if (!accepted) {
        return;
    }
    fuzz::require(!endpoint.display().empty(), "an endpoint can be shown");
    if (!backend::is_server_engine(endpoint.engine)) {
        return;
    }
    const backend::Settings settings = backend::parse_conninfo(endpoint.location);
    for (const auto& [keyword, value] : settings) {
        fuzz::require(!backend::is_secret_setting(keyword), "an endpoint holds no secret");
    }
    fuzz::require(backend::render_conninfo(settings) == endpoint.location, "a location is in its one form");
}

void check_conninfo(std::string_view text) {
    backend::Settings settings;
    if (fuzz::accepts([&] { settings = backend::parse_conninfo(text); })) {
        fuzz::require(backend::parse_conninfo(backend::render_conninfo(settings)) == settings,
                      "a rendered conninfo says the same");
    }
}

void check_server_uri(std::string_view text) {
    backend::Settings settings;
    if (!fuzz::accepts([&] { settings = backend::parse_server_uri(text); })) {
        return;
    }
    backend::Settings options;
    backend::Settings known;
    for (const auto& [keyword, value] : settings) {
        // To a server an empty setting is one that is not there.
        if (!backend::is_secret_setting(keyword) && !value.empty()) {
            (backend::is_connection_setting(keyword) ? known : options)[keyword] = value;
        }
    }
    const std::string shown = backend::render_server_uri(known, options);
    fuzz::require(shown.starts_with("postgresql:"), "a server's URI starts with its scheme");
    // A NUL is refused in every endpoint.
    if (text.find('\0') == std::string_view::npos) {
        backend::Settings expected = known;
        expected.insert(options.begin(), options.end());
        fuzz::require(backend::parse_server_uri(shown.substr(shown.find(':') + 1)) == expected,
                      "a server's URI as it is shown says the same");
    }
}

}  // namespace

// The first byte says which of the three the rest is given to.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    switch (input.byte() % 4) {
        case 0:
            check_endpoint(std::string(input.rest()), false);
            break;
        case 1:
            check_endpoint(std::string(input.rest()), true);
            break;
        case 2:
            check_conninfo(input.rest());
            break;
        default:
            check_server_uri(input.rest());
    }
    return 0;
}
