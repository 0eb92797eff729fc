#include "backends/sqlite/target.hpp"

#include <algorithm>
#include <functional>
#include <optional>

#include <sqlite3.h>

#include <migrate/error.hpp>

#include "backend/merge_policy.hpp"
#include "backends/sqlite/adopt.hpp"
#include "backends/sqlite/builder.hpp"
#include "backends/sqlite/cutover.hpp"
#include "backends/sqlite/existing.hpp"
#include "backends/sqlite/integrity.hpp"
#include "backends/sqlite/letter_retry.hpp"
#include "backends/sqlite/merge.hpp"
#include "backends/sqlite/preflight.hpp"
#include "backends/sqlite/rollback.hpp"
#include "backends/sqlite/source.hpp"
#include "backends/sqlite/staging.hpp"
#include "backends/sqlite/staging_check.hpp"
#include "backends/sqlite/stale_rows.hpp"
#include "backends/sqlite/state.hpp"
#include "backends/sqlite/undo_log.hpp"
#include "backends/sqlite/writer.hpp"
#include "io/directory.hpp"
#include "io/lock.hpp"
#include "session/sqlite_file.hpp"
#include "session/sqlite_statement.hpp"
#include "util/kill_point.hpp"

namespace migrate::backends::sqlite {
namespace {

using backend::BuildStep;
using session::SqliteSession;

class SqliteTarget final : public backend::Target {
  public:
    SqliteTarget(const Endpoint& endpoint, const backend::OpenContext& context)
        : m_context(context), m_path(target_path(endpoint)) {
        require_usable_target(m_path);
    }

    backend::SourceInfo describe() override {
        backend::SourceInfo info;
        info.engine = "sqlite";
        info.engine_version = sqlite3_libversion();
        info.display = m_path;
        if (!exists()) {
            info.facts["state"] = "a new file";
            return info;
        }
        const SqliteSession session = look();
        info.byte_size = session::file_size(m_path);
        for (const char* pragma : {"journal_mode", "encoding", "page_size"}) {
            info.facts[pragma] = session.query_text(std::string("PRAGMA main.") + pragma);
        }
        info.facts["state"] = "an existing file";
        return info;
    }

    std::vector<QualifiedName> existing_tables() override {
        return exists() ? list_user_tables(look()) : std::vector<QualifiedName>();
    }

    backend::Adoption adopt(const Schema& source, const backend::AdoptOptions& options) override {
        return sqlite::adopt(source, options);
    }

    std::vector<Finding> preflight(const backend::TargetPlan& plan, std::uint64_t bytes) override {
        std::vector<Finding> findings = check_place(m_path, bytes, exists());
        if (exists()) {
            for (Finding& finding : check_collisions(look(), plan.schema)) {
                findings.push_back(std::move(finding));
            }
        }
        return findings;
    }

    std::vector<std::string> sql(const backend::TargetPlan& plan) override {
        std::vector<std::string> out = table_statements(plan.schema);
        for (const Table& table : plan.schema.tables) {
            out.push_back(insert_sql(table));
        }
        if (backend::loads_any(plan.schema) && exists()) {
            const SqliteSession session = look();
            for (std::string& statement : Merge(session, plan).statements()) {
                out.push_back(std::move(statement));
            }
        }
        for (std::string& statement : later_statements(plan.schema)) {
            out.push_back(std::move(statement));
        }
        return out;
    }

    void lock(const std::string& migration) override {
        m_lock = std::make_unique<io::FileLock>(m_path + ".migrate-lock", "migration " + migration);
        remove_stale_staging();
    }

    void begin(const backend::TargetPlan& plan) override {
        m_plan = plan;
        m_staging = staging_path(m_path, plan.migration);
        std::string encoding;
        if (exists()) {
            refuse_damaged();
            encoding = look().query_text("PRAGMA main.encoding");
        }
        create_staging(m_staging, m_plan, encoding);
    }

    std::unique_ptr<backend::Writer> open_writer() override {
        forget_check();
        return make_writer(m_staging, m_plan.schema);
    }

    std::vector<BuildStep> build_steps() override { return build_steps_of(m_plan.schema); }

    backend::BuildResult build(const BuildStep& step) override {
        forget_check();
        if (!m_builder) {
            m_builder.emplace(open_staging_session(m_staging, 0));
            m_builder->watch(m_context.stop);
        }
        require_owner(*m_builder, "main", m_plan);
        return Builder(*m_builder, m_plan).build(step);
    }

    std::unique_ptr<backend::Source> open_staging() override {
        m_builder.reset();
        forget_check();
        if (!exists()) {
            m_check.emplace(m_staging, m_context.stop);
        }
        Endpoint endpoint;
        endpoint.engine = "sqlite";
        endpoint.location = m_staging;
        return make_source(endpoint, m_context, m_stored);
    }

    void mark_ready(const std::string& plan_json) override {
        m_builder.reset();
        settle_check();
        const SqliteSession session = open_staging_session(m_staging, 0);
        session.execute("BEGIN IMMEDIATE", "record the verification in");
        require_owner(session, "main", m_plan);
        log_verified(session, m_plan, *m_stored);
        set_migration_ready(session, m_plan.migration, plan_json);
        session.execute("COMMIT", "record the verification in");
        m_verified_here = true;
    }

    std::vector<Finding> cutover(const backend::Account& account) override {
        m_builder.reset();
        settle_check();
        if (!m_verified_here) {
            // It may have lain there for long since. Whole pages go into a target that exists, indexes too.
            const SqliteSession staged = open_staging_session(m_staging, 0);
            require_sound_staging(staged, true);
            require_as_verified(staged, m_plan);
        }
        if (exists()) {
            Shown shown = copy_into_file(m_staging, m_path, m_plan, account, m_context.busy_timeout_ms);
            m_merged = std::move(shown.merged);
            return std::move(shown.findings);
        }
        refuse_if_target_went();
        show_new_file(m_staging, m_path, m_plan, account, m_checked || !m_verified_here);
        return {};
    }

    [[nodiscard]] std::vector<backend::MergedTable> merged() const override { return m_merged; }

    Schema existing_schema(const std::vector<QualifiedName>& names) override {
        return exists() ? read_existing(m_path, m_context, names) : Schema();
    }

    RollbackResult rollback(const backend::RollbackRequest& request) override {
        return roll_back(m_path, request, m_context.busy_timeout_ms);
    }

    void abandon(const std::string& migration) override {
        m_builder.reset();
        m_check.reset();
        refuse_if_taken_over();
        remove_staging(staging_path(m_path, migration));
    }

    std::uint64_t finalize(const std::string& migration) override {
        const std::uint64_t freed =
            remove_staging(staging_path(m_path, migration)) + remove_staging(undone_path(m_path, migration));
        if (exists()) {
            const SqliteSession session =
                SqliteSession::open(m_path, SqliteSession::Access::write, m_context.busy_timeout_ms);
            if (has_table(session, "_migrate_checkpoint")) {
                session::SqliteStatement drop(
                    session, "DELETE FROM main._migrate_checkpoint WHERE migration=?1", "finalize");
                drop.bind(1, migration);
                drop.run();
            }
            session.execute("BEGIN IMMEDIATE", "finalize");
            undo::drop(session, migration);
            session.execute("COMMIT", "finalize");
        }
        return freed;
    }

    void dead_letters(const std::string& migration,
                      const std::function<void(const DeadLetter&)>& take) override {
        const std::string staging = staging_path(m_path, migration);
        if (session::is_sqlite_file(staging)) {
            read_dead_letters(
                SqliteSession::open(staging, SqliteSession::Access::write, m_context.busy_timeout_ms),
                migration, take);
        } else if (exists()) {
            read_dead_letters(look(), migration, take);
        }
    }

    std::unique_ptr<backend::LetterRetry> retry_letters(const backend::TargetPlan& plan) override {
        return make_letter_retry(m_path, plan, m_context.busy_timeout_ms);
    }

    [[nodiscard]] std::string dead_letter_place(const std::string& /*migration*/) const override {
        return "table _migrate_dead_letter of the target";
    }

    std::vector<backend::RecordedMigration> recorded_migrations() override {
        std::vector<backend::RecordedMigration> all;
        if (exists()) {
            all = read_migrations(look());
        }
        const std::vector<backend::RecordedMigration> shown = all;
        for (const std::string& id : staged_migrations(m_path)) {
            const std::string staging = staging_path(m_path, id);
            if (is_done(shown, id) || !session::is_sqlite_file(staging)) {
                continue;
            }
            const SqliteSession session =
                SqliteSession::open(staging, SqliteSession::Access::write, m_context.busy_timeout_ms);
            for (auto& migration : read_migrations(session)) {
                // A new file is done before it has the target's name: until then it is only ready to be.
                migration.state = migration.state == "done" ? "ready" : migration.state;
                all.insert(all.begin(), std::move(migration));
            }
        }
        std::stable_sort(all.begin(), all.end(),
                         [](const auto& a, const auto& b) { return a.created_at > b.created_at; });
        return all;
    }

    void reopen(const backend::TargetPlan& plan) override { take_up(plan); }

    backend::Resumption resume(const backend::TargetPlan& plan) override {
        backend::Resumption found;
        m_plan = plan;
        if (exists()) {
            refuse_damaged();
        }
        found.epoch = take_up(plan);
        const SqliteSession session = open_staging_session(m_staging, 0);
        session.execute("BEGIN IMMEDIATE", "take up");
        drop_built(session);
        set_migration_state(session, plan.migration, "loading");
        read_checkpoints(session, plan, found);
        session.execute("COMMIT", "take up");
        return found;
    }

    bool take_back(const backend::TargetPlan& plan, const std::vector<backend::StaleRows>& stale,
                   backend::Resumption& staged) override {
        backend::Resumption left{staged.epoch, {}, {}};
        const SqliteSession session = open_staging_session(m_staging, 0);
        session.execute("BEGIN IMMEDIATE", "take rows back from");
        for (const backend::StaleRows& rows : stale) {
            sqlite::take_back(session, plan, rows);
        }
        util::pass_kill_point("take-back");
        set_migration_plan(session, plan.migration, plan.plan_json);
        read_checkpoints(session, plan, left);
        session.execute("COMMIT", "take rows back from");
        util::pass_kill_point("taken-back");
        m_plan = plan;
        staged = std::move(left);
        return true;
    }

    void empty_staging(const backend::TargetPlan& plan) override {
        resume(plan);
        const SqliteSession session = open_staging_session(m_staging, 0);
        session.execute("BEGIN IMMEDIATE", "empty");
        for (const Table& table : plan.schema.tables) {
            session.execute("DELETE FROM main." + session::quote_identifier(table.name.name), "empty");
        }
        session.execute("DELETE FROM main._migrate_checkpoint; DELETE FROM main._migrate_dead_letter",
                        "empty");
        session.execute("COMMIT", "empty");
    }

    std::string stored_digest(const std::string& table) override {
        const SqliteSession session = look();
        return has_table(session, table) ? to_string(undo::digest_of(session, table)) : "";
    }

  private:
    /// Before the file is written again.
    void forget_check() {
        m_check.reset();
        m_checked = false;
    }

    void settle_check() {
        if (m_check) {
            m_check->wait();
            m_check.reset();
            m_checked = true;
        }
    }

    static bool is_done(const std::vector<backend::RecordedMigration>& shown, const std::string& id) {
        return std::any_of(shown.begin(), shown.end(), [&](const backend::RecordedMigration& one) {
            return one.id == id && one.state != "loading" && one.state != "ready";
        });
    }

    /// A run that was killed between its cutover's commit and this, or before its staging had recorded it: of
    /// that nobody will ever ask. Requires: the target is locked, so that none is being made.
    void remove_stale_staging() {
        const std::vector<std::string> staged = staged_migrations(m_path);
        if (staged.empty()) {
            return;
        }
        const auto shown = exists() ? read_migrations(look()) : std::vector<backend::RecordedMigration>();
        for (const std::string& id : staged) {
            if (is_done(shown, id) || !is_recorded(staging_path(m_path, id))) {
                remove_staging(staging_path(m_path, id));
            }
        }
    }

    [[nodiscard]] bool is_recorded(const std::string& staging) const {
        if (!session::is_sqlite_file(staging)) {
            return false;
        }
        try {
            return !read_migrations(
                        SqliteSession::open(staging, SqliteSession::Access::write, m_context.busy_timeout_ms))
                        .empty();
        } catch (const Error&) {
            // What cannot be read may hold something: whoever asks for it is told.
            return true;
        }
    }

    std::uint64_t take_up(const backend::TargetPlan& plan) {
        m_plan = plan;
        m_staging = staging_path(m_path, plan.migration);
        if (!session::is_sqlite_file(m_staging)) {
            ErrorFacts facts;
            facts.code = ErrorCode::not_found;
            facts.backend = "sqlite";
            facts.next_step = "Run the migration again from the start.";
            throw Error(std::move(facts),
                        "the staging file of migration " + plan.migration + " beside " + m_path + " is gone");
        }
        const SqliteSession session = open_staging_session(m_staging, 0);
        create_state_tables(session, "take up");
        return take_over(session, plan.migration, plan.owner);
    }

    /// Where rows go into tables that are there, their keys are believed.
    void refuse_damaged() const { refuse_damaged_target(look(), backend::loads_any(m_plan.schema)); }

    /// Of a run that fails: what it has staged may be another's by now. Who was never its owner may drop it.
    void refuse_if_taken_over() const {
        if (m_staging.empty() || !session::is_sqlite_file(m_staging)) {
            return;
        }
        try {
            require_owner(open_staging_session(m_staging, 0), "main", m_plan);
        } catch (const Error& error) {
            // What cannot be read is nobody's.
            if (error.code() == ErrorCode::locked) {
                throw;
            }
        }
    }

    /// What is staged for tables that are there has none of their keys and defaults, and can be no table
    /// itself.
    void refuse_if_target_went() const {
        for (const Table& table : m_plan.schema.tables) {
            if (table.placement != Placement::create) {
                ErrorFacts facts;
                facts.code = ErrorCode::not_found;
                facts.backend = "sqlite";
                facts.table = table.name.display();
                facts.next_step = "Put the file back and try again, or drop what is staged with abandon " +
                                  m_plan.migration + ".";
                throw Error(std::move(facts), "the target " + m_path + " is gone, with its table " +
                                                  table.name.display() +
                                                  " into which, or into whose place, rows were to go");
            }
        }
    }

    [[nodiscard]] bool exists() const { return io::kind_of(m_path) == io::PathKind::file; }

    [[nodiscard]] SqliteSession look() const {
        return SqliteSession::open(m_path, SqliteSession::Access::read, m_context.busy_timeout_ms);
    }

    backend::OpenContext m_context;
    std::string m_path;
    std::string m_staging;
    backend::TargetPlan m_plan;
    std::unique_ptr<io::FileLock> m_lock;
    std::optional<SqliteSession> m_builder;
    std::optional<StagingCheck> m_check;  ///< While it runs.
    bool m_verified_here = false;         ///< By this process, just now.
    bool m_checked = false;               ///< It has passed, and nothing but records was written since.
    std::shared_ptr<backend::StagedDigests> m_stored = std::make_shared<backend::StagedDigests>();
    std::vector<backend::MergedTable> m_merged;
};

}  // namespace

std::unique_ptr<backend::Target> make_target(const Endpoint& endpoint, const backend::OpenContext& context) {
    return std::make_unique<SqliteTarget>(endpoint, context);
}

}  // namespace migrate::backends::sqlite
