#pragma once

#include <map>
#include <string>

#include <migrate/endpoint_adapter.hpp>
#include <migrate/export.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// A file or directory of JSON documents. See the endpoint options in migrate/endpoint.hpp.
class MIGRATE_EXPORT JsonAdapter final : public EndpointAdapter {
  public:
    /// A path as it is: nothing in it is decoded; with a slash at the end a directory is meant. options are
    /// those of a json: endpoint ("layout", "root", "nested"…).
    explicit JsonAdapter(const std::string& path, std::map<std::string, std::string> options = {},
                         AdapterConfig config = {});
};

MIGRATE_NAMESPACE_END
