#pragma once

#include <map>
#include <string>
#include <vector>

#include "backend/target.hpp"
#include "backends/postgresql/staging_names.hpp"
#include "backends/postgresql/undo_log.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// Puts new tables in the place of tables that are there, inside the cutover's transaction. The old ones are
/// kept in schemas of their own with their indexes and sequences; views, foreign keys of others and
/// privileges go over to the new ones, by their own definitions.
class Replacement {
  public:
    Replacement(session::PostgresqlSession& session, const backend::TargetPlan& plan,
                const StagingNames& names);

    /// Before the staged tables are moved: the old ones step aside.
    /// Returns the digests of their rows.
    std::map<QualifiedName, undo::RowDigest> step_aside();
    /// After that: what depended on the old ones is made anew.
    void connect();
    /// Statements that undo all of it, in their order; the tables that were put in place are left in
    /// `undone_schema()`.
    [[nodiscard]] std::vector<std::string> undo_statements() const;
    [[nodiscard]] bool any() const noexcept { return !m_tables.empty(); }

  private:
    struct OldTable {
        const Table* table = nullptr;
        std::string oid;
        std::string kept_schema;
    };
    struct Dependent {
        std::string name;  ///< For messages.
        std::string drop;  ///< Empty for views, which are replaced.
        std::string make;
    };

    void read_views();
    void read_foreign_keys();
    void read_privileges(const OldTable& old);
    void collect(const std::string& sql, const char* doing, std::vector<std::string>& statements);

    session::PostgresqlSession& m_session;
    const backend::TargetPlan& m_plan;
    std::vector<OldTable> m_tables;
    std::string m_oids;
    std::vector<Dependent> m_views;
    std::vector<Dependent> m_incoming;  ///< Foreign keys of other tables.
    std::vector<Dependent> m_outgoing;  ///< Foreign keys of the old tables to others: not held by kept rows.
    std::vector<std::string> m_privileges;
};

/// Where a rollback puts the tables that it takes away, until it drops them.
std::string undone_schema(const std::string& migration);

bool replaces_any(const Schema& schema);

}  // namespace migrate::backends::postgresql
