#pragma once

#include <map>
#include <string>
#include <vector>

#include "backend/target.hpp"
#include "backends/postgresql/column_operators.hpp"
#include "backends/postgresql/staging_names.hpp"
#include "backends/postgresql/trigger_switch.hpp"
#include "backends/postgresql/undo_log.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// The staging table of a table that is there: its types, without its keys, defaults and generated columns.
std::string create_load_staging(const Table& table, const StagingNames& names);

/// Moves the staged rows of every table of placement `load` into the table that is there, inside the
/// cutover's transaction: readers see the old rows until it commits, and nobody else writes meanwhile. What
/// it changes, also through the target's own triggers, goes to the undo log.
class Merge {
  public:
    Merge(session::PostgresqlSession& session, const backend::TargetPlan& plan, const StagingNames& names);

    /// Throws: Error{constraint} where policy says stop, or a key or check of the target refuses rows.
    void run();
    [[nodiscard]] const std::vector<backend::MergedTable>& merged() const noexcept { return m_merged; }
    [[nodiscard]] std::vector<Finding>& findings() noexcept { return m_findings; }
    /// What run() does, for --show-sql.
    [[nodiscard]] std::vector<std::string> statements() const;

  private:
    /// A table whose rows change: one that is loaded, or one that triggers write to.
    struct Changed {
        undo::LoggedTable log;
        const Table* table = nullptr;  ///< Null where only triggers write to it.
    };
    /// The names and conditions of one loaded table's statements.
    struct Names;

    void log_loaded();
    void log_table(const QualifiedName& name, const Table* table);
    void copy_before(const Changed& changed);
    void merge_rows();
    void merge_table(const Changed& changed);
    void refuse_conflicts(const Changed& changed, const Names& names, std::int64_t staged);
    /// Says which unique key, beside the one that rows are matched by, does not let the merge be.
    [[noreturn]] void refuse_repeated(const Table& table, const Names& names, const Error& error);
    bool add_touched();
    void find_changes(const Changed& changed);
    void check(const Changed& changed);
    void set_sequences(const Table& table);
    [[nodiscard]] std::vector<const Table*> in_key_order() const;
    [[nodiscard]] Names names_of(const Table& table, int ordinal) const;
    [[nodiscard]] std::string overwrite_sql(const Table& table, const Names& names) const;
    [[nodiscard]] std::string insert_sql(const Names& names) const;
    std::int64_t count(const std::string& sql, const std::string& doing);
    std::uint64_t run_counted(const std::string& sql, const std::string& doing);
    backend::MergedTable& merged_of(const Table& table);

    session::PostgresqlSession& m_session;
    const backend::TargetPlan& m_plan;
    const StagingNames& m_staging;
    std::vector<Changed> m_changed;
    std::map<QualifiedName, ColumnOperators>
        m_operators;  ///< Of loaded tables, asked for under an empty path.
    std::vector<backend::MergedTable> m_merged;
    std::vector<Finding> m_findings;
    std::map<QualifiedName, std::int64_t> m_written_before;
    undo::SequencePositions m_sequences;  ///< Where they stood before any row was merged.
    TriggerSwitch m_triggers;
};

}  // namespace migrate::backends::postgresql
