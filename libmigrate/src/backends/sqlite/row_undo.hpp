#pragma once

#include <string>

#include "backends/sqlite/undo_log.hpp"
#include "session/sqlite_session.hpp"

namespace migrate::backends::sqlite {

/// Takes the rows that a merge has brought out of a table and puts those back that it has changed, by the
/// undo log. Requires: a transaction; triggers do not fire.
class RowUndo {
  public:
    RowUndo(const session::SqliteSession& session, std::string migration, const undo::LoggedTable& table);
    void run() const;

  private:
    void take_rows_out() const;
    void put_rows_back() const;
    /// The rows of a table by their text, equal ones numbered, the newest first.
    [[nodiscard]] std::string numbered(const std::string& table, const std::string& rowid,
                                       const std::string& which) const;

    const session::SqliteSession& m_session;
    std::string m_migration;
    const undo::LoggedTable& m_table;
};

}  // namespace migrate::backends::sqlite
