#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <migrate/finding.hpp>
#include <migrate/schema.hpp>

#include "session/sqlite_session.hpp"

namespace migrate::backends::sqlite {

/// Everything that a database's catalog says, without a look at the values: column types are still text.
struct CatalogReading {
    Schema schema;
    std::vector<Finding> findings;  ///< Definitions that could not be read whole.
};

/// Requires: a read transaction on the session, so that all of it is of one state. OwnTables and SQLite's own
/// (sqlite_…) are passed over. Virtual tables are objects, or, where asked and their module is there, tables
/// of rows like any other; their shadow tables are neither.
CatalogReading read_catalog(const session::SqliteSession& session, bool virtual_tables = false);

/// The names of the state tables, which no table of a user can have here.
bool is_state_table(std::string_view name);

/// The tables that this library keeps in a database: the state tables, and those that belong to a migration
/// which is recorded there. Others of such names are their users'.
class OwnTables {
  public:
    explicit OwnTables(const session::SqliteSession& session);
    [[nodiscard]] bool contains(std::string_view name) const;

  private:
    bool m_has_record = false;
    std::vector<std::string> m_prefixes;
};

/// The name by which a table's rowid can be asked for: its INTEGER PRIMARY KEY, or whichever of rowid,
/// _rowid_ and oid is not a column. Empty for WITHOUT ROWID tables and where all three are columns.
std::string rowid_name(const Table& table);

}  // namespace migrate::backends::sqlite
