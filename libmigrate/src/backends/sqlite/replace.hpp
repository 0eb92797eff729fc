#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backend/target.hpp"
#include "backends/sqlite/orphan_set.hpp"
#include "backends/sqlite/undo_log.hpp"
#include "session/sqlite_session.hpp"

namespace migrate::backends::sqlite {

/// Puts new tables in the place of tables that are there, inside the cutover's transaction. The old ones keep
/// their rows under another name in the file; views and foreign keys of other tables go by the name, and the
/// triggers are made anew.
class Replacement {
  public:
    Replacement(const session::SqliteSession& session, const backend::TargetPlan& plan);

    /// Before the new tables are made.
    void step_aside();
    /// After that. Throws: Error{refused} naming a view or trigger that does not fit the new tables.
    void connect();
    /// Writes how all of it is undone.
    void log();

  private:
    struct OldTable {
        const Table* table = nullptr;
        std::string kept;
        std::string definition;
        std::vector<std::string> indexes;
        std::vector<std::string> triggers;
        undo::LoggedTable log;
    };
    [[nodiscard]] std::vector<std::string> definitions(const std::string& type,
                                                       const std::string& table) const;
    [[nodiscard]] std::vector<std::string> working_views() const;

    const session::SqliteSession& m_session;
    const backend::TargetPlan& m_plan;
    std::vector<OldTable> m_tables;
    std::vector<std::string> m_views;
    std::unique_ptr<OrphanSet> m_orphans;
};

}  // namespace migrate::backends::sqlite
