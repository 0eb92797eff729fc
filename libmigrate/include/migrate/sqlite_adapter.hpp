#pragma once

#include <string>

#include <migrate/endpoint_adapter.hpp>
#include <migrate/export.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// One SQLite file. create_backup uses SQLite's own backup, so other programs may go on writing meanwhile.
class MIGRATE_EXPORT SqliteAdapter final : public EndpointAdapter {
  public:
    /// A path as it is: nothing in it is decoded. A file that does not exist yet is made by import_data.
    explicit SqliteAdapter(const std::string& path, AdapterConfig config = {});
};

MIGRATE_NAMESPACE_END
