#pragma once

#include <memory>
#include <string>
#include <vector>

#include <migrate/migration_plan.hpp>
#include <migrate/rehearsal.hpp>

#include "backend/scratch.hpp"
#include "migrator/context.hpp"
#include "rehearsal/inner_call.hpp"
#include "rehearsal/sample.hpp"

namespace migrate::rehearsal {

/// One call of rehearse_rollback: a sample of what is there and a sample of the source go into a scratch
/// place, by the same code as the whole would, and the rollback is proven there.
class Rehearsal {
  public:
    Rehearsal(const MigratorContext& context, const MigrationPlan& plan, const RehearsalOptions& options);
    /// Throws: Error where it cannot be rehearsed. That the rollback fails, or a migration of the sample
    /// does, is a result.
    RollbackRehearsal run();

  private:
    [[nodiscard]] std::function<std::unique_ptr<backend::Source>()> sample_of_source();
    [[nodiscard]] std::shared_ptr<const Sample> sample_what_is_there();
    void copy_what_is_there();
    void migrate_and_undo();
    MigrationPlan plan_in_scratch(InnerCall& call) const;
    void undo(const std::string& migration);
    void compare(const std::vector<std::string>& before, const std::vector<std::string>& after);
    /// A line for each table: its columns, how many rows it has and their digest, read in fresh sessions.
    [[nodiscard]] std::vector<std::string> look() const;
    [[nodiscard]] MigratorConfig inner_config() const;
    void leave_out(const std::vector<Finding>& findings);

    const MigratorContext& m_context;
    const MigrationPlan& m_plan;
    RehearsalOptions m_options;
    SampleRequest m_of_source;
    std::unique_ptr<backend::Scratch> m_scratch;
    RollbackRehearsal m_result;
};

}  // namespace migrate::rehearsal
