#include "backends/postgresql/target.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backends/postgresql/adopter.hpp"
#include "backends/postgresql/build_order.hpp"
#include "backends/postgresql/build_sessions.hpp"
#include "backends/postgresql/builder.hpp"
#include "backends/postgresql/check.hpp"
#include "backends/postgresql/cutover.hpp"
#include "backends/postgresql/cutover_objects.hpp"
#include "backends/postgresql/ddl.hpp"
#include "backends/postgresql/disk_space.hpp"
#include "backends/postgresql/existing.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/in_place.hpp"
#include "backends/postgresql/letter_retry.hpp"
#include "backends/postgresql/merge.hpp"
#include "backends/postgresql/preflight.hpp"
#include "backends/postgresql/rollback.hpp"
#include "backends/postgresql/source.hpp"
#include "backends/postgresql/staging_sql.hpp"
#include "backends/postgresql/stale_rows.hpp"
#include "backends/postgresql/state_place.hpp"
#include "backends/postgresql/target_state.hpp"
#include "backends/postgresql/undo_log.hpp"
#include "backends/postgresql/writer.hpp"
#include "util/kill_point.hpp"

namespace migrate::backends::postgresql {
namespace {

/// Schemas that columns and reading must not disturb: `id` is put into names and patterns.
void require_plain_id(const std::string& migration) {
    if (migration.empty() || migration.find_first_not_of("0123456789abcdef") != std::string::npos) {
        throw Error(ErrorCode::usage, "PostgreSQL: a migration's id is lower-case hexadecimal.");
    }
}

class PostgresqlTarget final : public backend::Target, public backend::Identified {
  public:
    PostgresqlTarget(const Endpoint& endpoint, const backend::OpenContext& context)
        : m_factory(endpoint, context, session::PostgresqlUse::write),
          m_session(m_factory.open()),
          m_builders(m_factory, m_session) {}

    ~PostgresqlTarget() override {
        if (m_locked && m_session->alive()) {
            PQclear(PQexec(m_session->native(), "SELECT pg_catalog.pg_advisory_unlock_all()"));
        }
    }

    backend::SourceInfo describe() override { return describe_server(*m_session, m_factory.endpoint()); }

    backend::DatabaseIdentity identity() override { return identity_of_server(*m_session); }

    std::vector<QualifiedName> existing_tables() override {
        const auto schemas = schema_option(m_factory.endpoint());
        std::optional<std::string> list;
        if (!schemas.empty()) {
            list = session::array_literal(schemas);
        }
        const auto rows = m_session->query(
            "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid "
            "= "
            "c.relnamespace WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname <> "
            "'information_schema' AND n.nspname !~ '^(pg_|_migrate$|_migrate_(kept_)?[0-9a-f]+(_[0-9]+)?$)' "
            "AND "
            "c.relname !~ '^_migrate_' AND "
            "($1::pg_catalog.text[] IS NULL OR n.nspname = ANY ($1::pg_catalog.text[])) ORDER BY 1, 2",
            {list}, "listing tables");
        std::vector<QualifiedName> names;
        names.reserve(static_cast<std::size_t>(rows.size()));
        for (int row = 0; row < rows.size(); ++row) {
            names.push_back({rows.text(row, 0), rows.text(row, 1)});
        }
        return names;
    }

    backend::Adoption adopt(const Schema& source, const backend::AdoptOptions& options) override {
        return postgresql::adopt(source, options, m_factory.endpoint(), *m_session);
    }

    std::vector<Finding> preflight(const backend::TargetPlan& plan, std::uint64_t bytes) override {
        auto findings = preflight_target(*m_session, plan.schema, place_for_staging());
        check_disk_space(*m_session, bytes, findings);
        return findings;
    }

    std::vector<std::string> sql(const backend::TargetPlan& plan) override {
        const StagingNames names(plan.migration, plan.schema, place_for_staging());
        std::vector<std::string> statements = staging_statements(plan.schema, names);
        append_build_sql(plan.schema, names, statements);
        const auto append = [&](std::vector<std::string> more) {
            statements.insert(statements.end(), more.begin(), more.end());
        };
        append(Merge(*m_session, plan, names).statements());
        for (const Table& table : plan.schema.tables) {
            if (table.placement == Placement::replace) {
                append({fmt::format("ALTER TABLE {} SET SCHEMA {}", quote_name(table.name),
                                    quote_identifier(undo::kept_schema(plan.migration, 0)))});
            }
        }
        append(relocation_statements(plan.schema, names));
        Schema made = plan.schema;
        std::erase_if(made.tables, [](const Table& table) { return table.placement == Placement::load; });
        append(after_move_statements(made));
        return statements;
    }

    void lock(const std::string& migration) override {
        const auto rows =
            m_session->query("SELECT pg_catalog.pg_try_advisory_lock($1::pg_catalog.int8)",
                             {std::to_string(advisory_key("migrate target"))}, "taking the target's lock");
        m_locked = rows.boolean(0, 0);
        if (!m_locked) {
            throw_locked(migration);
        }
    }

    void begin(const backend::TargetPlan& plan) override {
        require_plain_id(plan.migration);
        set_plan(plan, place_for_staging());
        m_session->execute("BEGIN", "beginning the migration");
        try {
            state::create(*m_session,
                          m_plan.schema.tables.empty() ? "public" : m_plan.schema.tables.front().name.schema);
            m_place = state::find_place(*m_session);
            state::insert_migration(*m_session, plan);
            prepare_in_place(*m_session, plan);
            for (const std::string& statement : staging_statements(m_plan.schema, m_names)) {
                m_session->execute_one(statement, "creating the staging tables");
            }
            m_session->execute("COMMIT", "creating the staging tables");
        } catch (const Error&) {
            if (m_session->alive()) {
                PQclear(PQexec(m_session->native(), "ROLLBACK"));
            }
            throw;
        }
    }

    std::unique_ptr<backend::Writer> open_writer() override {
        auto session = m_session->borrowed() ? m_session : m_factory.open();
        return std::make_unique<CopyWriter>(std::move(session),
                                            WriterContext{&m_plan.schema, &m_names, &m_physical, m_place,
                                                          m_plan.digest_written ? m_stored : nullptr});
    }

    std::vector<backend::BuildStep> build_steps() override { return build_steps_of(m_plan.schema); }

    [[nodiscard]] unsigned builders(unsigned wanted) const override {
        const bool takes_rows_out =
            m_plan.on_orphan == OrphanHandling::dead_letter || m_plan.on_reject != RejectHandling::stop;
        return m_session->borrowed() || takes_rows_out ? 1 : std::max(wanted, 1U);
    }

    backend::BuildResult build(const backend::BuildStep& step) override {
        auto session = m_builders.take();
        backend::BuildResult result = Builder(*session, m_plan, m_names).build(step);
        m_builders.put_back(std::move(session));
        return result;
    }

    std::unique_ptr<backend::Source> open_staging() override {
        return std::make_unique<PostgresqlSource>(m_factory.endpoint(), m_factory.context(), m_names,
                                                  m_session->borrowed() ? m_session : nullptr, m_stored);
    }

    void mark_ready(const std::string& plan_json) override {
        m_session->execute("BEGIN", "recording the verification");
        try {
            log_verified(*m_session, m_plan, *m_stored);
            state::set_ready(*m_session, m_plan.migration, plan_json);
            m_session->execute("COMMIT", "recording the verification");
            m_just_verified = true;
        } catch (const Error&) {
            if (m_session->alive()) {
                PQclear(PQexec(m_session->native(), "ROLLBACK"));
            }
            throw;
        }
    }

    std::vector<Finding> cutover(const backend::Account& account) override {
        Shown shown = run_cutover(*m_session, m_factory, m_plan, m_names, account, m_just_verified);
        m_merged = std::move(shown.merged);
        return std::move(shown.findings);
    }

    [[nodiscard]] std::vector<backend::MergedTable> merged() const override { return m_merged; }

    Schema existing_schema(const std::vector<QualifiedName>& names) override {
        return read_existing(*m_session, names);
    }

    RollbackResult rollback(const backend::RollbackRequest& request) override {
        require_plain_id(request.migration);
        return roll_back(*m_session, m_factory, request);
    }

    void abandon(const std::string& migration) override {
        require_plain_id(migration);
        m_session->ignore_stop();
        if (PQtransactionStatus(m_session->native()) != PQTRANS_IDLE) {
            m_session->execute("ROLLBACK", "abandoning the migration");
        }
        const auto state = state::state_of(*m_session, migration);
        if (state == "done") {
            ErrorFacts facts{.code = ErrorCode::refused, .backend = "postgresql"};
            facts.next_step = "Use `rollback` to undo it.";
            throw Error(facts,
                        fmt::format("PostgreSQL: migration {} is done; it cannot be abandoned.", migration));
        }
        require_not_shown(migration);
        m_session->execute("BEGIN", "abandoning the migration");
        for (const std::string& schema : state::staging_schemas(*m_session, migration)) {
            m_session->execute(fmt::format("DROP SCHEMA {} CASCADE", quote_identifier(schema)),
                               "dropping the staging tables");
        }
        for (const std::string& statement : state::staged_drops(*m_session, migration)) {
            m_session->execute(statement, "dropping the staging tables");
        }
        if (state) {
            drop_in_place(*m_session, migration);
            state::forget(*m_session, migration);
        }
        m_session->execute("COMMIT", "abandoning the migration");
    }

    std::uint64_t finalize(const std::string& migration) override {
        if (!state::state_of(*m_session, migration)) {
            return 0;
        }
        m_session->execute("BEGIN", "dropping what was kept");
        try {
            m_session->query(
                state::find_place(*m_session).sql("DELETE FROM _migrate.checkpoint WHERE migration = $1"),
                {migration}, "dropping checkpoints");
            const std::uint64_t freed = undo::drop(*m_session, migration);
            m_session->execute("COMMIT", "dropping what was kept");
            return freed;
        } catch (const Error&) {
            if (m_session->alive()) {
                PQclear(PQexec(m_session->native(), "ROLLBACK"));
            }
            throw;
        }
    }

    void dead_letters(const std::string& migration,
                      const std::function<void(const DeadLetter&)>& take) override {
        state::dead_letters(*m_session, migration, take);
    }

    std::unique_ptr<backend::LetterRetry> retry_letters(const backend::TargetPlan& plan) override {
        require_plain_id(plan.migration);
        return make_letter_retry(m_session, plan);
    }

    [[nodiscard]] std::string dead_letter_place(const std::string& /*migration*/) const override {
        return "table " + m_place.sql("_migrate.dead_letter") + " of the target";
    }

    std::vector<backend::RecordedMigration> recorded_migrations() override {
        return state::migrations(*m_session);
    }

    void reopen(const backend::TargetPlan& plan) override { take_up(plan); }

    backend::Resumption resume(const backend::TargetPlan& plan) override {
        backend::Resumption found;
        m_session->execute("BEGIN", "taking the migration up");
        try {
            // Waits for the chunks of an earlier run that are being written, and refuses its later ones.
            found.epoch = take_up(plan);
            state::drop_built(*m_session, plan.migration);
            state::set_state(*m_session, plan.migration, "loading");
            state::read_checkpoints(*m_session, plan, found);
            m_session->execute("COMMIT", "taking the migration up");
        } catch (const Error&) {
            if (m_session->alive()) {
                PQclear(PQexec(m_session->native(), "ROLLBACK"));
            }
            throw;
        }
        return found;
    }

    bool take_back(const backend::TargetPlan& plan, const std::vector<backend::StaleRows>& stale,
                   backend::Resumption& staged) override {
        backend::Resumption left{staged.epoch, {}, {}};
        m_session->execute("BEGIN", "taking rows back");
        try {
            for (const backend::StaleRows& rows : stale) {
                postgresql::take_back(*m_session, plan, rows, m_names);
            }
            util::pass_kill_point("take-back");
            state::set_plan(*m_session, plan.migration, plan.plan_json);
            state::read_checkpoints(*m_session, plan, left);
            m_session->execute("COMMIT", "taking rows back");
        } catch (const Error&) {
            if (m_session->alive()) {
                PQclear(PQexec(m_session->native(), "ROLLBACK"));
            }
            throw;
        }
        util::pass_kill_point("taken-back");
        m_plan = plan;
        staged = std::move(left);
        return true;
    }

    void empty_staging(const backend::TargetPlan& plan) override {
        resume(plan);
        m_session->execute("BEGIN", "emptying the staging tables");
        try {
            for (const Table& table : m_plan.schema.tables) {
                m_session->execute("TRUNCATE " + quote_name(m_names.staged(table.name)),
                                   "emptying the staging tables");
            }
            state::drop_checkpoints(*m_session, plan.migration);
            m_session->execute("COMMIT", "emptying the staging tables");
        } catch (const Error&) {
            if (m_session->alive()) {
                PQclear(PQexec(m_session->native(), "ROLLBACK"));
            }
            throw;
        }
    }

  private:
    std::uint64_t take_up(const backend::TargetPlan& plan) {
        require_plain_id(plan.migration);
        const auto state = state::state_of(*m_session, plan.migration);
        if (state != "loading" && state != "ready") {
            ErrorFacts facts{.code = ErrorCode::not_found, .backend = "postgresql"};
            facts.next_step = "Look at `status` for the migrations that this target knows.";
            throw Error(
                facts, fmt::format("PostgreSQL: the target has no unfinished migration {}.", plan.migration));
        }
        require_not_shown(plan.migration);
        const bool own_schemas = !state::staging_schemas(*m_session, plan.migration).empty();
        set_plan(plan, own_schemas ? StagingNames::Place::schemas : StagingNames::Place::prefixes);
        m_place = state::find_place(*m_session);
        state::upgrade(*m_session);
        return state::raise_epoch(*m_session, plan.migration, plan.owner);
    }

    /// How it is undone is written when it is shown, and goes when it is undone. A row that says otherwise
    /// was changed by others.
    void require_not_shown(const std::string& migration) {
        if (!undo::exists(*m_session) || undo::steps(*m_session, migration).empty()) {
            return;
        }
        ErrorFacts facts{.code = ErrorCode::corrupt, .backend = "postgresql"};
        facts.next_step =
            "See who has changed the table of migrations; a migration that was shown is \"done\".";
        throw Error(facts,
                    fmt::format("PostgreSQL: migration {} is recorded as not shown yet, but the target keeps "
                                "how it is undone; nothing was changed.",
                                migration));
    }

    void set_plan(const backend::TargetPlan& plan, StagingNames::Place place) {
        m_plan = plan;
        m_names = StagingNames(plan.migration, plan.schema, place);
    }

    StagingNames::Place place_for_staging() {
        return state::may_create_schemas(*m_session) ? StagingNames::Place::schemas
                                                     : StagingNames::Place::prefixes;
    }

    static void append_build_sql(const Schema& schema, const StagingNames& names,
                                 std::vector<std::string>& statements) {
        for (const backend::BuildStep& step : build_steps_of(schema)) {
            const Table& table = schema.tables.empty() ? Table{} : schema.tables.at(step.table);
            switch (step.kind) {
                case backend::BuildStep::Kind::primary_key:
                    statements.push_back(ddl::primary_key(table, names));
                    break;
                case backend::BuildStep::Kind::unique_key:
                    statements.push_back(ddl::unique_key(table, table.unique_keys.at(step.item), names));
                    break;
                case backend::BuildStep::Kind::index:
                    statements.push_back(ddl::index(table, table.indexes.at(step.item), names));
                    break;
                case backend::BuildStep::Kind::check:
                    statements.push_back(ddl::check(table, table.checks.at(step.item), true, names));
                    break;
                case backend::BuildStep::Kind::foreign_key: {
                    const ForeignKey& key = table.foreign_keys.at(step.item);
                    statements.push_back(ddl::foreign_key(table, key, key.validated, names));
                    break;
                }
                case backend::BuildStep::Kind::object:
                    if (schema.objects.at(step.item).kind != "sequence") {
                        statements.push_back(ddl::structure(schema.objects.at(step.item), names));
                    }
                    break;
                default:
                    break;
            }
        }
    }

    [[noreturn]] void throw_locked(const std::string& migration) {
        const auto rows = m_session->query(
            "SELECT a.application_name, a.usename, coalesce(a.client_addr::pg_catalog.text, 'this host'), "
            "a.pid "
            "FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid WHERE l.locktype "
            "= "
            "'advisory' AND l.granted AND ((l.classid::pg_catalog.int8 << 32) | l.objid::pg_catalog.int8) = "
            "$1 "
            "AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = "
            "pg_catalog.current_database())",
            {std::to_string(advisory_key("migrate target"))}, "looking who holds the lock");
        const std::string holder =
            rows.size() == 0 ? std::string("another session")
                             : fmt::format("{} (user {}, from {}, server process {})", rows.text(0, 0),
                                           rows.text(0, 1), rows.text(0, 2), rows.text(0, 3));
        ErrorFacts facts{.code = ErrorCode::locked, .backend = "postgresql"};
        facts.next_step = "Wait until it has ended.";
        throw Error(facts,
                    fmt::format("PostgreSQL: {} holds the target's lock, so migration {} cannot begin.",
                                holder, migration));
    }

    SessionFactory m_factory;
    std::shared_ptr<session::PostgresqlSession> m_session;
    BuildSessions m_builders;
    backend::TargetPlan m_plan;
    StagingNames m_names;
    bool m_just_verified = false;  ///< By this process.
    state::Place m_place;  ///< Known since begin() or reopen(): writers are opened from several threads.
    PhysicalColumns m_physical;
    std::vector<backend::MergedTable> m_merged;
    std::shared_ptr<backend::StagedDigests> m_stored = std::make_shared<backend::StagedDigests>();
    bool m_locked = false;
};

}  // namespace

std::unique_ptr<backend::Target> open_postgresql_target(const Endpoint& endpoint,
                                                        const backend::OpenContext& context) {
    return std::make_unique<PostgresqlTarget>(endpoint, context);
}

}  // namespace migrate::backends::postgresql
