#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <migrate/error.hpp>
#include <migrate/migrator.hpp>

#include "audit/call_log.hpp"
#include "backend/target.hpp"
#include "migrator/context.hpp"
#include "migrator/events.hpp"
#include "migrator/execution.hpp"
#include "state/checkpoints.hpp"
#include "state/state_store.hpp"

MIGRATE_NAMESPACE_BEGIN

/// What the calls of the facade have in common.
class CrossDatabaseMigrator::Impl {
  public:
    explicit Impl(MigratorConfig config) : m_config(std::move(config)) {}

    [[nodiscard]] const MigratorConfig& config() const { return m_config; }

    /// Each call has its own events; the context lives as long as the call.
    template <class Body>
    auto call(Body body) {
        EventSink events(m_config.observer);
        Throttle throttle(m_config, events);
        audit::CallLog log(audit_options());
        const MigratorContext context{m_config, events, throttle, m_memory, log};
        return body(context);
    }

    /// A call that is recorded in the audit trail, by whatever way it ends; with its result the body says it.
    template <class Body>
    auto audited_call(const std::string& operation, const std::string& migration, Body body) {
        return call([&](const MigratorContext& context) {
            context.audit.begin(operation, migration);
            record_phases(context);
            try {
                return body(context);
            } catch (const Error& error) {
                if (const auto told = context.audit.end(error)) {
                    throw Error(*told);
                }
                throw;
            } catch (const std::exception& error) {
                static_cast<void>(context.audit.end(Error(ErrorCode::internal, error.what())));
                throw;
            }
        });
    }

    /// Null where no index is kept.
    std::optional<state::StateStore> store() const {
        if (m_config.state_path.empty()) {
            return std::nullopt;
        }
        state::StateOptions options;
        options.clock = m_config.clock;
        return state::StateStore(m_config.state_path, std::move(options));
    }

    /// The target of a known migration, opened; the audit trail learns of both, and that the call has
    /// started.
    std::unique_ptr<backend::Target> open_recorded(const MigratorContext& context,
                                                   const std::string& migration,
                                                   const std::optional<Endpoint>& given) const;

    Endpoint target_of(const std::string& migration, const std::optional<Endpoint>& given) const {
        if (given) {
            return *given;
        }
        const auto index = store();
        if (!index) {
            throw Error(ErrorCode::usage, "no index of migrations is kept, so the target has to be given");
        }
        return index->endpoints(migration).to;
    }

    std::string resolve(const std::string& migration) const {
        const auto index = store();
        if (!index) {
            return migration;
        }
        try {
            return index->resolve(migration);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::not_found) {
                throw;
            }
            return migration;
        }
    }

    /// Nullopt where the index does not know it, or there is none.
    std::optional<MigrationState> indexed_state(const std::string& migration) const {
        const auto index = store();
        try {
            return index ? std::optional(index->find(migration).state) : std::nullopt;
        } catch (const Error& error) {
            if (error.code() != ErrorCode::not_found) {
                throw;
            }
            return std::nullopt;
        }
    }

    /// The index is rebuilt from targets when it is lost, so that a migration that is not in it is no error,
    /// nor that it cannot be written, once the target has changed.
    std::optional<Finding> record_state(const std::string& migration, MigrationState state) const {
        try {
            if (auto index = store()) {
                index->record_state(migration, state);
            }
        } catch (const Error& error) {
            if (error.code() != ErrorCode::not_found && error.code() != ErrorCode::internal) {
                return index_not_written(error);
            }
        }
        return std::nullopt;
    }

    /// Likewise, of a rollback: the state, and to which checkpoint it has gone.
    std::optional<Finding> record_way_back(const RollbackResult& result) const {
        const MigrationState state = result.state == "ready"     ? MigrationState::ready
                                     : result.state == "loading" ? MigrationState::interrupted
                                                                 : MigrationState::rolled_back;
        auto finding = record_state(result.id, state);
        if (state == MigrationState::rolled_back || finding) {
            return finding;
        }
        return record_event(result.id, static_cast<Phase>(*result.checkpoint - 1), state::k_gone_back);
    }

    /// Likewise, of a phase.
    std::optional<Finding> record_event(const std::string& migration, Phase phase,
                                        std::string_view line) const {
        try {
            if (auto index = store()) {
                index->record_event(migration, phase, std::string(line));
            }
        } catch (const Error& error) {
            if (error.code() != ErrorCode::not_found) {
                return index_not_written(error);
            }
        }
        return std::nullopt;
    }

    /// Likewise, that it is gone on with; what cannot be written the next record says.
    void record_taken_up(const std::string& migration) const {
        try {
            if (auto index = store()) {
                index->record_taken_up(migration);
            }
        } catch (const Error&) {
            // The phase that is recorded next tells, if it is more than that the index does not know it.
        }
    }

    /// What a run writes into the index; `store` is where, or null, and outlives it.
    static MigrationIndex index_in(const MigratorContext& context, state::StateStore* store,
                                   const std::shared_ptr<bool>& recorded);
    /// Writes how a run has ended, once index_in() has written how it began.
    static void record_end(state::StateStore* store, bool recorded, MigrationResult& result);

    /// What estimates are made of; `store` may be null. Nothing where it cannot be read.
    static std::vector<plan::PastRun> past_runs(const state::StateStore* store, const Endpoint& from,
                                                const Endpoint& to);
    /// Keeps what a run from the start has taken, where it ended well. After record_end().
    static void record_run(state::StateStore* store, bool recorded, const MigrationPlan& plan,
                           MigrationResult& result);

    /// The last step of a migration that the target has recorded as ready. Requires: the target is locked.
    MigrationResult cut_over(const MigratorContext& context, backend::Target& target,
                             const backend::RecordedMigration& ready) const;
    MigrationResult resume(const MigratorContext& context, const MigrationPlan& plan,
                           const MigrationOptions& options) const;
    struct Anew {
        std::string why;  ///< What is staged cannot be used.
        Severity severity = Severity::risk;
        std::string source_backup;  ///< That was made already; may be empty.
        std::string target_backup;  ///< Likewise.
    };
    /// Runs a plan whose staging was dropped once more, from the start, with all values read before it. Under
    /// another id, so that a worker of the old one that is still alive can write nothing; the plan is then
    /// as it was run.
    static MigrationResult begin_anew(const MigratorContext& context, MigrationPlan& plan,
                                      const MigrationOptions& options, const MigrationIndex& index,
                                      const Anew& anew);
    /// Of one whose run was killed after its cutover: all that is missing is that somebody says so.
    MigrationResult result_of_done(const backend::RecordedMigration& recorded) const;

  private:
    [[nodiscard]] audit::CallLogOptions audit_options() const;
    static void record_phases(const MigratorContext& context);

    MigratorConfig m_config;
    std::shared_ptr<backend::SourceMemory> m_memory = std::make_shared<backend::SourceMemory>();
};

MIGRATE_NAMESPACE_END
