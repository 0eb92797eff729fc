#include <utility>

#include <migrate/endpoint_adapter.hpp>

#include "adapter/source_stream.hpp"
#include "adapter/stream_import.hpp"
#include "backend/registry.hpp"

MIGRATE_NAMESPACE_BEGIN

MigrationAdapter::~MigrationAdapter() = default;

struct EndpointAdapter::Impl {
    Endpoint endpoint;
    AdapterConfig config;
    const backend::Backend& backend;

    [[nodiscard]] backend::OpenContext context() const {
        backend::OpenContext context;
        context.credentials = config.credentials.get();
        context.stop = config.stop;
        context.application_name = config.application_name;
        context.busy_timeout_ms = static_cast<unsigned>(config.busy_timeout.count());
        return context;
    }
    [[nodiscard]] std::unique_ptr<backend::Source> open_source() const {
        return backend.open_source(endpoint, context());
    }
};

EndpointAdapter::EndpointAdapter(Endpoint endpoint, AdapterConfig config) {
    const backend::Backend& backend = backend::backend_named(endpoint.engine);
    m_impl = std::make_unique<Impl>(Impl{std::move(endpoint), std::move(config), backend});
}

EndpointAdapter::~EndpointAdapter() = default;
EndpointAdapter::EndpointAdapter(EndpointAdapter&&) noexcept = default;
EndpointAdapter& EndpointAdapter::operator=(EndpointAdapter&&) noexcept = default;

const Endpoint& EndpointAdapter::endpoint() const noexcept {
    return m_impl->endpoint;
}

std::unique_ptr<RowStream> EndpointAdapter::export_data(const ExportOptions& options) {
    return std::make_unique<adapter::SourceStream>(m_impl->open_source(), options, m_impl->config.stop);
}

MigrationResult EndpointAdapter::import_data(RowStream& rows, const PlanOptions& options) {
    const auto target = m_impl->backend.open_target(m_impl->endpoint, m_impl->context());
    return adapter::import_stream(rows, {*target, m_impl->backend.capabilities(), m_impl->endpoint}, options,
                                  m_impl->config);
}

std::vector<Finding> EndpointAdapter::validate_integrity() {
    const auto source = m_impl->open_source();
    source->pin_snapshot(1);
    backend::SchemaRequest declared;
    declared.profile = false;
    declared.count_rows = false;
    backend::SchemaReading reading = source->read_schema(declared);
    return source->check(reading.schema);
}

void EndpointAdapter::create_backup(const std::string& path) {
    const auto source = m_impl->open_source();
    source->pin_snapshot(1);
    source->backup_to(path);
}

MIGRATE_NAMESPACE_END
