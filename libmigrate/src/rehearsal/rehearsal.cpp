#include "rehearsal/rehearsal.hpp"

#include <algorithm>
#include <chrono>
#include <set>
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
#include "plan/planner.hpp"
#include "rehearsal/affected_tables.hpp"
#include "rehearsal/sample.hpp"
#include "rehearsal/scratch_directory.hpp"
#include "util/kill_point.hpp"
#include "verify/digest_scan.hpp"

namespace migrate::rehearsal {
namespace {

using Clock = std::chrono::steady_clock;

/// The scratch place is another address, for which nobody has configured a password.
class SameCredentials final : public CredentialProvider {
  public:
    SameCredentials(std::shared_ptr<CredentialProvider> given, Endpoint scratch, Endpoint original)
        : m_given(std::move(given)), m_scratch(std::move(scratch)), m_original(std::move(original)) {}
    std::optional<std::string> password(const Endpoint& endpoint) override {
        return m_given->password(endpoint.location == m_scratch.location ? m_original : endpoint);
    }

  private:
    std::shared_ptr<CredentialProvider> m_given;
    Endpoint m_scratch;
    Endpoint m_original;
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

std::string first_blocker(const MigrationPlan& plan, std::string& next_step) {
    for (const Finding& finding : plan.findings) {
        if (finding.severity == Severity::blocker) {
            next_step = finding.next_step;
            return finding.object + ": " + finding.message;
        }
    }
    return {};
}

std::string failure_of(const MigrationResult& result) {
    if (!result.failure.empty()) {
        return result.failure;
    }
    return result.state == MigrationState::done && result.verification.exit_code() == 0
               ? ""
               : "what was written is not what was read";
}

}  // namespace

MigrationIndex no_index() {
    MigrationIndex index;
    index.knows = [](const std::string&) { return false; };
    index.is_unfinished = [](const std::string&) { return false; };
    index.write = [](const MigrationPlan&, MigrationState, Phase, const std::string&) {};
    index.past = [](const MigrationPlan&) { return std::vector<plan::PastRun>(); };
    return index;
}

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
    std::string next_step;
    if (const std::string blocker = first_blocker(m_plan, next_step); !blocker.empty()) {
        throw Error({.code = ErrorCode::refused, .next_step = next_step},
                    "there is no rollback to rehearse, because of what is in the way: " + blocker);
    }
    util::pass_kill_point("rehearsal-begin");
    m_scratch = abilities_of(m_plan.to).file_based ? make_scratch_directory(m_plan.to)
                                                   : m_context.make_scratch(m_plan.to, m_plan.target);
    m_result.place = m_scratch->description();
    leave_out(m_scratch->missing());
    if (changes_what_is_there(m_plan)) {
        copy_what_is_there();
    }
    migrate_and_undo();
    m_scratch->drop();
    util::pass_kill_point("rehearsed");
    m_result.duration = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
    return std::move(m_result);
}

MigratorConfig Rehearsal::inner_config() const {
    MigratorConfig config = quiet_config(m_context);
    if (config.credentials != nullptr) {
        config.credentials =
            std::make_shared<SameCredentials>(config.credentials, m_scratch->endpoint(), m_plan.to);
    }
    return config;
}

void Rehearsal::leave_out(const std::vector<Finding>& findings) {
    for (const Finding& finding : findings) {
        if (finding.severity == Severity::left_out) {
            m_result.findings.push_back(finding);
            m_result.findings.back().code = "rehearsed-without";
        }
    }
}

std::function<std::unique_ptr<backend::Source>()> Rehearsal::sample_of_source() {
    std::shared_ptr<backend::Source> source = m_context.open_source(m_plan.from);
    backend::hold_tables(*source, mapping::selection_of(m_plan.options));
    source->pin_snapshot(k_readers);
    auto sample =
        std::make_shared<const Sample>(std::move(source), m_plan.source, m_of_source, m_context.config.stop);
    m_result.rows_migrated = sample->rows();
    return [sample] { return open_sample(sample, k_readers); };
}

std::shared_ptr<const Sample> Rehearsal::sample_what_is_there() {
    std::shared_ptr<backend::Source> there = m_context.open_other_source(m_plan.to);
    there->pin_snapshot(k_readers);
    backend::SchemaRequest request;
    request.first_rows = true;
    request.count_orphans = false;
    request.count_rows = false;
    const AffectedTables affected(m_plan, there->read_schema(request).schema,
                                  abilities_of(m_plan.to).case_insensitive_names);
    auto sample = std::make_shared<const Sample>(
        std::move(there), affected.schema(), affected.request_there(m_options.rows), m_context.config.stop);
    m_result.rows_there = sample->rows();
    m_of_source = affected.request_source(m_options.rows, *sample);
    for (const QualifiedName& name : affected.cut_short()) {
        m_result.findings.push_back({Severity::left_out, "rehearsed-without", "rows of " + name.display(),
                                     "They refer to a table that is replaced; the sample of what takes its "
                                     "place need not have what they refer to.",
                                     "", 0});
    }
    return sample;
}

/// The target's own tables, with what depends on them, as a migration of their sample would make them.
void Rehearsal::copy_what_is_there() {
    const std::shared_ptr<const Sample> sample = sample_what_is_there();
    InnerCall call(inner_config(), [sample] { return open_sample(sample, k_readers); });
    call.context.own_code = true;
    PlanOptions options = for_a_sample({});
    options.with_code = true;
    options.workers = 1;
    const MigrationPlan plan = make_plan(call.context, {m_plan.to}, {m_scratch->endpoint()}, options, {});
    std::string next_step;
    std::string failure = first_blocker(plan, next_step);
    if (failure.empty()) {
        const MigrationResult result = Execution(call.context, plan, {}, no_index()).run();
        failure = failure_of(result);
        leave_out(result.findings);
    }
    if (!failure.empty()) {
        throw Error(
            {.code = ErrorCode::refused, .next_step = "Run without the rehearsal, or mend that."},
            "the rollback cannot be rehearsed, since what is at the target cannot be copied for it: " +
                failure);
    }
}

MigrationPlan Rehearsal::plan_in_scratch(InnerCall& call) const {
    MigrationPlan plan =
        make_plan(call.context, {m_plan.from}, {m_scratch->endpoint()}, for_a_sample(m_plan.options), {});
    return plan;
}

void Rehearsal::migrate_and_undo() {
    InnerCall call(inner_config(), sample_of_source());
    const std::vector<std::string> before = look();
    MigrationPlan plan = plan_in_scratch(call);
    m_result.failure = first_blocker(plan, m_result.next_step);
    if (!m_result.failure.empty()) {
        m_result.failure = "a sample could not be migrated: " + m_result.failure;
        return;
    }
    if (!plan::same_mapping(m_plan, plan)) {
        m_result.findings.push_back({Severity::left_out, "rehearsed-otherwise", "the rehearsal",
                                     "In its place the tables are mapped otherwise than at the target: what "
                                     "it proves is the way back "
                                     "of tables that are alike.",
                                     "", 0});
    }
    const MigrationResult result = Execution(call.context, plan, {}, no_index()).run();
    if (result.error == ErrorCode::cancelled) {
        throw Error(ErrorCode::cancelled, result.failure);
    }
    if (std::string failure = failure_of(result); !failure.empty()) {
        m_result.failure = "a sample could not be migrated: " + failure;
        m_result.next_step = result.next_step;
        return;
    }
    undo(result.id);
    if (m_result.failure.empty()) {
        compare(before, look());
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
        if (error.code() == ErrorCode::cancelled) {
            throw;
        }
        m_result.failure = std::string("the rollback failed: ") + error.what();
        m_result.next_step = error.facts().next_step;
    }
}

/// Beside the rollback's own proofs.
void Rehearsal::compare(const std::vector<std::string>& before, const std::vector<std::string>& after) {
    const std::set<std::string> was(before.begin(), before.end());
    const std::set<std::string> is(after.begin(), after.end());
    for (const std::string& line : was) {
        if (!is.contains(line)) {
            m_result.failure = "after the rollback there is no more: " + line;
            return;
        }
    }
    for (const std::string& line : is) {
        if (!was.contains(line)) {
            m_result.failure = "after the rollback there is, as there was not before: " + line;
            return;
        }
    }
}

std::vector<std::string> Rehearsal::look() const {
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
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        std::string line = "table " + schema.tables[i].name.display() + " (";
        for (const Column& column : schema.tables[i].columns) {
            line += column.name + " " + to_string(column.type) + ", ";
        }
        lines.push_back(line + to_string(digests[i].digest) + ")");
    }
    return lines;
}

}  // namespace migrate::rehearsal
