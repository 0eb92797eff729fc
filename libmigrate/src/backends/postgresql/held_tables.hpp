#pragma once

#include <optional>
#include <string>
#include <vector>

#include <migrate/error.hpp>

#include "backend/table_holder.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// Begins the transaction that a snapshot is taken in, and holds the tables that are read in it against
/// TRUNCATE and against definitions that rewrite them: to an older snapshot such a table is empty, without an
/// error. Until the transaction's end others wait for that, and for nothing else.
class HeldTables {
  public:
    HeldTables(session::PostgresqlSession& session, const std::vector<std::string>& schemas,
               backend::TableChoice wanted);

    /// Leaves the session in a repeatable read transaction whose snapshot is taken, all tables held in it.
    /// Throws: Error{locked} that names the table somebody else holds; Error{transient} where tables are made
    /// and dropped all the time.
    void begin_snapshot();

  private:
    struct Held {
        std::string oid;
        std::string name;  ///< As in SQL.
        bool lockable;     ///< By LOCK TABLE, which wants SELECT on the whole table.
        bool operator==(const Held&) const = default;
    };

    std::vector<Held> list();
    void lock(const std::vector<Held>& tables);
    void read_nothing_of(const std::vector<Held>& tables);
    [[noreturn]] void name_holder(const std::vector<Held>& tables, const Error& error);

    session::PostgresqlSession& m_session;
    std::optional<std::string> m_schemas;
    backend::TableChoice m_wanted;
    bool m_rewritten = false;  ///< What list() saw: a table's storage is another than the snapshot's.
};

}  // namespace migrate::backends::postgresql
