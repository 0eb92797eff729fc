#include "backend/backend.hpp"

#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/source.hpp"
#include "backends/postgresql/target.hpp"

namespace migrate::backends::postgresql {
namespace {

class PostgresqlBackend final : public backend::Backend {
  public:
    [[nodiscard]] std::string_view name() const override { return "postgresql"; }

    [[nodiscard]] const backend::Capabilities& capabilities() const override {
        static const backend::Capabilities k_capabilities = [] {
            backend::Capabilities can;
            can.schemas = true;
            can.parallel_readers = true;
            can.parallel_writers = true;
            can.text_holds_nul = false;
            can.max_identifier_bytes = k_max_identifier_bytes;
            can.reserved_columns = k_system_columns;
            return can;
        }();
        return k_capabilities;
    }

    // A server is never found by a path.
    [[nodiscard]] bool recognises(const std::string& /*path*/) const override { return false; }
    [[nodiscard]] bool claims_name(const std::string& /*path*/) const override { return false; }

    [[nodiscard]] std::optional<std::vector<std::string_view>> option_names() const override {
        return std::vector<std::string_view>{"schema"};
    }

    std::unique_ptr<backend::Source> open_source(const Endpoint& endpoint,
                                                 const backend::OpenContext& context) const override {
        return std::make_unique<PostgresqlSource>(endpoint, context);
    }
    std::unique_ptr<backend::Target> open_target(const Endpoint& endpoint,
                                                 const backend::OpenContext& context) const override {
        return open_postgresql_target(endpoint, context);
    }
};

}  // namespace

const backend::Backend& backend();

const backend::Backend& backend() {
    static const PostgresqlBackend k_backend;
    return k_backend;
}

}  // namespace migrate::backends::postgresql
