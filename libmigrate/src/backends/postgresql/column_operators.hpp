#pragma once

#include <map>
#include <string>

#include <migrate/schema.hpp>

#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// What "=" and ">" mean to the indexes of a table's columns, spelled so that no search path decides it: a
/// path that is empty makes citext's "=" that of text, and one that is not may find somebody else's.
class ColumnOperators {
  public:
    ColumnOperators(session::PostgresqlSession& session, const QualifiedName& table);

    /// "OPERATOR(pg_catalog.=)".
    [[nodiscard]] std::string equal(const std::string& column) const;
    [[nodiscard]] std::string greater(const std::string& column) const;

  private:
    struct Pair {
        std::string equal;
        std::string greater;
    };
    std::map<std::string, Pair> m_columns;  ///< Those that are not pg_catalog's by default.
};

}  // namespace migrate::backends::postgresql
