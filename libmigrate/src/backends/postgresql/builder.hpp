#pragma once

#include <vector>

#include "backend/target.hpp"
#include "backends/postgresql/row_removal.hpp"
#include "backends/postgresql/staging_names.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// Builds one of them. Rows that a key or check refuses stop the build or are taken
/// out, as the plan says; what the server cannot build at all is left out and reported.
class Builder {
  public:
    Builder(session::PostgresqlSession& session, const backend::TargetPlan& plan, const StagingNames& names)
        : m_session(session), m_plan(plan), m_names(names), m_removal(session, plan, names) {}
    backend::BuildResult build(const backend::BuildStep& step);

  private:
    void settle(const Table& table);
    void primary_key(const Table& table);
    void unique_key(const Table& table, const Key& key);
    void index(const Table& table, const Index& index);
    void check(const Table& table, const Check& check);
    void foreign_key(const Table& table, const ForeignKey& key);
    void validate(const Table& table, const ForeignKey& key);
    /// Throws: Error{constraint} where the policy is to stop.
    void report_orphans(const Table& table, const ForeignKey& key);
    void sequence(const Table& table, const Column& column);
    /// The next value that the sequence (a SQL expression of type regclass) hands out.
    void set_exactly(const std::string& sequence, std::int64_t next, const std::string& doing);
    void object(const SchemaObject& object);

    [[nodiscard]] std::uint64_t count(const std::string& sql, const std::string& doing);
    /// A SELECT of the rows that repeat what another row has in these expressions.
    [[nodiscard]] std::string duplicates(const Table& table, const std::vector<std::string>& expressions,
                                         bool nulls_equal, const std::string& where);
    void make_unique(const Table& table, const std::string& sql, const std::string& violators,
                     const std::string& name, const char* code);
    /// "repeats the key of another", and of several rows.
    struct What {
        const char* one;
        const char* many;
    };
    /// Deals with the rows that a SELECT of tableoid and ctid finds as the policy says; `what` says of them
    /// what they do wrong. True when they are gone; false where there are none.
    /// Throws: Error{constraint} where the policy is to stop.
    bool take_out(const Table& table, const std::string& violators, const std::string& object,
                  const What& what);
    template <class Body>
    void in_transaction(const std::string& doing, Body body);
    /// Runs the statement; a refusal of the server's that names no rows becomes a finding as well.
    void run(const std::string& sql, const std::string& object, const char* code);
    void leave_out(const char* code, const std::string& object, const std::string& why,
                   const std::string& next_step, std::uint64_t count);

    session::PostgresqlSession& m_session;
    const backend::TargetPlan& m_plan;
    const StagingNames& m_names;
    RowRemoval m_removal;
    std::vector<Finding> m_findings;
};

}  // namespace migrate::backends::postgresql
