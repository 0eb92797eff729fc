#pragma once

#include <map>
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
    /// Throws: Error where it cannot be rehearsed, also since a sample cannot be migrated. That the rollback
    /// fails is a result.
    RollbackRehearsal run();

  private:
    /// Of each table its columns, how many rows it has and their digest, read in fresh sessions.
    using Tables = std::map<std::string, std::string>;

    void require_sessions() const;
    [[nodiscard]] std::shared_ptr<const Sample> sample_of_source(SampleRequest request);
    [[nodiscard]] std::shared_ptr<const Sample> sample_what_is_there();
    void name_tables_without_rows(const Sample& sample, const std::string& side);
    void copy_what_is_there();
    void require_triggers(const std::vector<Finding>& findings) const;
    void migrate_and_undo();
    void refuse_missing_rights();
    void undo(const std::string& migration);
    void compare(const Tables& before, const Tables& after);
    [[nodiscard]] Tables look() const;
    [[nodiscard]] MigratorConfig inner_config() const;
    void leave_out(const std::vector<Finding>& findings, bool of_scratch);

    const MigratorContext& m_context;
    const MigrationPlan& m_plan;
    RehearsalOptions m_options;
    SampleRequest m_of_source;
    std::unique_ptr<backend::Scratch> m_scratch;
    std::shared_ptr<backend::Source> m_source;  ///< Pinned, for all samples of it.
    RollbackRehearsal m_result;
};

}  // namespace migrate::rehearsal
