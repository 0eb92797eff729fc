#pragma once

#include <cstddef>
#include <vector>

#include "backend/target.hpp"
#include "session/sqlite_session.hpp"

namespace migrate::backends::sqlite {

/// What is made after the load, in an order that works one after another. Keys and checks come with their
/// tables.
std::vector<backend::BuildStep> build_steps_of(const Schema& schema);

/// Makes one thing after another in the staging file. Rows that an index or a foreign key refuses are handled
/// as the plan says.
class Builder {
  public:
    Builder(const session::SqliteSession& session, const backend::TargetPlan& plan)
        : m_session(session), m_plan(plan) {}

    /// Throws: Error{constraint} for rows that break a rule, where the policy is to stop.
    backend::BuildResult build(const backend::BuildStep& step);

  private:
    backend::BuildResult build_index(std::size_t table, const Index& index);
    backend::BuildResult check_foreign_keys(std::size_t index);
    std::vector<Finding> build_object(const SchemaObject& object);

    const session::SqliteSession& m_session;
    const backend::TargetPlan& m_plan;
};

}  // namespace migrate::backends::sqlite
