#include "rehearsal/rehearsal.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <migrate/error.hpp>

#include "backend/registry.hpp"
#include "backend/table_holder.hpp"
#include "io/directory.hpp"
#include "mapping/selection.hpp"
#include "migrator/backup_run.hpp"
#include "migrator/known_migration.hpp"
#include "migrator/plan_run.hpp"
#include "migrator/rollback_run.hpp"
#include "plan/existing.hpp"
#include "plan/planner.hpp"
#include "rehearsal/affected_tables.hpp"
#include "rehearsal/sample.hpp"
#include "rehearsal/scratch_directory.hpp"
#include "util/kill_point.hpp"
#include "verify/digest_scan.hpp"

namespace migrate::rehearsal {
namespace {

using Clock = std::chrono::steady_clock;

/// The scratch place is another address, for which nobody has configured a password: it knows its own.
class ScratchCredentials final : public CredentialProvider {
  public:
    ScratchCredentials(std::shared_ptr<CredentialProvider> given, const backend::Scratch& scratch)
        : m_given(std::move(given)),
          m_location(scratch.endpoint().location),
          m_password(scratch.password()) {}
    std::optional<std::string> password(const Endpoint& endpoint) override {
        if (endpoint.location == m_location) {
            return m_password;
        }
        return m_given == nullptr ? std::nullopt : m_given->password(endpoint);
    }

  private:
    std::shared_ptr<CredentialProvider> m_given;
    std::string m_location;
    std::optional<std::string> m_password;
};

/// Nothing that is only of the whole: no backups, no estimates, no comparison of both sides' speed.
PlanOptions for_a_sample(PlanOptions options) {
    options.source_backup = BackupPolicy::never;
    options.target_backup = BackupPolicy::never;
    options.foresee_orphans = false;
    options.profile_ahead = true;
    if (options.level == VerificationLevel::rigorous) {
        options.level = VerificationLevel::standard;
    }
    return options;
}

const backend::Capabilities& abilities_of(const Endpoint& endpoint) {
    return backend::backend_named(endpoint.engine).capabilities();
}

/// Both sides' samples are small: a session or two of each do.
constexpr unsigned k_readers = 1;

[[noreturn]] void throw_not_rehearsed(ErrorCode code, const std::string& why, const std::string& next_step) {
    ErrorFacts facts;
    facts.code = code;
    facts.next_step = next_step.empty() ? "Run without the rehearsal, or mend that." : next_step;
    throw Error(std::move(facts), "the rollback cannot be rehearsed, since " + why);
}

/// Of what was tried, and not of the way to the server, or of its disk.
bool is_verdict(ErrorCode code) {
    switch (code) {
        case ErrorCode::refused:
        case ErrorCode::differs:
        case ErrorCode::constraint:
        case ErrorCode::row:
        case ErrorCode::exists:
        case ErrorCode::not_found:
        case ErrorCode::unsupported:
        case ErrorCode::internal:
            return true;
        default:
            return false;
    }
}

/// `doing` completes "since ": "what is there cannot be copied for it".
void require_done(const MigrationResult& result, const std::string& doing) {
    if (result.error == ErrorCode::cancelled) {
        throw Error(ErrorCode::cancelled, result.failure);
    }
    if (result.state != MigrationState::done || result.verification.exit_code() != 0) {
        const ErrorCode code = result.error.value_or(ErrorCode::refused);
        throw_not_rehearsed(
            is_verdict(code) ? ErrorCode::refused : code,
            doing + ": " +
                (result.failure.empty() ? "what was written is not what was read" : result.failure),
            "");
    }
}

void require_no_blocker(const MigrationPlan& plan, const std::string& doing) {
    for (const Finding& finding : plan.findings) {
        if (finding.severity == Severity::blocker) {
            throw_not_rehearsed(ErrorCode::refused, doing + ": " + finding.object + ": " + finding.message,
                                finding.next_step);
        }
    }
}

}  // namespace

Rehearsal::Rehearsal(const MigratorContext& context, const MigrationPlan& plan,
                     const RehearsalOptions& options)
    : m_context(context), m_plan(plan), m_options(options) {
    m_of_source.rows = options.rows;
}

RollbackRehearsal Rehearsal::run() {
    const Clock::time_point start = Clock::now();
    if (m_options.rows == 0) {
        throw Error(ErrorCode::usage, "a rollback cannot be rehearsed with no rows");
    }
    require_no_blocker(m_plan, "something is in the way of the migration");
    if (m_plan.target.tables.empty()) {
        m_result.rollback.executed = true;
        return std::move(m_result);
    }
    require_sessions();
    util::pass_kill_point("rehearsal-begin");
    m_scratch = abilities_of(m_plan.to).file_based ? make_scratch_directory(m_plan.to)
                                                   : m_context.make_scratch(m_plan.to);
    m_result.place = m_scratch->description();
    leave_out(m_scratch->missing(), true);
    if (changes_what_is_there(m_plan)) {
        copy_what_is_there();
    }
    migrate_and_undo();
    refuse_missing_rights();
    m_scratch->drop();
    util::pass_kill_point("rehearsed");
    m_result.duration = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
    return std::move(m_result);
}

/// Those of the scratch place, of a sample on either side, and of the migration within.
void Rehearsal::require_sessions() const {
    constexpr unsigned k_most = 12;
    const unsigned allowed = m_context.config.limits.max_connections;
    if (allowed != 0 && allowed < k_most) {
        throw Error({.code = ErrorCode::usage,
                     .next_step = "allow at least " + std::to_string(k_most) +
                                  " with --max-connections, or run without the rehearsal"},
                    std::to_string(allowed) + " connections are too few for the rehearsal of a rollback");
    }
}

MigratorConfig Rehearsal::inner_config() const {
    MigratorConfig config = quiet_config(m_context);
    config.limits.max_connections = 0;  // With one worker of each kind it needs no more than were asked for.
    config.credentials = std::make_shared<ScratchCredentials>(config.credentials, *m_scratch);
    return config;
}

void Rehearsal::leave_out(const std::vector<Finding>& findings, bool of_scratch) {
    for (const Finding& finding : findings) {
        // The scratch place has been given those of the database, or says what it has not.
        const bool concerns =
            !finding.object.starts_with("database setting ") && !finding.object.starts_with("extension ");
        if (finding.severity == Severity::left_out && (concerns || of_scratch)) {
            m_result.findings.push_back(finding);
            m_result.findings.back().code = "rehearsed-without";
            m_result.findings.back().next_step.clear();  // Nothing has to be made by hand in what is dropped.
        }
    }
}

std::shared_ptr<const Sample> Rehearsal::sample_of_source(SampleRequest request) {
    if (m_source == nullptr) {
        m_source = m_context.open_source(m_plan.from);
        backend::hold_tables(*m_source, mapping::selection_of(m_plan.options));
        m_source->pin_snapshot(k_readers);
    }
    request.finds_rows = abilities_of(m_plan.from).finds_rows;
    return std::make_shared<const Sample>(m_source, m_plan.source, request, m_context.config.stop);
}

std::shared_ptr<const Sample> Rehearsal::sample_what_is_there() {
    std::shared_ptr<backend::Source> there = m_context.open_other_source(m_plan.to);
    there->pin_snapshot(k_readers);
    backend::SchemaRequest reading;
    reading.first_rows = true;
    reading.count_orphans = false;
    reading.count_rows = false;
    const AffectedTables affected(m_plan, there->read_schema(reading).schema,
                                  abilities_of(m_plan.to).case_insensitive_names);
    SampleRequest request = affected.request_there(
        m_options.rows, *sample_of_source(affected.first_request_source(m_options.rows)));
    request.finds_rows = abilities_of(m_plan.to).finds_rows;
    auto sample =
        std::make_shared<const Sample>(std::move(there), affected.schema(), request, m_context.config.stop);
    m_result.rows_there = sample->rows();
    m_of_source = affected.request_source(m_options.rows, *sample);
    name_tables_without_rows(*sample, "the target");
    return sample;
}

void Rehearsal::name_tables_without_rows(const Sample& sample, const std::string& side) {
    for (const QualifiedName& name : sample.without_rows()) {
        m_result.findings.push_back(
            {Severity::left_out, "rehearsed-without", "rows of " + name.display() + " of " + side,
             "Of those that were looked at, none refers to rows of the samples alone.", "", 0});
    }
}

/// The target's own tables, with what depends on them, as a migration of their sample would make them.
void Rehearsal::copy_what_is_there() {
    const std::shared_ptr<const Sample> sample = sample_what_is_there();
    InnerCall call(inner_config(), [sample] { return open_sample(sample, k_readers); });
    call.context.own_code = true;
    PlanOptions options = for_a_sample({});
    options.with_code = true;
    options.workers = 1;
    const std::string doing = "what is at the target cannot be copied for it";
    const MigrationPlan plan = make_plan(call.context, {m_plan.to}, {m_scratch->endpoint()}, options, {});
    require_no_blocker(plan, doing);
    const MigrationResult result = Execution(call.context, plan, {}, no_index()).run();
    require_done(result, doing);
    leave_out(result.findings, false);
    require_triggers(result.findings);
}

/// A rollback of tables without their triggers is another one.
void Rehearsal::require_triggers(const std::vector<Finding>& findings) const {
    for (const Finding& finding : findings) {
        const bool fires = finding.object.starts_with("trigger ") || finding.object.starts_with("rule ");
        const bool concerns =
            std::any_of(m_plan.target.tables.begin(), m_plan.target.tables.end(), [&](const Table& table) {
                return table.placement == Placement::load &&
                       finding.object.ends_with(" on " + table.name.name);
            });
        if (finding.severity == Severity::left_out && fires && concerns) {
            throw_not_rehearsed(ErrorCode::refused, finding.object + " cannot be copied: " + finding.message,
                                "");
        }
    }
}

void Rehearsal::migrate_and_undo() {
    const std::shared_ptr<const Sample> sample = sample_of_source(m_of_source);
    m_result.rows_migrated = sample->rows();
    name_tables_without_rows(*sample, "the source");
    InnerCall call(inner_config(), [sample] { return open_sample(sample, k_readers); });
    const Tables before = look();
    PlanOptions options = for_a_sample(m_plan.options);
    options.workers = 1;
    const std::string doing = "a sample cannot be migrated";
    const MigrationPlan plan = make_plan(call.context, {m_plan.from}, {m_scratch->endpoint()}, options, {});
    require_no_blocker(plan, doing);
    if (!plan::same_mapping(m_plan, plan)) {
        m_result.findings.push_back({Severity::left_out, "rehearsed-otherwise", "the rehearsal",
                                     "In its place the tables are mapped otherwise than at the target: what "
                                     "it proves is the way back "
                                     "of tables that are alike.",
                                     "", 0});
    }
    const MigrationResult result = Execution(call.context, plan, {}, no_index()).run();
    require_done(result, doing);
    undo(result.id);
    if (m_result.passed()) {
        compare(before, look());
    }
}

/// In the scratch place everything is the role's own.
void Rehearsal::refuse_missing_rights() {
    for (const Finding& finding : m_plan.findings) {
        if (finding.code == plan::k_cannot_undo_code && m_result.failure.empty()) {
            m_result.failure = finding.object + ": " + finding.message;
            m_result.next_step = finding.next_step;
        }
    }
}

void Rehearsal::undo(const std::string& migration) {
    InnerCall call(inner_config());
    RollbackOptions options;
    options.execute = true;
    options.strategy = m_plan.strategy;
    try {
        auto target = call.context.open_target(m_scratch->endpoint());
        target->lock(migration);
        RollbackRun::Subject subject{migration, m_scratch->endpoint(), recorded_by(*target, migration),
                                     MigrationState::done};
        m_result.rollback = RollbackRun(call.context, std::move(target), std::move(subject), options).run();
    } catch (const Error& error) {
        if (!is_verdict(error.code())) {
            throw;
        }
        m_result.failure = std::string("the rollback failed: ") + error.what();
    }
}

/// Beside the rollback's own proofs.
void Rehearsal::compare(const Tables& before, const Tables& after) {
    for (const auto& [table, what] : before) {
        const auto now = after.find(table);
        if (now == after.end() || now->second != what) {
            m_result.failure = "after the rollback table " + table +
                               (now == after.end() ? " is not there" : " is not what it was") +
                               ", whatever the rollback has proven";
            return;
        }
    }
    for (const auto& [table, what] : after) {
        if (!before.contains(table)) {
            m_result.failure =
                "after the rollback there is a table " + table + ", which was not there before";
            return;
        }
    }
}

Rehearsal::Tables Rehearsal::look() const {
    const Endpoint& place = m_scratch->endpoint();
    if (abilities_of(place).file_based && !io::name_taken(io::trim_slashes(place.location))) {
        return {};
    }
    InnerCall call(inner_config());
    const auto source = call.context.open_source(place);
    source->pin_snapshot(k_readers);
    const Schema schema = source->read_schema({}).schema;
    std::vector<verify::DigestTask> tasks;
    for (const Table& table : schema.tables) {
        verify::DigestTask task;
        task.table = &table;
        task.columns = sampled_columns(table);
        tasks.push_back(std::move(task));
    }
    verify::ScanContext context;
    context.stop = m_context.config.stop;
    const auto digests = verify::digest_tables(*source, tasks, context);
    Tables tables;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        std::string& what = tables[schema.tables[i].name.display()];
        for (const Column& column : schema.tables[i].columns) {
            what += column.name + " " + to_string(column.type) + ", ";
        }
        what += to_string(digests[i].digest);
    }
    return tables;
}

}  // namespace migrate::rehearsal
