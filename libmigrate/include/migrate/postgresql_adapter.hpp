#pragma once

#include <string>

#include <migrate/endpoint_adapter.hpp>
#include <migrate/export.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// One PostgreSQL database.
class MIGRATE_EXPORT PostgresqlAdapter final : public EndpointAdapter {
  public:
    /// "postgresql://user@host/db?schema=a" or "host=/tmp dbname=db". Throws: Error{usage}, also for a
    /// password in the text: it comes from config.credentials, PGPASSWORD or ~/.pgpass.
    explicit PostgresqlAdapter(const std::string& connection, AdapterConfig config = {});
};

MIGRATE_NAMESPACE_END
