#include "backends/json/json_target.hpp"

#include <algorithm>

#include <migrate/error.hpp>
#include <migrate/version.hpp>

#include "backend/after_cutover.hpp"
#include "backends/json/adoption.hpp"
#include "backends/json/assembled_source.hpp"
#include "backends/json/document_options.hpp"
#include "backends/json/manifest_source.hpp"
#include "io/directory.hpp"
#include "io/rename.hpp"
#include "util/kill_point.hpp"

namespace migrate::backends::json {

namespace {

Layout layout_of_name(const Endpoint& endpoint) {
    const std::string asked = endpoint.option("layout");
    if (asked == "tables") {
        return Layout::tables;
    }
    if (asked == "file") {
        return Layout::file;
    }
    if (!asked.empty() && asked != "documents") {
        ErrorFacts facts;
        facts.code = ErrorCode::usage;
        facts.backend = "json";
        facts.next_step = "Use layout=tables (a directory), layout=file or layout=documents.";
        throw Error(std::move(facts), "\"" + asked + "\" is no layout that JSON is written in");
    }
    const std::string path = io::trim_slashes(endpoint.location);
    if (endpoint.location.ends_with('/') || io::kind_of(path) == io::PathKind::directory) {
        return Layout::tables;
    }
    return path.ends_with(".json") ? Layout::file : Layout::tables;
}

/// Bytes of what is at the path; 0 where nothing is.
std::uint64_t size_of(const std::string& path) {
    switch (io::kind_of(path)) {
        case io::PathKind::file:
            return io::stamp_of(path).size;
        case io::PathKind::directory: {
            std::uint64_t bytes = 0;
            for (const io::FoundFile& file : io::walk_directory(path)) {
                bytes += io::stamp_of(file.path).size;
            }
            return bytes;
        }
        default:
            return 0;
    }
}

bool is_undecided(const std::string& state) {
    return state == k_cutover_state || state == k_back_state;
}

}  // namespace

JsonTarget::JsonTarget(const Endpoint& endpoint, const backend::OpenContext& /*context*/)
    : m_path(io::trim_slashes(endpoint.location)),
      m_names_directory(endpoint.location.ends_with('/')),
      m_asked_layout(endpoint.option("layout")),
      m_layout(layout_of_name(endpoint)) {
    // Of documents that were asked for, or are there, the manifest tells what they are.
    if ((m_asked_layout.empty() || m_asked_layout == "documents") &&
        detect_layout(m_path) == Layout::nested) {
        m_layout = Layout::nested;
    }
    m_nest_wishes = parse_nest_wishes(endpoint.option("nest"));
    m_most_levels = most_nesting(endpoint);
    m_encode.big_integers_as_strings = endpoint.option("bigint") == "string";
}

backend::SourceInfo JsonTarget::describe() {
    backend::SourceInfo info;
    info.engine = "json";
    info.engine_version = MIGRATE_VERSION_STRING;
    info.display = m_path;
    info.byte_size = size_of(m_path);
    info.facts["layout"] = !m_asked_layout.empty()      ? m_asked_layout
                           : m_layout == Layout::tables ? "tables"
                                                        : "file";
    return info;
}

std::optional<Manifest> JsonTarget::existing() const {
    if (detect_layout(m_path) != m_layout) {
        return std::nullopt;
    }
    return read_manifest(m_path, m_layout);
}

std::vector<QualifiedName> JsonTarget::existing_tables() {
    std::vector<QualifiedName> names;
    if (const auto manifest = existing()) {
        for (const ManifestTable& table : manifest->tables) {
            names.push_back(table.table.name);
        }
    }
    return names;
}

backend::Adoption JsonTarget::adopt(const Schema& source, const backend::AdoptOptions& options) {
    backend::Adoption adoption = json::adopt(source, options);
    choose_layout(source, adoption);
    if (!has_manifest(adoption.schema)) {
        adoption = json::adopt(source, options, false);
        choose_layout(source, adoption);
    }
    return adoption;
}

std::vector<std::string> JsonTarget::sql(const backend::TargetPlan& plan) {
    follow(plan);
    const std::string stage = staging_of(plan.migration).path();
    std::vector<std::string> steps{"make the directory " + stage};
    for (const Table& table : plan.schema.tables) {
        steps.push_back("write table " + table.name.display() + " as lines of JSON");
    }
    if (is_written_anew(m_layout)) {
        steps.emplace_back("put the documents together from those");
    }
    if (!is_documents(m_layout)) {
        steps.emplace_back("write the manifest");
    }
    steps.push_back(io::name_taken(m_path) ? "exchange the result with " + m_path + " and keep what was there"
                                           : "rename the result to " + m_path);
    return steps;
}

void JsonTarget::lock(const std::string& migration) {
    m_lock = std::make_unique<io::FileLock>(m_path + ".migrate-lock", "migration " + migration);
    finish_interrupted_rollback();
    finish_interrupted_cutover();
    finish_interrupted_retry();
}

void JsonTarget::begin(const backend::TargetPlan& plan) {
    follow(plan);
    m_plan = plan;
    m_prepared = false;
    Staging stage = staging_of(plan.migration);
    stage.create(plan, existing());
    m_staging.emplace(std::move(stage));
}

void JsonTarget::reopen(const backend::TargetPlan& plan) {
    follow(plan);
    m_plan = plan;
    m_prepared = false;
    Staging stage = staging_of(plan.migration);
    stage.reopen(plan);
    m_staging.emplace(std::move(stage));
}

backend::Resumption JsonTarget::resume(const backend::TargetPlan& plan) {
    reopen(plan);
    staging().set_state("loading");
    return staging().resumption();
}

bool JsonTarget::take_back(const backend::TargetPlan& plan, const std::vector<backend::StaleRows>& stale,
                           backend::Resumption& staged) {
    if (!staging().forget_tables(stale)) {
        return false;
    }
    // Opened anew: files are cut to what checkpoints are left of.
    staging().reopen(plan);
    m_plan = plan;
    staging().keep_plan(plan.plan_json);
    util::pass_kill_point("taken-back");
    staged = staging().resumption();
    return true;
}

void JsonTarget::empty_staging(const backend::TargetPlan& plan) {
    resume(plan);
    staging().empty();
}

Staging& JsonTarget::staging() {
    if (!m_staging) {
        throw Error(ErrorCode::internal, "the JSON target was not begun");
    }
    return *m_staging;
}

std::unique_ptr<backend::Writer> JsonTarget::open_writer() {
    return std::make_unique<RowWriter>(staging(), m_plan, m_encode);
}

void JsonTarget::prepare() {
    if (!m_prepared) {
        staging().prepare(m_plan, existing());
        m_prepared = true;
    }
}

std::unique_ptr<backend::Source> JsonTarget::open_staging() {
    prepare();
    if (is_documents(m_layout)) {
        return std::make_unique<AssembledSource>(m_plan.schema, staging().assembled());
    }
    return std::make_unique<ManifestSource>(staging().result_path(), m_layout);
}

void JsonTarget::mark_ready(const std::string& plan_json) {
    staging().set_ready(plan_json);
}

void JsonTarget::keep_audit_head(const std::string& head) {
    staging().keep_audit_head(head);
}

std::vector<Finding> JsonTarget::cutover(const backend::Account& account) {
    prepare();
    const bool replaces = io::name_taken(m_path);
    const bool shows_documents = is_documents(m_layout);
    if (shows_documents) {
        staging().record_files();
    }
    const auto alone = staging().hold_alone();
    staging().record_things();
    staging().set_state(k_cutover_state);
    util::pass_kill_point("cutover-begun");
    swap_in();
    util::pass_kill_point("cutover-renamed");
    backend::settle_name([&] {
        io::sync_directory(io::parent_of(m_path));
        io::sync_directory(staging().path());
    });
    try {
        // A database says itself who wrote it; what became of its rows only the staging directory knows.
        const bool keeps_account = account || staging().dead_letters_size() != 0;
        clear_up(replaces, !keeps_account && !replaces && !shows_documents);
    } catch (const Error& error) {
        return {backend::not_cleared_up(staging().path(), error)};
    }
    return {};
}

void JsonTarget::clear_up(bool replaces, bool all) {
    if (all) {
        staging().remove();
        return;
    }
    staging().set_state("done");
    if (drops_work(replaces)) {
        staging().remove_work();
    }
}

/// Of one file the tables would stand on the disk twice; of documents they are no longer what is shown.
bool JsonTarget::drops_work(bool replaces) const {
    return is_written_anew(m_layout) || (m_layout == Layout::file && !replaces);
}

void JsonTarget::swap_in() {
    const std::string result = staging().result_path();
    if (!io::name_taken(m_path)) {
        io::rename_new(result, m_path);
    } else if (!io::exchange(result, m_path)) {
        // A file system without the exchange: between these two renames the target has no name. The state
        // "cutover" is on disk, so whoever takes the lock next finishes it.
        io::rename_new(m_path, result + ".old");
        backend::settle_name([&] { io::rename_new(result, m_path); });
    }
}

void JsonTarget::finish_interrupted_cutover() {
    for (const std::string& path : find_staging(m_path)) {
        const auto state = read_state(path);
        if (!state || state->migrations.empty() || !is_undecided(state->migrations.front().state)) {
            continue;
        }
        const backend::RecordedMigration& migration = state->migrations.front();
        const bool shows = migration.state == k_cutover_state;
        Staging stage = staging_of(migration.id);
        const auto alone = stage.hold_alone();
        // The one that was to take the target's name is made last; of documents the tables are left as well.
        for (const Layout layout : {Layout::document, Layout::documents, Layout::tables}) {
            const std::string result = Staging(m_path, layout, migration.id).result_path();
            if (shows && !io::name_taken(m_path) && io::name_taken(result)) {
                io::rename_new(result, m_path);
                io::sync_directory(io::parent_of(m_path));
            }
        }
        stage.record(migration, settled(migration));
        if (shows_documents(migration.id) ||
            (m_layout == Layout::file && !io::name_taken(stage.kept_path()) && lists(m_path, migration.id))) {
            stage.remove_work();
        }
    }
}

Staging JsonTarget::documents_staging(const std::string& migration,
                                      const std::vector<WrittenFile>& written) const {
    const bool is_file = written.size() == 1 && written.front().path.empty();
    return {m_path, is_file ? Layout::document : Layout::documents, migration};
}

// The documents of a cutover that may not have happened: what it puts in place was in staging before, and
// what it finds is nothing, or an empty directory, which is there afterwards.
bool JsonTarget::shows_documents(const std::string& migration) const {
    const auto written = staging_of(migration).written_files();
    if (!written || !io::name_taken(m_path)) {
        return false;
    }
    const std::string result = documents_staging(migration, *written).result_path();
    return !io::name_taken(result) ||
           (io::kind_of(result) == io::PathKind::directory && io::list_directory(result).empty());
}

// Documents do not name their migration: they are known by what they were when they were shown.
bool JsonTarget::keeps_documents(const std::string& migration) const {
    const auto written = staging_of(migration).written_files();
    if (!written || written->empty()) {
        return false;
    }
    const std::string kept = documents_staging(migration, *written).kept_path();
    return io::name_taken(kept) && differences(*written, files_at(kept)).empty();
}

std::string JsonTarget::settled(const backend::RecordedMigration& staged) const {
    if (!is_undecided(staged.state)) {
        return staged.state;
    }
    return lists(m_path, staged.id) || shows_documents(staged.id) ? "done" : "ready";
}

std::string JsonTarget::state_of(const std::string& migration) const {
    if (lists(m_path, migration)) {
        return "done";
    }
    const Staging stage = staging_of(migration);
    const auto record = read_state(stage.path());
    const bool is_recorded = record && !record->migrations.empty();
    const std::string state = is_recorded ? settled(record->migrations.front()) : "";
    // Shown once, and no longer: it was taken away.
    const bool is_away = (state.empty() || state == "done") &&
                         (lists(stage.kept_path(), migration) || keeps_documents(migration));
    return is_away ? "rolled_back" : state;
}

void JsonTarget::abandon(const std::string& migration) {
    const Staging stage = staging_of(migration);
    const std::string state = state_of(migration);
    if (state == "done" || state == "rolled_back" || state == "finalized") {
        ErrorFacts facts;
        facts.code = ErrorCode::refused;
        facts.backend = "json";
        facts.next_step = state == "done"
                              ? "To undo it use rollback; to drop what it keeps for that use finalize."
                              : "To drop what it keeps use finalize.";
        throw Error(std::move(facts), "migration " + migration + " is " +
                                          (state == "rolled_back" ? "rolled back" : state) +
                                          "; there is nothing to abandon");
    }
    if (stage.exists()) {
        // Of a run that fails: what it has staged may be another's by now.
        const auto alone = m_staging ? m_staging->hold_alone() : nullptr;
        stage.remove();
    }
    m_staging.reset();
}

std::uint64_t JsonTarget::finalize(const std::string& migration) {
    Staging stage = staging_of(migration);
    const std::string state = state_of(migration);
    if (stage.exists() && state != "done" && state != "rolled_back" && state != "finalized") {
        ErrorFacts facts;
        facts.code = ErrorCode::refused;
        facts.backend = "json";
        facts.next_step = state == "ready"
                              ? "Show it with cutover, or drop what it has prepared with abandon."
                              : "To drop what it has prepared use abandon.";
        throw Error(std::move(facts), "migration " + migration + " is " +
                                          (state.empty() ? "unfinished" : state) +
                                          ", not done; there is nothing to make final");
    }
    return stage.exists() ? stage.remove_kept() : 0;
}

std::vector<backend::RecordedMigration> JsonTarget::recorded_migrations() {
    std::vector<backend::RecordedMigration> found;
    if (const auto manifest = existing()) {
        found = manifest->migrations;
    }
    for (const std::string& path : find_staging(m_path)) {
        const RetryFiles retry(m_path, path);
        const auto state =
            retry.has_any() ? retry.record_of(retries_of(migration_of(m_path, path))) : read_state(path);
        if (!state || state->migrations.empty()) {
            continue;
        }
        backend::RecordedMigration one = state->migrations.front();
        one.state = settled(one);
        const auto shown =
            std::find_if(found.begin(), found.end(), [&](const auto& other) { return other.id == one.id; });
        if (shown == found.end()) {
            found.push_back(std::move(one));
        } else {
            // What is shown has no place for the account of its run.
            shown->plan_json = std::move(one.plan_json);
            shown->epoch = one.epoch;
        }
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.created_at > b.created_at; });
    return found;
}

}  // namespace migrate::backends::json
