#pragma once

#include <string>
#include <vector>

#include <migrate/endpoint.hpp>

#include "backend/registry.hpp"

namespace migrate::backend {

/// What parse_endpoint is told beside the text.
struct EndpointRequest {
    bool is_target = false;  ///< A path that does not exist is told by its name.
    bool allow_password = false;
    std::string* password_out = nullptr;  ///< May be null.
};

/// parse_endpoint among these engines. Throws: Error{usage, not_found}; see migrate/endpoint.hpp.
Endpoint parse_endpoint_among(const std::vector<RegisteredBackend>& backends, const std::string& text,
                              const EndpointRequest& request);

}  // namespace migrate::backend
