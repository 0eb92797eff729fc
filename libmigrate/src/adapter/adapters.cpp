#include <filesystem>
#include <utility>

#include <migrate/json_adapter.hpp>
#include <migrate/postgresql_adapter.hpp>
#include <migrate/sqlite_adapter.hpp>

MIGRATE_NAMESPACE_BEGIN

namespace {

Endpoint file_endpoint(const char* engine, const std::string& path,
                       std::map<std::string, std::string> options) {
    Endpoint endpoint;
    endpoint.engine = engine;
    endpoint.location = std::filesystem::absolute(path).string();
    endpoint.options = std::move(options);
    return endpoint;
}

Endpoint server_endpoint(const std::string& connection) {
    const bool is_uri = connection.starts_with("postgresql:") || connection.starts_with("postgres:") ||
                        connection.starts_with("pg:");
    return parse_endpoint(is_uri ? connection : "pg:" + connection, false);
}

}  // namespace

SqliteAdapter::SqliteAdapter(const std::string& path, AdapterConfig config)
    : EndpointAdapter(file_endpoint("sqlite", path, {}), std::move(config)) {}

JsonAdapter::JsonAdapter(const std::string& path, std::map<std::string, std::string> options,
                         AdapterConfig config)
    : EndpointAdapter(file_endpoint("json", path, std::move(options)), std::move(config)) {}

PostgresqlAdapter::PostgresqlAdapter(const std::string& connection, AdapterConfig config)
    : EndpointAdapter(server_endpoint(connection), std::move(config)) {}

MIGRATE_NAMESPACE_END
