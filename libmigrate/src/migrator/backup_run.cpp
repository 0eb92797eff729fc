#include "migrator/backup_run.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <migrate/error.hpp>
#include <migrate/migrator.hpp>
#include <migrate/version.hpp>

#include "backend/registry.hpp"
#include "backup/backup_catalog.hpp"
#include "backup/backup_reader.hpp"
#include "backup/backup_writer.hpp"
#include "io/directory.hpp"
#include "io/file.hpp"
#include "util/clock.hpp"

namespace migrate {
namespace {

std::string form_of(const Endpoint& endpoint) {
    if (!backend::backend_named(endpoint.engine).capabilities().file_based) {
        return "export";
    }
    if (endpoint.engine != "json") {
        return endpoint.engine;
    }
    return io::kind_of(endpoint.location) == io::PathKind::directory ? "json-directory" : "json-file";
}

backup::Manifest describe(const MigratorContext& context, const BackupRequest& request) {
    backup::Manifest manifest;
    manifest.tool_version = MIGRATE_VERSION_STRING;
    manifest.created_at = context.now();
    manifest.number = backup::next_number(request.options.directory);
    manifest.kind = request.kind;
    manifest.migration = request.migration;
    manifest.engine = request.endpoint.engine;
    manifest.endpoint = request.endpoint.display();
    manifest.form = form_of(request.endpoint);
    return manifest;
}

/// The files of a directory of JSON that was written for the backup.
void stream_tree(const std::string& path, backend::BackupSink& sink) {
    const std::vector<io::FoundFile> files = io::walk_directory(path);
    std::vector<char> block(std::size_t{1} << 18U);
    for (const io::FoundFile& found : files) {
        std::string name;
        for (const std::string& part : found.relative) {
            name += (name.empty() ? "" : "/") + part;
        }
        io::File file = io::File::open_read(found.path);
        sink.begin_file(name);
        while (const std::size_t got = file.read(block.data(), block.size())) {
            sink.write({block.data(), got});
        }
        sink.end_file();
    }
}

std::uint64_t bytes_below(const std::string& path) {
    std::uint64_t bytes = 0;
    for (const io::FoundFile& found : io::walk_directory(path)) {
        bytes += io::stamp_of(found.path).size;
    }
    return bytes;
}

/// `is_all`: the backup holds nothing else.
void add_export(const MigratorContext& context, const Endpoint& from, std::uint64_t size, bool is_all,
                backup::BackupWriter& writer) {
    if (from.borrowed != nullptr) {
        throw Error(ErrorCode::unsupported,
                    "a session that the host has lent cannot be backed up as JSON: it holds the snapshot");
    }
    // As text most values are no larger than as an engine has them; how large they are is known once they are
    // written.
    writer.reserve(size, size);
    Endpoint to;
    to.engine = "json";
    to.location = io::join(writer.scratch_directory(), k_json_folder) + "/";
    for (const Finding& finding : carry_over(context, from, to, false).left_out) {
        // Beside a copy of the file nothing is missing.
        if (is_all) {
            writer.leave_out(finding);
        }
    }
    writer.reserve(bytes_below(to.location), 0);
    writer.enter(k_json_folder);
    stream_tree(to.location, writer);
}

void write_content(const MigratorContext& context, backend::Source& source, const BackupRequest& request,
                   const std::string& form, backup::BackupWriter& writer) {
    if (form == "export") {
        add_export(context, request.endpoint, source.describe().byte_size, true, writer);
        return;
    }
    if (form != "sqlite") {
        writer.enter(k_json_folder);
    }
    source.stream_backup(writer);
    if (request.options.with_json && form == "sqlite") {
        add_export(context, request.endpoint, source.describe().byte_size, false, writer);
    }
}

void tell_problems(std::vector<std::string> problems, CreatedBackup& made) {
    for (std::string& problem : problems) {
        made.findings.push_back({Severity::risk, "backup-not-removed", "an old backup", std::move(problem),
                                 "Remove it by hand, or see why it cannot be.", 0});
    }
}

void drop_old(const BackupRequest& request, CreatedBackup& made) {
    backup::Removal removal = backup::remove_old(request.options.directory, made.backup, request.options.keep,
                                                 request.is_unfinished);
    made.removed = std::move(removal.removed);
    tell_problems(std::move(removal.problems), made);
    if (!made.backup.left_out.empty()) {
        made.findings.push_back({Severity::note, "backup-incomplete", made.backup.id,
                                 "does not hold all that there is: " + made.backup.left_out.front().object +
                                     (made.backup.left_out.size() > 1 ? "…" : ""),
                                 "backup list --json names all; keep what they are elsewhere.",
                                 made.backup.left_out.size()});
    }
}

unsigned open_sessions(const MigratorContext& context) {
    unsigned open = 0;
    for (const auto& side : {context.throttle.from_sessions, context.throttle.to_sessions}) {
        open += side == nullptr ? 0 : side->open();
    }
    return open;
}

}  // namespace

MigratorConfig quiet_config(const MigratorContext& context) {
    MigratorConfig config;
    config.credentials = context.config.credentials;
    config.stop = context.config.stop;
    config.clock = context.config.clock;
    config.application_name = context.config.application_name;
    config.busy_timeout = context.config.busy_timeout;
    config.limits = context.config.limits;
    if (const unsigned allowed = config.limits.max_connections; allowed > 0) {
        // Those of the run stay open meanwhile.
        const unsigned open = open_sessions(context);
        config.limits.max_connections = allowed > open ? allowed - open : 1;
    }
    return config;
}

namespace {

[[noreturn]] void throw_in_the_way(const MigrationPlan& plan) {
    const auto blocker = std::find_if(plan.findings.begin(), plan.findings.end(), [](const Finding& finding) {
        return finding.severity == Severity::blocker;
    });
    ErrorFacts facts;
    facts.code = blocker->code == "table-exists" ? ErrorCode::exists : ErrorCode::refused;
    facts.next_step = blocker->next_step;
    throw Error(std::move(facts), blocker->object + ": " + blocker->message);
}

}  // namespace

CreatedBackup make_backup(const MigratorContext& context, backend::Source& source,
                          const BackupRequest& request) {
    if (request.options.directory.empty()) {
        throw Error(ErrorCode::usage, "a backup is asked for, but no directory for it is known");
    }
    const auto now = context.config.clock ? context.config.clock() : std::chrono::system_clock::now();
    const std::string id = request.migration.empty() ? new_migration_id() : request.migration;
    const backup::Manifest about = describe(context, request);
    CreatedBackup made;
    // What killed programs have left may be what the disk is full of.
    tell_problems(backup::clear_unfinished(request.options.directory), made);
    backup::BackupWriter writer(request.options.directory,
                                util::compact_utc(now) + "-" + id + "-" + request.kind, about,
                                request.options.key, context.config.stop);
    write_content(context, source, request, about.form, writer);
    const std::string path = writer.finish();
    made.backup = backup::info_of(path, backup::BackupReader(path).manifest());
    drop_old(request, made);
    return made;
}

CarriedOver carry_over(const MigratorContext& context, const Endpoint& from, const Endpoint& to,
                       bool overwrite) {
    CrossDatabaseMigrator migrator(quiet_config(context));
    PlanOptions options;
    options.source_backup = SourceBackup::never;
    options.foresee_orphans = false;
    options.profile_ahead = false;
    options.with_code = true;
    options.on_existing = overwrite ? ExistingTables::replace : ExistingTables::refuse;
    const MigrationPlan plan = migrator.plan_migration({from}, {to}, options);
    if (!plan.executable()) {
        throw_in_the_way(plan);
    }
    const MigrationResult result = migrator.execute_migration(plan);
    if (result.state != MigrationState::done || result.verification.exit_code() != 0) {
        ErrorFacts facts;
        facts.code = result.error.value_or(ErrorCode::differs);
        facts.next_step = result.next_step;
        throw Error(std::move(facts),
                    result.failure.empty() ? "what was written is not what was read" : result.failure);
    }
    CarriedOver carried{result.id, {}};
    for (Finding finding : result.findings) {
        // Whoever migrates into a schema that is there leaves it as it is; what is put back was to be as
        // before.
        if (finding.code == "schema-kept") {
            finding.severity = Severity::left_out;
        }
        if (finding.severity == Severity::left_out) {
            carried.left_out.push_back(std::move(finding));
        }
    }
    return carried;
}

}  // namespace migrate
