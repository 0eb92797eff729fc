#include "migrator/known_migration.hpp"

#include <algorithm>
#include <utility>

#include <migrate/error.hpp>

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
