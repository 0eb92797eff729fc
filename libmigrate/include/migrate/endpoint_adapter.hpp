#pragma once

#include <memory>
#include <string>
#include <vector>

#include <migrate/adapter.hpp>
#include <migrate/endpoint.hpp>
#include <migrate/export.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// The adapter of any engine of this build, for an endpoint. See MigrationAdapter for its calls.
class MIGRATE_EXPORT EndpointAdapter : public MigrationAdapter {
  public:
    /// Opens nothing yet. Throws: Error{usage} for an engine that is not in this build.
    explicit EndpointAdapter(Endpoint endpoint, AdapterConfig config = {});
    ~EndpointAdapter() override;
    EndpointAdapter(EndpointAdapter&&) noexcept;
    EndpointAdapter& operator=(EndpointAdapter&&) noexcept;

    std::unique_ptr<RowStream> export_data(const ExportOptions& options = {}) override;
    MigrationResult import_data(RowStream& rows, const PlanOptions& options = {}) override;
    std::vector<Finding> validate_integrity() override;
    void create_backup(const std::string& path) override;

    [[nodiscard]] const Endpoint& endpoint() const noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

MIGRATE_NAMESPACE_END
