#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql::state {

/// Where a target keeps what it remembers of migrations: in a schema of its own, _migrate, or, where the role
/// may not create one, as tables _migrate_… in a destination schema.
class Place {
  public:
    Place() = default;  ///< The schema _migrate.
    explicit Place(std::string schema) : m_schema(std::move(schema)) {}

    [[nodiscard]] bool own_schema() const noexcept { return m_schema.empty(); }
    /// Empty for the schema _migrate.
    [[nodiscard]] const std::string& schema() const noexcept { return m_schema; }
    /// SQL that says _migrate.name, for where the tables are.
    [[nodiscard]] std::string sql(std::string_view text) const;

  private:
    std::string m_schema;
};

/// Where the tables are that the session's role can use; nullopt if there are none.
std::optional<Place> known_place(session::PostgresqlSession& session);
/// The same where they must be there.
Place find_place(session::PostgresqlSession& session);
/// The session's role may create schemas, which staging and the state then have of their own.
bool may_create_schemas(session::PostgresqlSession& session);

}  // namespace migrate::backends::postgresql::state
