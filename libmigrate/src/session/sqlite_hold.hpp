#pragma once

#include <sqlite3.h>

namespace migrate::session {

/// Holds a connection's own mutex. Each call on a connection takes and gives it back; whoever holds it
/// already only counts, which for the calls that read and bind cells is a good part of their time. For
/// moments, not for a whole scan: a host may use the connection too.
class SqliteHold {
  public:
    explicit SqliteHold(sqlite3* connection) noexcept : m_mutex(sqlite3_db_mutex(connection)) {
        sqlite3_mutex_enter(m_mutex);
    }
    SqliteHold(const SqliteHold&) = delete;
    SqliteHold& operator=(const SqliteHold&) = delete;
    ~SqliteHold() { sqlite3_mutex_leave(m_mutex); }

  private:
    sqlite3_mutex* m_mutex;  ///< Null where SQLite runs without: then both calls do nothing.
};

}  // namespace migrate::session
