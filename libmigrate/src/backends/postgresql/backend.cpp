#include "backend/backend.hpp"

#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/scratch_database.hpp"
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
            can.counts_sessions = true;
            can.text_route = true;
            can.retries_letters = true;
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

    [[nodiscard]] backend::StageAdvice advice_on(Stage stage) const override {
        switch (stage) {
            case Stage::read:
                return {"reading PostgreSQL by COPY",
                        "more --workers read side by side while the server has idle "
                        "processors; elsewhere its disks or the network decide"};
            case Stage::encode:
                return {"encoding rows for PostgreSQL's COPY", "more --workers take more processors here"};
            case Stage::send:
                return {
                    "sending rows to PostgreSQL",
                    "the network decides, or how fast the server takes them: run it nearer to the server, or "
                    "with more --workers"};
            case Stage::target:
                return {"PostgreSQL's COPY",
                        "more --workers write side by side; the server's disks and its log decide: a larger "
                        "max_wal_size, no full archive or standby to wait for"};
            case Stage::index:
                return {"building keys and indexes in PostgreSQL",
                        "a larger maintenance_work_mem or max_parallel_maintenance_workers at the "
                        "server, or "
                        "--skip indexes and make them later"};
            case Stage::verify:
                return {"reading PostgreSQL back",
                        "more --workers read side by side; --level basic counts rows and compares no values"};
            case Stage::map:
            case Stage::held:
                break;
        }
        return {};
    }

    std::unique_ptr<backend::Source> open_source(const Endpoint& endpoint,
                                                 const backend::OpenContext& context) const override {
        return std::make_unique<PostgresqlSource>(endpoint, context);
    }
    std::unique_ptr<backend::Target> open_target(const Endpoint& endpoint,
                                                 const backend::OpenContext& context) const override {
        return open_postgresql_target(endpoint, context);
    }
    std::unique_ptr<backend::Scratch> make_scratch(const Endpoint& like,
                                                   const backend::OpenContext& context) const override {
        return make_scratch_database(like, context);
    }
};

}  // namespace

const backend::Backend& backend();

const backend::Backend& backend() {
    static const PostgresqlBackend k_backend;
    return k_backend;
}

}  // namespace migrate::backends::postgresql
