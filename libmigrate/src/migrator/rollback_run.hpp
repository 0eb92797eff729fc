#pragma once

#include <memory>
#include <optional>
#include <string>

#include <migrate/migration_plan.hpp>
#include <migrate/migration_result.hpp>
#include <migrate/rollback.hpp>

#include "backend/target.hpp"
#include "migrator/context.hpp"

namespace migrate {

/// One call of rollback_migration, once its target is open and, where it executes, locked.
class RollbackRun {
  public:
    struct Subject {
        std::string id;
        Endpoint to;
        std::optional<backend::RecordedMigration> recorded;  ///< By the target.
        std::optional<MigrationState> indexed;
    };

    RollbackRun(const MigratorContext& context, std::unique_ptr<backend::Target> target, Subject subject,
                const RollbackOptions& options);

    /// Throws: Error{refused} where something is in the way, Error{usage} for a checkpoint that is none.
    RollbackResult run();

  private:
    [[nodiscard]] bool is_unfinished() const;
    [[nodiscard]] bool is_gone() const;
    [[nodiscard]] bool keeps_staging() const;
    void check_checkpoint() const;
    void require_staged() const;
    RollbackResult undo_unfinished();
    RollbackResult undo_done();
    RollbackResult restore();
    void choose_strategy();
    void require_swap_of_all(const char* what) const;
    void go_further_back(RollbackResult& result);
    [[nodiscard]] backend::RollbackRequest request() const;
    [[nodiscard]] std::string backup_of_target() const;
    [[nodiscard]] bool any(Placement placement) const;
    [[noreturn]] void refuse(const std::string& why, const std::string& next_step) const;

    const MigratorContext& m_context;
    std::unique_ptr<backend::Target> m_target;
    Subject m_subject;
    RollbackOptions m_options;
    std::optional<MigrationPlan> m_plan;  ///< As the target has it; nullopt where it has none.
    RollbackStrategy m_strategy = RollbackStrategy::swap;
    std::string m_reason;
};

}  // namespace migrate
