#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "backend/target.hpp"
#include "backends/postgresql/staging_names.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// ONLY and where the table is staged; of a partitioned table without ONLY, since its rows are in others.
std::string staged_rows(const Table& table, const StagingNames& names);
/// FROM and that.
std::string from_staged(const Table& table, const StagingNames& names);

/// Takes rows that a key or check refuses out of the staged tables: each becomes a dead letter, and the
/// checkpoints are corrected, in the transaction that the caller has begun.
class RowRemoval {
  public:
    RowRemoval(session::PostgresqlSession& session, const backend::TargetPlan& plan,
               const StagingNames& names)
        : m_session(session), m_plan(plan), m_names(names) {}

    /// `violators` is a SELECT of tableoid and ctid from the table; it is asked until it finds none. Returns
    /// how many were removed.
    std::uint64_t remove(std::size_t table, const std::string& violators, const std::string& reason);

    [[nodiscard]] std::vector<backend::RemovedRows> take() { return std::move(m_removed); }

  private:
    /// Those of one answer, which is bounded so that memory is.
    backend::RemovedRows remove_some(std::size_t table, const std::string& violators,
                                     const std::string& reason);
    void write_dead_letters(const Table& table, std::vector<RejectedRow>& letters);
    void correct_checkpoints(const Table& table, const backend::RemovedRows& removed);

    session::PostgresqlSession& m_session;
    const backend::TargetPlan& m_plan;
    const StagingNames& m_names;
    std::vector<backend::RemovedRows> m_removed;
};

/// Removes what has no row to point to in any foreign key of the schema, and then what pointed to that, until
/// every key holds. Before the first of them is made: their own actions would delete rows unseen.
void remove_orphans(session::PostgresqlSession& session, const backend::TargetPlan& plan,
                    const StagingNames& names, RowRemoval& removal);

/// A SELECT of tableoid and ctid of the rows of a table that violate one of its foreign keys, the table being
/// called child.
std::string orphans_sql(const Schema& schema, const Table& table, const ForeignKey& key,
                        const StagingNames& names);

}  // namespace migrate::backends::postgresql
