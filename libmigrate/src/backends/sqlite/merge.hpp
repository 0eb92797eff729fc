#pragma once

#include <string>
#include <vector>

#include "backend/target.hpp"
#include "backends/sqlite/orphan_set.hpp"
#include "backends/sqlite/undo_log.hpp"
#include "session/sqlite_session.hpp"

namespace migrate::backends::sqlite {

/// The staging table of a table that is there: its declared types, so that values take the same form, without
/// its keys, defaults and generated columns.
std::string create_load_staging(const Table& table);

/// Moves the staged rows of every table of placement `load` from the attached `staging` into the table that
/// is there, inside the cutover's transaction. What it changes, also through the target's own triggers, goes
/// to the undo log.
class Merge {
  public:
    struct Names;  ///< Of one table's statements.

    Merge(const session::SqliteSession& session, const backend::TargetPlan& plan);

    /// `orphans`: those that were there before. Throws: Error{constraint} where policy says stop, or a key,
    /// check or foreign key refuses rows.
    void run(const OrphanSet& orphans);
    [[nodiscard]] const std::vector<backend::MergedTable>& merged() const noexcept { return m_merged; }
    [[nodiscard]] std::vector<Finding>& findings() noexcept { return m_findings; }
    /// What run() does, for --show-sql.
    [[nodiscard]] std::vector<std::string> statements() const;

  private:
    struct Changed {
        undo::LoggedTable log;
        const Table* table = nullptr;  ///< Null where only triggers write to it.
    };
    void log_table(const std::string& name, const Table* table);
    void log_reachable();
    void merge_table(const Changed& changed);
    std::uint64_t overwrite(const Table& table, const Names& names, const std::string& doing);
    std::uint64_t insert(const Table& table, const Names& names, const std::string& doing);
    std::uint64_t insert_keyed(const Table& table, const Names& names, const std::string& doing);
    void refuse_conflicts(const Table& table, const Names& names);
    void find_changes(const Changed& changed);
    void check(const Changed& changed);
    void switch_triggers(bool on);
    [[nodiscard]] bool compares() const;
    [[nodiscard]] Names names_of(const Table& table, std::int64_t ordinal) const;
    [[nodiscard]] std::string overwrite_sql(const Table& table, const Names& names) const;
    [[nodiscard]] std::string insert_sql(const Table& table, const Names& names) const;
    [[nodiscard]] std::string abort_word(const Table& table) const;
    [[nodiscard]] std::int64_t unkeyed_differences(const Names& names) const;
    [[nodiscard]] std::int64_t count(const std::string& sql) const;
    std::uint64_t run_counted(const std::string& sql, const std::string& doing);

    const session::SqliteSession& m_session;
    const backend::TargetPlan& m_plan;
    std::vector<Changed> m_changed;
    std::vector<backend::MergedTable> m_merged;
    std::vector<Finding> m_findings;
};

/// An expression that is the same for two rows only where all their values and classes are: of `alias`.
std::string row_text(const session::SqliteSession& session, const std::string& table,
                     const std::string& alias);
/// The columns of a table by PRAGMA table_xinfo: those of its primary key, or those that take values.
std::vector<std::string> key_columns(const session::SqliteSession& session, const std::string& table);
std::vector<std::string> value_columns(const session::SqliteSession& session, const std::string& table);

}  // namespace migrate::backends::sqlite
