#include <migrate/endpoint.hpp>

#include "backend/endpoint_parser.hpp"

MIGRATE_NAMESPACE_BEGIN

Endpoint parse_endpoint(const std::string& text, bool is_target, bool allow_password,
                        std::string* password_out) {
    backend::EndpointRequest request;
    request.is_target = is_target;
    request.allow_password = allow_password;
    request.password_out = password_out;
    return backend::parse_endpoint_among(backend::builtin_backends(), text, request);
}

MIGRATE_NAMESPACE_END
