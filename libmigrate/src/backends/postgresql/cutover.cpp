#include "backends/postgresql/cutover.hpp"

#include <chrono>
#include <thread>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backends/postgresql/cutover_objects.hpp"
#include "backends/postgresql/staged_type.hpp"
#include "backends/postgresql/staging_sql.hpp"
#include "backends/postgresql/state_place.hpp"
#include "backends/postgresql/target_state.hpp"

namespace migrate::backends::postgresql {
namespace {

constexpr int k_attempts = 20;
constexpr auto k_pause = std::chrono::milliseconds(250);

void cut_over_once(session::PostgresqlSession& session, const backend::TargetPlan& plan,
                   const StagingNames& names, std::vector<Finding>& findings) {
    session.execute("BEGIN; SET LOCAL synchronous_commit = on; SET LOCAL lock_timeout = 500",
                    "beginning the cutover");
    const auto state = session.query(
        state::find_place(session).sql("SELECT state FROM _migrate.migration WHERE id = $1 FOR UPDATE"),
        {plan.migration}, "locking the migration's row");
    if (state.size() == 0 || (state.view(0, 0) != "loading" && state.view(0, 0) != "ready")) {
        throw Error(
            ErrorCode::refused,
            fmt::format("PostgreSQL: migration {} is not in a state to be cut over.", plan.migration));
    }
    for (const std::string& statement : relocation_statements(plan.schema, names)) {
        session.execute(statement, "cutting over");
    }
    settle_staged_types(session, plan.schema, findings);
    create_after_move(session, plan.schema, findings);
    state::insert_provenance(session, plan.migration, plan.provenance_json);
    state::set_state(session, plan.migration, "done");
}

void commit_cutover(session::PostgresqlSession& session, const SessionFactory& factory,
                    const backend::TargetPlan& plan) {
    try {
        session.execute("COMMIT", "committing the cutover");
    } catch (const Error&) {
        if (session.alive()) {
            throw;
        }
        // The answer was lost, not necessarily the commit: the marker tells.
        const auto again = factory.open();
        if (state::state_of(*again, plan.migration) != "done") {
            throw;
        }
    }
}

}  // namespace

std::vector<Finding> run_cutover(session::PostgresqlSession& session, const SessionFactory& factory,
                                 const backend::TargetPlan& plan, const StagingNames& names) {
    for (int attempt = 1;; ++attempt) {
        std::vector<Finding> findings;
        try {
            cut_over_once(session, plan, names, findings);
            commit_cutover(session, factory, plan);
            return findings;
        } catch (const Error& error) {
            if (session.alive()) {
                PQclear(PQexec(session.native(), "ROLLBACK"));
            }
            if (error.code() != ErrorCode::transient || !session.alive()) {
                throw;
            }
            if (attempt == k_attempts) {
                state::set_state(session, plan.migration, "ready");
                ErrorFacts facts = error.facts();
                facts.next_step = "Everything is staged: run `cutover` when the target is quiet.";
                throw Error(facts, "PostgreSQL: the cutover could not get its locks; others hold them.");
            }
        }
        std::this_thread::sleep_for(k_pause);
    }
}

}  // namespace migrate::backends::postgresql
