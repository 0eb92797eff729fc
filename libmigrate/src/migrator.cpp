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

void append(std::vector<Finding>& findings, std::optional<Finding> finding) {
    if (finding) {
        findings.push_back(std::move(*finding));
    }
}

/// Nullopt where the target knows nothing of it.
std::optional<backend::RecordedMigration> recorded_by(backend::Target& target, const std::string& id) {
    for (backend::RecordedMigration& one : target.recorded_migrations()) {
        if (one.id == id) {
            return std::move(one);
        }
    }
    return std::nullopt;
}

/// The target's word before the index's; empty where neither knows it. Nothing is recorded of documents, nor
/// of a new file that was taken away again.
std::string state_of(const std::optional<backend::RecordedMigration>& recorded,
                     const std::optional<MigrationState>& indexed) {
    if (recorded) {
        // A target keeps "done" when it is final.
        return indexed == MigrationState::finalized && recorded->state == "done" ? "finalized"
                                                                                 : recorded->state;
    }
    return indexed ? std::string(to_string(*indexed)) : "";
}

void require_state(const std::string& id, const std::string& state,
                   std::initializer_list<std::string_view> allowed, const std::string& to,
                   const std::string& next_step) {
    if (std::find(allowed.begin(), allowed.end(), state) != allowed.end()) {
        return;
    }
    ErrorFacts facts;
    facts.code = state.empty() ? ErrorCode::not_found : ErrorCode::refused;
    facts.next_step = next_step;
    throw Error(std::move(facts),
                "migration " + id +
                    (state.empty() ? " is not known to the target" : " is " + state + " and cannot " + to) +
                    "; nothing was changed");
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
        auto store = m_impl->store();
        bool recorded = false;
        MigrationIndex index;
        index.knows = [&](const std::string& id) { return m_impl->indexed_state(id).has_value(); };
        index.write = [&](const MigrationPlan& run, MigrationState state, Phase phase,
                          const std::string& line) {
            if (!store) {
                return;
            }
            if (!recorded) {
                store->record_start(start_record(context, run), render_json(run), {run.from, run.to});
                recorded = true;
            }
            store->record_event(run.id, phase, line);
            store->record_state(run.id, state);
        };
        MigrationResult result = Execution(context, plan, options, std::move(index)).run();
        if (store && recorded) {
            try {
                store->record_end(result.id, result.state, result.exit_code(), committed_rows(result),
                                  result.failure);
            } catch (const Error& error) {
                result.findings.push_back(index_not_written(error));
            }
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
        const auto recorded = recorded_by(*side, id);
        require_state(id, recorded ? recorded->state : "", {"ready"}, "be cut over",
                      "look at its status, and at the list of migrations in the history");
        const MigrationPlan plan = parse_plan(recorded->plan_json);
        side->lock(id);
        side->reopen(plan::target_plan_of(plan, id));
        MigrationResult result;
        result.id = id;
        result.findings = plan.findings;
        result.rollback = plan.rollback_strategy;
        result.verification.level = plan.options.level;
        context.events.start(Phase::cutover);
        auto findings = side->cutover();
        std::move(findings.begin(), findings.end(), std::back_inserter(result.findings));
        context.events.finish();
        result.state = MigrationState::done;
        result.phases = context.events.phases();
        append(result.findings, m_impl->record_state(id, result.state));
        return result;
    });
}

std::uint64_t CrossDatabaseMigrator::finalize(const std::string& migration,
                                              const std::optional<Endpoint>& target) {
    return m_impl->call([&](const MigratorContext& context) {
        const std::string id = m_impl->resolve(migration);
        const auto side = context.open_target(m_impl->target_of(id, target));
        const std::string state = state_of(recorded_by(*side, id), m_impl->indexed_state(id));
        const std::string next = "cutover shows what is ready, abandon drops what is not to be shown";
        if (!state.empty()) {
            require_state(id, state, {"done", "rolled_back", "finalized"}, "be made final", next);
        }
        side->lock(id);
        // Of a new file that was taken away again nobody knows without an index, but what was kept is there.
        const std::uint64_t freed = side->finalize(id);
        if (state.empty() && freed == 0) {
            require_state(id, state, {}, "be made final", next);
        }
        m_impl->record_state(id, MigrationState::finalized);
        return freed;
    });
}

void CrossDatabaseMigrator::abandon(const std::string& migration, const std::optional<Endpoint>& target) {
    m_impl->call([&](const MigratorContext& context) {
        const std::string id = m_impl->resolve(migration);
        const auto side = context.open_target(m_impl->target_of(id, target));
        const std::string state = state_of(recorded_by(*side, id), m_impl->indexed_state(id));
        require_state(id, state,
                      {"planned", "loading", "verifying", "ready", "failed", "interrupted", "abandoned"},
                      "be abandoned", "rollback undoes what is done, finalize ends what was undone");
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
        const auto recorded = recorded_by(*side, id);
        if (state_of(recorded, m_impl->indexed_state(id)) == "finalized") {
            // Of a new JSON database nothing but the index knows it.
            require_state(id, "finalized", {}, "be rolled back", "it is final; drop its tables by hand");
        }
        backend::RollbackRequest request;
        request.migration = id;
        request.options = options;
        if (recorded && !recorded->plan_json.empty()) {
            request.schema = parse_plan(recorded->plan_json).target;
        }
        RollbackResult result = side->rollback(request);
        if (result.executed || result.was_rolled_back) {
            append(result.findings, m_impl->record_state(id, MigrationState::rolled_back));
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
