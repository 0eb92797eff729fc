#include "backends/postgresql/cutover.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backend/merge_policy.hpp"
#include "backends/postgresql/builder.hpp"
#include "backends/postgresql/cutover_objects.hpp"
#include "backends/postgresql/ddl.hpp"
#include "backends/postgresql/merge.hpp"
#include "backends/postgresql/replace.hpp"
#include "backends/postgresql/rollback.hpp"
#include "backends/postgresql/staged_type.hpp"
#include "backends/postgresql/staging_sql.hpp"
#include "backends/postgresql/state_place.hpp"
#include "backends/postgresql/target_state.hpp"
#include "backends/postgresql/undo_log.hpp"

namespace migrate::backends::postgresql {
namespace {

constexpr int k_attempts = 20;
constexpr auto k_pause = std::chrono::milliseconds(250);

/// What keeps its place is no part of what is made.
Schema without_loaded(const Schema& schema) {
    Schema made = schema;
    std::erase_if(made.tables, [](const Table& table) { return table.placement == Placement::load; });
    return made;
}

/// Keys of new tables to tables that took rows.
void add_keys_to_loaded(session::PostgresqlSession& session, const backend::TargetPlan& plan,
                        std::vector<Finding>& findings) {
    for (const Table& table : plan.schema.tables) {
        for (const ForeignKey& key : table.foreign_keys) {
            if (table.placement == Placement::load || !points_to_loaded(plan.schema, key)) {
                continue;
            }
            session.execute("SAVEPOINT key", "adding a foreign key");
            try {
                session.execute(ddl::foreign_key(table, key, key.validated, StagingNames()),
                                "adding foreign key " + key.name);
            } catch (const Error& error) {
                if (error.facts().sqlstate != "23503" || plan.on_orphan == OrphanHandling::stop) {
                    throw;
                }
                session.execute(
                    "ROLLBACK TO SAVEPOINT key; " + ddl::foreign_key(table, key, false, StagingNames()),
                    "adding foreign key " + key.name);
                findings.push_back({Severity::left_out, "foreign-key-orphans",
                                    "foreign key " + key.name + " of table " + table.name.display(),
                                    "Rows reference rows that do not exist; the key was added NOT VALID.",
                                    "Mend the rows, then ALTER TABLE … VALIDATE CONSTRAINT.", 0});
            }
        }
    }
}

/// Digests of what is staged and will be a table of its own, taken before anything is locked.
std::map<QualifiedName, undo::RowDigest> staged_digests(session::PostgresqlSession& session,
                                                        const backend::TargetPlan& plan,
                                                        const StagingNames& names) {
    std::map<QualifiedName, undo::RowDigest> digests;
    for (const Table& table : plan.schema.tables) {
        if (table.placement != Placement::load) {
            digests[table.name] = undo::digest_of(session, names.staged(table.name));
        }
    }
    return digests;
}

bool has_late_type(const StagingNames& names, const QualifiedName& table) {
    return std::any_of(names.late_types().begin(), names.late_types().end(),
                       [&](const auto& entry) { return entry.first.first == table; });
}

/// Of the tables that are made; `old` holds what those that were replaced had.
void log_tables(session::PostgresqlSession& session, const backend::TargetPlan& plan,
                const StagingNames& names, const std::map<QualifiedName, undo::RowDigest>& staged,
                const std::map<QualifiedName, undo::RowDigest>& old) {
    int ordinal = 10'000;
    for (const Table& table : plan.schema.tables) {
        if (table.placement != Placement::load) {
            const auto before = old.find(table.name);
            undo::add_table(session, plan.migration,
                            {ordinal++, table.name, table.placement,
                             before == old.end() ? undo::RowDigest() : before->second,
                             has_late_type(names, table.name) ? undo::digest_of(session, table.name)
                                                              : staged.at(table.name)});
        }
    }
}

std::vector<std::string> missing_schemas(session::PostgresqlSession& session, const StagingNames& names) {
    std::vector<std::string> missing;
    for (const auto& [destination, staging] : names.schemas()) {
        const auto rows = session.query("SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1",
                                        {destination}, "looking for a schema");
        if (rows.size() == 0) {
            missing.push_back(destination);
        }
    }
    return missing;
}

void cut_over_once(session::PostgresqlSession& session, const backend::TargetPlan& plan,
                   const StagingNames& names, const std::map<QualifiedName, undo::RowDigest>& staged,
                   Shown& shown) {
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
    undo::create_tables(session);
    if (backend::loads_any(plan.schema)) {
        Merge merge(session, plan, names);
        merge.run();
        shown.merged = merge.merged();
        shown.findings = std::move(merge.findings());
    }
    Replacement replacement(session, plan, names);
    const auto old = replacement.step_aside();
    const auto new_schemas = missing_schemas(session, names);
    for (const std::string& statement : relocation_statements(plan.schema, names)) {
        session.execute(statement, "cutting over");
    }
    const Schema made = without_loaded(plan.schema);
    settle_staged_types(session, made, shown.findings);
    add_keys_to_loaded(session, plan, shown.findings);
    replacement.connect();
    create_after_move(session, made, shown.findings);
    for (const std::string& statement : replacement.undo_statements()) {
        undo::add_step(session, plan.migration, statement);
    }
    log_created(session, plan, new_schemas);
    log_tables(session, plan, names, staged, old);
    undo::close_sequences(session, plan.migration);
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

Shown run_cutover(session::PostgresqlSession& session, const SessionFactory& factory,
                  const backend::TargetPlan& plan, const StagingNames& names) {
    const auto staged = staged_digests(session, plan, names);
    for (int attempt = 1;; ++attempt) {
        Shown shown;
        try {
            cut_over_once(session, plan, names, staged, shown);
            commit_cutover(session, factory, plan);
            return shown;
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
