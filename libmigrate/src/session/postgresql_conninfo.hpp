#pragma once

#include <optional>
#include <string>

#include <migrate/endpoint.hpp>

namespace migrate::session {

/// How an endpoint is reached, complete: the user's own settings, then this library's defaults (certificate
/// verification for remote hosts, keepalives, a connect timeout). A libpq URI without blanks, because SOCI
/// splits connection strings at them; holds the password if one was given, so never shown.
/// Throws: Error{usage} for a location that libpq does not understand.
std::string postgresql_conninfo(const Endpoint& endpoint, const std::optional<std::string>& password,
                                const std::string& application_name);

}  // namespace migrate::session
