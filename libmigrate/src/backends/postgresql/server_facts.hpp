#pragma once

#include <map>
#include <set>
#include <string>

#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// What a target server has and lets the session's role do, as far as adopting a schema depends on it.
struct ServerFacts {
    struct Role {
        bool superuser = false;
        bool member = false;  ///< The session's role may act as it and give things to it.
    };

    std::set<std::string> types;       ///< Beside the system's own: "public.citext".
    std::set<std::string> objects;     ///< Relations, routines and types beside the system's own.
    std::set<std::string> schemas;     ///< That exist.
    std::set<std::string> extensions;  ///< That are installed.
    std::set<std::string> creatable;   ///< Extensions that are not, but that the role may create.
    std::map<std::string, Role> roles;
    std::string role;  ///< The session's.
    bool superuser = false;
    std::set<std::string> said_of_schemas;  ///< Statements that would make what is so already; as asked for.
};

ServerFacts read_server_facts(session::PostgresqlSession& session);

/// What comments, owners and privileges say of these schemas themselves, as the statements that say it.
std::set<std::string> read_said_of_schemas(session::PostgresqlSession& session,
                                           const std::set<std::string>& schemas);

}  // namespace migrate::backends::postgresql
