#include <algorithm>
#include <optional>
#include <utility>

#include <migrate/error.hpp>
#include <migrate/migrator.hpp>

#include "backend/registry.hpp"
#include "backend/table_holder.hpp"
#include "mapping/selection.hpp"
#include "migrator/compare.hpp"
#include "migrator/context.hpp"
#include "migrator/execution.hpp"
#include "plan/planner.hpp"
#include "state/state_store.hpp"

MIGRATE_NAMESPACE_BEGIN

bool CompatibilityReport::compatible() const noexcept {
    return std::none_of(findings.begin(), findings.end(),
                        [](const Finding& finding) { return finding.severity == Severity::blocker; });
}

int CheckReport::exit_code() const noexcept {
    return std::any_of(findings.begin(), findings.end(),
                       [](const Finding& finding) { return finding.severity == Severity::blocker; })
               ? 4
               : 0;
}

class CrossDatabaseMigrator::Impl {
  public:
    explicit Impl(MigratorConfig config) : m_config(std::move(config)) {}

    [[nodiscard]] const MigratorConfig& config() const { return m_config; }

    /// Each call has its own events; the context lives as long as the call.
    template <class Body>
    auto call(Body body) {
        EventSink events(m_config.observer);
        const MigratorContext context{m_config, events};
        return body(context);
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

    /// The index is rebuilt from targets when it is lost, so a migration that is not in it is no error here.
    void record_state(const std::string& migration, MigrationState state) const {
        if (auto index = store()) {
            try {
                index->record_state(migration, state);
            } catch (const Error& error) {
                if (error.code() != ErrorCode::not_found && error.code() != ErrorCode::internal) {
                    throw;
                }
            }
        }
    }

  private:
    MigratorConfig m_config;
};

namespace {

MigrationPlan make_plan(const MigratorContext& context, const MigrationSource& source,
                        const MigrationTarget& target, const PlanOptions& options) {
    context.events.start(Phase::open);
    refuse_same_place(source.endpoint, target.endpoint);
    const auto from = context.open_source(source.endpoint);
    const auto to = context.open_target(target.endpoint);
    backend::hold_tables(*from, mapping::selection_of(options));
    from->pin_snapshot(1);
    refuse_same_place(source.endpoint, backend::identity_of(*from), target.endpoint,
                      backend::identity_of(*to));
    context.events.start(Phase::plan);
    const backend::Capabilities& can = backend::backend_named(target.endpoint.engine).capabilities();
    MigrationPlan plan = plan::make_plan({source.endpoint, target.endpoint, *from, *to, can}, options,
                                         new_migration_id(), context.now());
    context.events.finish();
    return plan;
}

std::uint64_t committed_rows(const MigrationResult& result) {
    std::uint64_t rows = 0;
    for (const TableResult& table : result.tables) {
        rows += table.committed;
    }
    return rows;
}

MigrationRecord start_record(const MigratorContext& context, const MigrationPlan& plan) {
    MigrationRecord record;
    record.id = plan.id;
    record.state = MigrationState::loading;
    record.from = plan.from.display();
    record.to = plan.to.display();
    record.started_at = context.now();
    return record;
}

}  // namespace

CrossDatabaseMigrator::CrossDatabaseMigrator(MigratorConfig config)
    : m_impl(std::make_unique<Impl>(std::move(config))) {}
CrossDatabaseMigrator::~CrossDatabaseMigrator() = default;
CrossDatabaseMigrator::CrossDatabaseMigrator(CrossDatabaseMigrator&&) noexcept = default;
CrossDatabaseMigrator& CrossDatabaseMigrator::operator=(CrossDatabaseMigrator&&) noexcept = default;

CompatibilityReport CrossDatabaseMigrator::validate_compatibility(const Endpoint& from, const Endpoint& to) {
    return m_impl->call([&](const MigratorContext& context) {
        const MigrationPlan plan = make_plan(context, {from}, {to}, {});
        return CompatibilityReport{plan.from_summary, plan.to_summary, plan.findings};
    });
}

MigrationPlan CrossDatabaseMigrator::plan_migration(const MigrationSource& source,
                                                    const MigrationTarget& target,
                                                    const PlanOptions& options) {
    return m_impl->call(
        [&](const MigratorContext& context) { return make_plan(context, source, target, options); });
}

MigrationResult CrossDatabaseMigrator::execute_migration(const MigrationPlan& plan,
                                                         const MigrationOptions& options) {
    return m_impl->call([&](const MigratorContext& context) {
        auto index = m_impl->store();
        bool recorded = false;
        const auto journal = [&](MigrationState state, Phase phase, const std::string& line) {
            if (!index) {
                return;
            }
            if (!recorded) {
                index->record_start(start_record(context, plan), render_json(plan), {plan.from, plan.to});
                recorded = true;
            }
            index->record_event(plan.id, phase, line);
            index->record_state(plan.id, state);
        };
        MigrationResult result = Execution(context, plan, options, journal).run();
        if (index && recorded) {
            index->record_end(plan.id, result.state, result.exit_code(), committed_rows(result),
                              result.failure);
        }
        return result;
    });
}

VerificationReport CrossDatabaseMigrator::verify(const VerifyRequest& request) {
    return m_impl->call(
        [&](const MigratorContext& context) { return compare_endpoints(context, request, 0, nullptr); });
}

DiffReport CrossDatabaseMigrator::diff(const DiffRequest& request) {
    return m_impl->call([&](const MigratorContext& context) {
        DiffReport report;
        compare_endpoints(context, request.compare, request.max_rows, &report);
        return report;
    });
}

CheckReport CrossDatabaseMigrator::check(const Endpoint& endpoint) {
    return m_impl->call([&](const MigratorContext& context) { return check_endpoint(context, endpoint); });
}

MigrationResult CrossDatabaseMigrator::cutover(const std::string& migration,
                                               const std::optional<Endpoint>& target) {
    return m_impl->call([&](const MigratorContext& context) {
        const std::string id = m_impl->resolve(migration);
        const auto side = context.open_target(m_impl->target_of(id, target));
        const auto recorded = side->recorded_migrations();
        const auto it = std::find_if(recorded.begin(), recorded.end(),
                                     [&](const backend::RecordedMigration& m) { return m.id == id; });
        if (it == recorded.end() || it->state != "ready") {
            ErrorFacts facts;
            facts.code = ErrorCode::not_found;
            facts.next_step = "look at its status, and at the list of migrations in the history";
            throw Error(std::move(facts), "migration " + id +
                                              (it == recorded.end() ? " is not known to the target"
                                                                    : " is " + it->state + ", not ready") +
                                              "; there is nothing to cut over");
        }
        const MigrationPlan plan = parse_plan(it->plan_json);
        side->lock(id);
        side->reopen(plan::target_plan_of(plan, it->id));
        MigrationResult result;
        result.id = id;
        result.findings = plan.findings;
        context.events.start(Phase::cutover);
        auto findings = side->cutover();
        std::move(findings.begin(), findings.end(), std::back_inserter(result.findings));
        context.events.finish();
        result.state = MigrationState::done;
        result.phases = context.events.phases();
        m_impl->record_state(id, result.state);
        return result;
    });
}

std::uint64_t CrossDatabaseMigrator::finalize(const std::string& migration,
                                              const std::optional<Endpoint>& target) {
    return m_impl->call([&](const MigratorContext& context) {
        const std::string id = m_impl->resolve(migration);
        const auto side = context.open_target(m_impl->target_of(id, target));
        side->lock(id);
        const std::uint64_t freed = side->finalize(id);
        m_impl->record_state(id, MigrationState::finalized);
        return freed;
    });
}

void CrossDatabaseMigrator::abandon(const std::string& migration, const std::optional<Endpoint>& target) {
    m_impl->call([&](const MigratorContext& context) {
        const std::string id = m_impl->resolve(migration);
        const auto side = context.open_target(m_impl->target_of(id, target));
        side->lock(id);
        side->abandon(id);
        m_impl->record_state(id, MigrationState::abandoned);
        return 0;
    });
}

std::uint64_t CrossDatabaseMigrator::dead_letters(const std::string& migration,
                                                  const std::function<void(const DeadLetter&)>& take,
                                                  const std::optional<Endpoint>& target) {
    return m_impl->call([&](const MigratorContext& context) {
        const std::string id = m_impl->resolve(migration);
        const auto side = context.open_target(m_impl->target_of(id, target));
        const auto recorded = side->recorded_migrations();
        const bool known = std::any_of(recorded.begin(), recorded.end(),
                                       [&](const backend::RecordedMigration& m) { return m.id == id; });
        if (!known) {
            ErrorFacts facts;
            facts.code = ErrorCode::not_found;
            facts.next_step =
                "look at the list of migrations in the history; what failed leaves nothing behind";
            throw Error(std::move(facts), "migration " + id + " is not known to the target");
        }
        std::uint64_t letters = 0;
        side->dead_letters(id, [&](const DeadLetter& letter) {
            context.check_stop();
            ++letters;
            take(letter);
        });
        return letters;
    });
}

RollbackResult CrossDatabaseMigrator::rollback_migration(const std::string& migration,
                                                         const RollbackOptions& options,
                                                         const std::optional<Endpoint>& target) {
    return m_impl->call([&](const MigratorContext& context) {
        const std::string id = m_impl->resolve(migration);
        const auto side = context.open_target(m_impl->target_of(id, target));
        if (options.execute) {
            side->lock(id);
        }
        const auto recorded = side->recorded_migrations();
        const auto it = std::find_if(recorded.begin(), recorded.end(),
                                     [&](const backend::RecordedMigration& m) { return m.id == id; });
        backend::RollbackRequest request;
        request.migration = id;
        request.options = options;
        if (it != recorded.end() && !it->plan_json.empty()) {
            request.schema = parse_plan(it->plan_json).target;
        }
        RollbackResult result = side->rollback(request);
        if (result.executed || result.was_rolled_back) {
            m_impl->record_state(id, MigrationState::rolled_back);
        }
        return result;
    });
}

std::vector<MigrationRecord> CrossDatabaseMigrator::history() {
    const auto index = m_impl->store();
    return index ? index->list() : std::vector<MigrationRecord>{};
}

MigrationRecord CrossDatabaseMigrator::status(const std::string& migration) {
    const auto index = m_impl->store();
    if (!index) {
        throw Error(ErrorCode::not_found,
                    "no index of migrations is kept, so there is no migration " + migration);
    }
    return index->find(migration);
}

MIGRATE_NAMESPACE_END
