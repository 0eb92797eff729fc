#include <optional>
#include <string>
#include <utility>

#include <migrate/error.hpp>
#include <migrate/migrator.hpp>

#include "migrator/audit_words.hpp"
#include "migrator/known_migration.hpp"
#include "migrator/migrator_impl.hpp"
#include "migrator/patience.hpp"
#include "migrator/rollback_run.hpp"

MIGRATE_NAMESPACE_BEGIN

RollbackResult CrossDatabaseMigrator::rollback_migration(const std::string& migration,
                                                         const RollbackOptions& options,
                                                         const std::optional<Endpoint>& target) {
    const auto body = [&](const MigratorContext& context) {
        const std::string id = m_impl->resolve(migration);
        auto side = m_impl->open_recorded(context, id, target);
        if (options.execute) {
            // Whoever asks may have killed the run a moment ago.
            lock_patiently(context, *side, id);
        }
        RollbackRun::Subject subject{id, m_impl->target_of(id, target), recorded_by(*side, id),
                                     m_impl->indexed_state(id)};
        if (state_of(subject.recorded, subject.indexed) == "finalized") {
            // Of a new JSON database nothing but the index knows it.
            require_state(id, "finalized", {}, "be rolled back", "it is final; drop its tables by hand");
        }
        // The index tells how it ended; that nothing was left to undo tells it no better.
        const bool has_end = subject.indexed == MigrationState::failed ||
                             subject.indexed == MigrationState::abandoned ||
                             subject.indexed == MigrationState::finalized;
        context.audit.target_is_written(true);
        RollbackResult result = RollbackRun(context, std::move(side), std::move(subject), options).run();
        if (options.execute && (result.executed || (result.was_rolled_back && !has_end))) {
            if (auto finding = m_impl->record_way_back(result)) {
                result.findings.push_back(std::move(*finding));
            }
        }
        conclude(context, result);
        return result;
    };
    return options.execute ? m_impl->audited_call("rollback", migration, body) : m_impl->call(body);
}

MIGRATE_NAMESPACE_END
