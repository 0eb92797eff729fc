#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "backend/target.hpp"
#include "session/sqlite_session.hpp"

namespace migrate::backends::sqlite {

/// Takes rows that a key refuses out of the staged tables: each becomes a dead letter, and the checkpoints
/// are corrected, in one transaction.
class RowRemoval {
  public:
    RowRemoval(const session::SqliteSession& session, const backend::TargetPlan& plan)
        : m_session(session), m_plan(plan) {}

    /// All but the first row of those that a unique index takes for equal. Returns how many were removed.
    std::uint64_t remove_duplicates(std::size_t table, const Index& index);
    /// Rows of any table that point to none, and then those that pointed to these, until every key holds.
    void remove_orphans();

    [[nodiscard]] std::vector<backend::RemovedRows> take() { return std::move(m_removed); }

  private:
    /// `violators` is a SELECT of the columns that tell rows of the table apart (row_key).
    std::uint64_t remove(std::size_t table, const std::string& violators, const std::string& reason);
    void write_dead_letters(const Table& table, const std::string& found, backend::RemovedRows& removed);
    void correct_checkpoints(const Table& table, const backend::RemovedRows& removed);
    std::uint64_t remove_orphans_of(std::size_t table);

    const session::SqliteSession& m_session;
    const backend::TargetPlan& m_plan;
    std::vector<backend::RemovedRows> m_removed;
};

/// A SELECT of the key of the rows that repeat what an earlier row has in a unique index.
std::string duplicates_sql(const Table& table, const Index& index);

}  // namespace migrate::backends::sqlite
