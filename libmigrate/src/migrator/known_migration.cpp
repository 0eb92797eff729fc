#include "migrator/known_migration.hpp"

#include <algorithm>
#include <utility>

#include <migrate/error.hpp>

#include "backend/registry.hpp"
#include "util/human.hpp"

namespace migrate {

bool is_unfinished(MigrationState state) noexcept {
    return state == MigrationState::loading || state == MigrationState::verifying ||
           state == MigrationState::ready || state == MigrationState::interrupted;
}

std::optional<backend::RecordedMigration> recorded_by(backend::Target& target, const std::string& id) {
    for (backend::RecordedMigration& one : target.recorded_migrations()) {
        if (one.id == id) {
            return std::move(one);
        }
    }
    return std::nullopt;
}

MigrationPlan plan_of(const backend::RecordedMigration& recorded) {
    try {
        return parse_plan(recorded.plan_json);
    } catch (const Error& error) {
        ErrorFacts facts = error.facts();
        if (facts.code == ErrorCode::unsupported) {
            throw;
        }
        facts.code = ErrorCode::corrupt;
        facts.next_step =
            "abandon " + recorded.id +
            " drops what it has staged; what it has shown stays, and cannot be undone without its "
            "record";
        throw Error(std::move(facts), "what the target has recorded of migration " + recorded.id +
                                          " is damaged, and nothing was changed: " + error.what());
    }
}

void require_shown(backend::Target& target, const backend::RecordedMigration& recorded) {
    // A file says so in the step that shows the tables; a server's record is a row that others can change.
    if (recorded.plan_json.empty()) {
        return;
    }
    const MigrationPlan plan = plan_of(recorded);
    if (backend::backend_named(plan.to.engine).capabilities().file_based) {
        return;
    }
    const std::vector<QualifiedName> there = target.existing_tables();
    for (const Table& table : plan.target.tables) {
        if (std::find(there.begin(), there.end(), table.name) == there.end()) {
            ErrorFacts facts;
            facts.code = ErrorCode::corrupt;
            facts.table = table.name.display();
            facts.next_step = "See what became of the table; what is not wanted any more needs nothing.";
            throw Error(std::move(facts), "migration " + recorded.id +
                                              " is said to be done, but the target has no table " +
                                              table.name.display());
        }
    }
}

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

backend::Account account_of(MigrationPlan plan) {
    return [plan = std::move(plan)](const std::vector<Finding>& left) {
        MigrationPlan account = plan;
        account.findings.insert(account.findings.end(), left.begin(), left.end());
        return render_json(account);
    };
}

Finding rows_rejected(const std::string& id, const std::string& table, std::uint64_t rejected,
                      std::uint64_t nulled) {
    return {Severity::left_out,
            k_rows_rejected,
            "table " + table,
            util::human_rows(rejected, "was left out, ", "were left out, ") + std::to_string(nulled) +
                " have NULL for what did not fit; each is a dead letter",
            "migrate-cli dead-letters list " + id + " shows them.",
            rejected + nulled};
}

}  // namespace migrate
