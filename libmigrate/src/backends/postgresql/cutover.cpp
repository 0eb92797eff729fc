#include "backends/postgresql/cutover.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <thread>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backend/merge_policy.hpp"
#include "backends/postgresql/build_order.hpp"
#include "backends/postgresql/builder.hpp"
#include "backends/postgresql/cutover_objects.hpp"
#include "backends/postgresql/ddl.hpp"
#include "backends/postgresql/merge.hpp"
#include "backends/postgresql/replace.hpp"
#include "backends/postgresql/rollback.hpp"
#include "backends/postgresql/settled_commit.hpp"
#include "backends/postgresql/staged_type.hpp"
#include "backends/postgresql/staging_sql.hpp"
#include "backends/postgresql/state_place.hpp"
#include "backends/postgresql/target_state.hpp"
#include "backends/postgresql/things.hpp"
#include "backends/postgresql/undo_log.hpp"
#include "util/kill_point.hpp"

namespace migrate::backends::postgresql {
namespace {

using Digests = std::map<QualifiedName, undo::RowDigest>;

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

bool has_late_type(const StagingNames& names, const QualifiedName& table) {
    return std::any_of(names.late_types().begin(), names.late_types().end(),
                       [&](const auto& entry) { return entry.first.first == table; });
}

/// Tables of which others inherit, so that they show those rows too. Partitions are part of their table.
std::set<QualifiedName> parents(session::PostgresqlSession& session) {
    const auto rows = session.query(
        "SELECT DISTINCT n.nspname, c.relname FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON "
        "c.oid = i.inhparent JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r'",
        "looking for tables that others inherit of");
    std::set<QualifiedName> found;
    for (int row = 0; row < rows.size(); ++row) {
        found.insert({rows.text(row, 0), rows.text(row, 1)});
    }
    return found;
}

/// It may have lain there for long since it was verified.
void require_as_verified(session::PostgresqlSession& session, const backend::TargetPlan& plan,
                         const StagingNames& names, const Digests& verified) {
    for (const auto& [table, digest] : verified) {
        if (undo::digest_like(session, names.staged(table), digest) == digest) {
            continue;
        }
        ErrorFacts facts{.code = ErrorCode::differs, .backend = "postgresql", .table = table.display()};
        facts.next_step = fmt::format("abandon {} drops what is staged; then migrate again.", plan.migration);
        throw Error(facts,
                    fmt::format("PostgreSQL: table {} is no longer staged as it was verified; nothing was "
                                "shown.",
                                table.display()));
    }
}

/// Digests of what is staged and will be a table of its own: as verification has read it, or read now, before
/// anything is locked.
Digests staged_digests(session::PostgresqlSession& session, const backend::TargetPlan& plan,
                       const StagingNames& names, bool just_verified) {
    Digests digests;
    if (undo::exists(session)) {
        for (const undo::LoggedTable& verified : undo::tables(session, plan.migration)) {
            digests[verified.name] = verified.after;
        }
    }
    if (!just_verified) {
        require_as_verified(session, plan, names, digests);
    }
    for (const Table& table : plan.schema.tables) {
        if (table.placement != Placement::load && !digests.contains(table.name) &&
            !has_late_type(names, table.name)) {
            digests[table.name] = undo::digest_by_copy(session, names.staged(table.name));
        }
    }
    return digests;
}

/// Of the tables that are made; `old` holds what those that were replaced had.
void log_tables(session::PostgresqlSession& session, const backend::TargetPlan& plan,
                const StagingNames& names, const Digests& staged, const Digests& old) {
    int ordinal = undo::k_first_made;
    const std::set<QualifiedName> with_children = parents(session);
    for (const Table& table : plan.schema.tables) {
        if (table.placement != Placement::load) {
            // The move itself has changed what these show.
            const bool anew = has_late_type(names, table.name) || with_children.contains(table.name);
            const auto before = old.find(table.name);
            undo::add_table(session, plan.migration,
                            {ordinal++, table.name, table.placement,
                             before == old.end() ? undo::RowDigest() : before->second,
                             anew ? undo::digest_by_copy(session, table.name) : staged.at(table.name),
                             undo::stored_columns(session, table.name)});
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
                   const StagingNames& names, const Digests& staged, const backend::Account& account,
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
    const std::vector<std::string> touched = undo::touched_schemas(plan.schema);
    undo::record_things_before(session, plan.migration, touched);
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
    const std::vector<SchemaObject> refused = create_after_move(session, made, shown.findings);
    for (const std::string& statement : replacement.undo_statements()) {
        undo::add_step(session, plan.migration, statement);
    }
    log_created(session, plan, new_schemas, refused);
    log_tables(session, plan, names, staged, old);
    undo::close_sequences(session, plan.migration);
    undo::record_things_after(session, plan.migration, touched);
    state::insert_provenance(session, plan.migration, plan.provenance_json);
    state::set_done(session, plan.migration, account ? account(shown.findings) : "");
}

void commit_cutover(session::PostgresqlSession& session, const SessionFactory& factory,
                    const backend::TargetPlan& plan) {
    util::pass_kill_point("cutover-commit");
    commit_settled(session, factory,
                   {plan.migration, "done", "committing the cutover",
                    "Resume when the server can be reached: it is asked then, and nothing is done twice."});
    util::pass_kill_point("cutover-committed");
}

/// Of a table that nothing has read back: as it was written, where all that is there was written by this run
/// and stayed.
std::optional<Digest> written_digest(session::PostgresqlSession& session, const std::string& migration,
                                     const QualifiedName& table, const backend::StagedDigests& digests) {
    const auto written = digests.written(table);
    if (!written) {
        return std::nullopt;
    }
    const auto rows = session.query(
        state::find_place(session).sql(
            "SELECT coalesce(sum(rows), 0) FROM _migrate.checkpoint WHERE migration = $1 AND table_schema = "
            "$2 AND table_name = $3"),
        {migration, table.schema, table.name}, "counting what was written");
    return rows.text(0, 0) == std::to_string(written->rows) ? written : std::nullopt;
}

}  // namespace

void log_verified(session::PostgresqlSession& session, const backend::TargetPlan& plan,
                  const backend::StagedDigests& digests) {
    undo::create_tables(session);
    int ordinal = undo::k_first_made;
    for (const Table& table : plan.schema.tables) {
        if (table.placement == Placement::load) {
            continue;
        }
        undo::LoggedTable log{ordinal++, table.name, table.placement, {}, {}, {}};
        auto digest = digests.of(table.name);
        if (!digest) {
            digest = written_digest(session, plan.migration, table.name, digests);
        }
        if (digest) {
            log.after = undo::copy_digest(*digest);
            undo::add_table(session, plan.migration, log);
        }
    }
}

Shown run_cutover(session::PostgresqlSession& session, const SessionFactory& factory,
                  const backend::TargetPlan& plan, const StagingNames& names, const backend::Account& account,
                  bool just_verified) {
    const auto staged = staged_digests(session, plan, names, just_verified);
    for (int attempt = 1;; ++attempt) {
        Shown shown;
        try {
            cut_over_once(session, plan, names, staged, account, shown);
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
