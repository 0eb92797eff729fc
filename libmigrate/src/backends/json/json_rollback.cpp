// How a migration into JSON is undone: what it replaced lies in its staging directory until finalize.

#include <algorithm>
#include <map>
#include <string_view>

#include <migrate/error.hpp>

#include "backends/json/json_target.hpp"
#include "backends/json/manifest_source.hpp"
#include "backends/json/things.hpp"
#include "backends/json/written_files.hpp"
#include "io/directory.hpp"
#include "io/rename.hpp"
#include "util/kill_point.hpp"

namespace migrate::backends::json {

namespace {

constexpr std::size_t k_most_named = 20;
constexpr const char* k_discard = "To undo the migration all the same, use --discard-later-changes.";
/// Ends the name of what is taken away while it waits for its place. Persisted; do not change.
constexpr std::string_view k_waiting = ".undone";

[[noreturn]] void refuse(ErrorCode code, const std::string& message, const std::string& next_step) {
    ErrorFacts facts;
    facts.code = code;
    facts.backend = "json";
    facts.next_step = next_step;
    throw Error(std::move(facts), message);
}

RolledBackTable entry_of(ManifestSource& source, const ManifestTable& table, const Manifest* former) {
    RolledBackTable entry;
    entry.table = table.table.name.display();
    entry.rows_after = table.rows;
    const RowScan now = scan_rows(source, table.table, table.digest);
    entry.rows_now = now.digest.rows + now.rejects;
    entry.changed_since = now.rejects > 0 || to_string(now.digest) != table.digest;
    if (const ManifestTable* before = former != nullptr ? former->find(table.table.name) : nullptr) {
        entry.placement = Placement::replace;
        entry.rows_before = before->rows;
        entry.digest_before = before->digest;
    }
    return entry;
}

/// What somebody else put into a database, with a hash of each; empty for what is no file.
std::map<std::string, std::string> strangers_in(const std::string& path, Layout layout,
                                                const Manifest& manifest) {
    std::map<std::string, std::string> hashes;
    if (layout != Layout::file) {
        for (const std::string& name : unnamed_in(path, layout, manifest)) {
            const std::string full = io::join(path, name);
            const bool is_file = !io::is_symbolic_link(full) && io::kind_of(full) == io::PathKind::file;
            hashes[name] = is_file ? hash_of(full) : "";
        }
        return hashes;
    }
    const FileContents contents = read_contents(path);
    const std::vector<std::string> unnamed = unnamed_in(contents, manifest);
    const auto add = [&](const std::string& name, std::uint64_t begin, std::uint64_t end) {
        if (std::find(unnamed.begin(), unnamed.end(), name) != unnamed.end()) {
            hashes[name] = hash_of(path, begin, end);
        }
    };
    for (const TableSection& section : contents.tables) {
        add("tables." + section.member, section.begin, section.end);
    }
    for (const OtherMember& other : contents.others) {
        add(other.name, other.begin, other.end);
    }
    return hashes;
}

void report_change(const std::string& object, const std::string& message, std::uint64_t count,
                   RollbackResult& result, const RollbackOptions& options) {
    result.findings.push_back({options.discard_later_changes ? Severity::risk : Severity::blocker,
                               "changed-since", object, message,
                               options.discard_later_changes ? "" : k_discard, count});
}

/// Names the first of what is in the way, and how much more there is.
void report_changes(const std::string& path, const std::vector<std::string>& changes, RollbackResult& result,
                    const RollbackOptions& options) {
    for (std::size_t i = 0; i < std::min(changes.size(), k_most_named); ++i) {
        report_change(path, changes[i] + "; the migration left it otherwise", 0, result, options);
    }
    if (changes.size() > k_most_named) {
        const std::size_t more = changes.size() - k_most_named;
        report_change(path, "and " + std::to_string(more) + " more such changes", more, result, options);
    }
}

void refuse_blocked(const RollbackResult& result) {
    for (const Finding& finding : result.findings) {
        if (finding.severity == Severity::blocker) {
            refuse(ErrorCode::refused, finding.object + ": " + finding.message, finding.next_step);
        }
    }
}

std::string waiting_for(const std::string& kept) {
    return kept + std::string(k_waiting);
}

/// Between the renames of a rollback without the exchange.
bool is_between_names(const Staging& stage) {
    const std::string result = stage.result_path();
    return io::name_taken(waiting_for(result)) || io::name_taken(waiting_for(result + ".old"));
}

/// What is shown is staged again only in one step: killed between two, what was there before would lie where
/// what is staged belongs, and go with it.
[[noreturn]] void refuse_steps(const std::string& path) {
    refuse(ErrorCode::unsupported,
           "the file system of " + path +
               " does not exchange two names in one step, without which a migration that replaced what was "
               "there cannot go back to a checkpoint; nothing was changed",
           "Undo it whole: leave --to-checkpoint out.");
}

/// What is staged again would be taken for what its checkpoints say.
void refuse_retried(const backend::RecordedMigration& migration) {
    if (migration.retries > 0) {
        refuse(ErrorCode::refused,
               "dead letters of migration " + migration.id +
                   " were retried since, and their rows are in no checkpoint; nothing was changed",
               "Undo it whole: leave --to-checkpoint out.");
    }
}

/// Puts what is kept in the target's place, and what is there in its; or only takes that away. False, with
/// nothing changed, where that takes more than one step and may not.
bool swap_back(const std::string& path, const std::string& kept, bool has_kept, bool in_one_step) {
    util::pass_kill_point("rollback-rename");
    if (!has_kept) {
        io::rename_new(path, kept);
    } else if (!io::exchange(kept, path)) {
        if (in_one_step) {
            return false;
        }
        // A file system without the exchange: whoever takes the lock next finishes what is killed in between.
        io::rename_new(path, waiting_for(kept));
        util::pass_kill_point("rollback-between");
        io::rename_new(kept, path);
        io::rename_new(waiting_for(kept), kept);
    }
    util::pass_kill_point("rollback-renamed");
    io::sync_directory(io::parent_of(path));
    io::sync_directory(io::parent_of(kept));
    return true;
}

void require_last(const Manifest& now, const std::string& migration, bool has_kept) {
    if (now.migrations.front().id != migration) {
        refuse(ErrorCode::refused,
               "migration " + now.migrations.front().id + " came after " + migration +
                   ", and wrote the whole target anew",
               "Roll that one back first.");
    }
    if (now.migrations.size() > 1 && !has_kept) {
        refuse(ErrorCode::not_found, "what migration " + migration + " replaced is no longer there",
               "It is final.");
    }
}

void name_steps(const std::string& path, bool has_kept, bool stages, RollbackResult& result) {
    result.steps.push_back(has_kept ? "put what was at " + path + " before back, in one exchange"
                                    : "take " + path + " away, which the migration made");
    result.steps.emplace_back(stages ? "stage again what is taken away"
                                     : "keep what is taken away until finalize");
}

void prove(const std::string& path, Layout layout, const Manifest& former, RollbackResult& result) {
    ManifestSource source(path, layout);
    source.pin_snapshot(1);
    for (RolledBackTable& table : result.tables) {
        for (const ManifestTable& before : former.tables) {
            if (before.table.name.display() == table.table) {
                table.digest_restored = to_string(scan_rows(source, before.table, before.digest).digest);
                table.proven = table.digest_restored == table.digest_before;
            }
        }
    }
}

void expect_things(const Staging& stage, RollbackResult& result) {
    if (const auto before = stage.recorded_things()) {
        result.proofs = backend::expected_proofs(*before);
    }
}

/// What lay aside was out of everybody's way, so that nobody else can have changed it.
void prove_things(const std::string& path, const Staging& stage, RollbackResult& result) {
    if (const auto before = stage.recorded_things()) {
        backend::ThingsProof proof = backend::compare_things({*before, *before}, *before, things_at(path));
        result.proofs = std::move(proof.proofs);
        for (const std::string& name : proof.different) {
            result.findings.push_back(
                {Severity::risk, "not-as-before", name, "is not what it was before", {}, 0});
        }
    }
}

}  // namespace

Schema JsonTarget::existing_schema(const std::vector<QualifiedName>& names) {
    Schema schema;
    schema.engine = "json";
    const auto manifest = existing();
    for (const QualifiedName& name : names) {
        const ManifestTable* table = manifest ? manifest->find(name) : nullptr;
        if (table != nullptr) {
            schema.tables.push_back(table->table);
            schema.tables.back().row_estimate = table->rows;
            schema.tables.back().row_count_exact = true;
            schema.tables.back().properties[backend::k_cannot_load] =
                "a table of JSON lines is written whole, and rows are not loaded into it; --on-existing "
                "replace puts a new one in its place";
        }
    }
    return schema;
}

RollbackResult JsonTarget::rollback(const backend::RollbackRequest& request) {
    RollbackResult result;
    result.id = request.migration;
    const std::string state = state_of(request.migration);
    if (state.empty()) {
        refuse(ErrorCode::not_found, "the target does not know migration " + request.migration,
               "Look at history for the migrations there were.");
    }
    if (state == "finalized") {
        refuse(ErrorCode::not_found, "what migration " + request.migration + " kept is no longer there",
               "It is final.");
    }
    if (state == "rolled_back") {
        result.was_rolled_back = true;
        return result;
    }
    if (state != "done") {
        refuse(ErrorCode::refused, "migration " + request.migration + " is " + state + ", not done",
               "To drop what it has prepared use abandon.");
    }
    if (const auto written = staging_of(request.migration).written_files()) {
        if (request.staging) {
            require_work(request.migration);
        }
        roll_back_documents(request.options, *written, result);
    } else {
        roll_back_database(request, result);
    }
    return result;
}

std::string JsonTarget::stored_digest(const std::string& table) {
    const auto manifest = existing();
    if (manifest) {
        for (const ManifestTable& one : manifest->tables) {
            if (one.table.name.display() == table) {
                ManifestSource source(m_path, m_layout);
                source.pin_snapshot(1);
                return to_string(scan_rows(source, one.table, one.digest).digest);
            }
        }
    }
    return {};
}

/// What is shown was put together from tables that are staged no longer.
void JsonTarget::require_work(const std::string& migration) const {
    const Staging stage = staging_of(migration);
    const auto state = read_state(stage.path());
    const bool has_work = state && m_layout != Layout::nested &&
                          std::all_of(state->tables.begin(), state->tables.end(), [&](const auto& table) {
                              const std::string directory =
                                  m_layout == Layout::tables ? m_path : stage.tables_path();
                              return io::name_taken(io::join(directory, table.file));
                          });
    if (!has_work) {
        refuse(ErrorCode::refused,
               "what migration " + migration +
                   " has shown was put together from tables that are staged no longer; nothing was changed",
               "Undo it whole: leave --to-checkpoint out.");
    }
}

/// What the migration has left at the target, which others may have taken away since.
Manifest JsonTarget::shown_by(const std::string& migration) const {
    const Staging stage = staging_of(migration);
    auto shown = existing();
    if (shown && std::any_of(shown->migrations.begin(), shown->migrations.end(),
                             [&](const auto& one) { return one.id == migration; })) {
        return std::move(*shown);
    }
    if (is_between_names(stage)) {
        refuse(ErrorCode::refused,
               "a rollback of migration " + migration + " was interrupted between two renames of " + m_path,
               "Roll it back with --execute, which goes on with it.");
    }
    refuse(ErrorCode::not_found,
           "what migration " + migration + " has written is no longer at " + m_path +
               (io::name_taken(m_path) ? ", where something else is" : ", where nothing is") +
               "; nothing was changed",
           "Put it back there and try again. What the migration keeps, with all that it replaced, is in " +
               stage.path() + "; finalize drops that.");
}

/// Killed between the renames of a rollback without the exchange, the target has no name, or what was taken
/// away is not yet where it is kept. Forward: finalize then drops what was undone, and not what was there.
void JsonTarget::finish_interrupted_rollback() const {
    for (const std::string& stage : find_staging(m_path)) {
        for (const std::string& name : io::list_directory(stage)) {
            if (!name.ends_with(k_waiting)) {
                continue;
            }
            const std::string waiting = io::join(stage, name);
            const std::string kept = waiting.substr(0, waiting.size() - k_waiting.size());
            if (!io::name_taken(m_path) && io::name_taken(kept)) {
                io::rename_new(kept, m_path);
            }
            // Still there where somebody has put something else in the target's place.
            if (!io::name_taken(kept)) {
                io::rename_new(waiting, kept);
            }
            io::sync_directory(io::parent_of(m_path));
            io::sync_directory(stage);
        }
    }
}

void JsonTarget::roll_back_database(const backend::RollbackRequest& request, RollbackResult& result) {
    RollbackOptions options = request.options;
    // What others have changed is not what was verified.
    options.discard_later_changes = options.discard_later_changes && !request.staging;
    m_layout = detect_layout(m_path).value_or(m_layout);
    const Manifest now = shown_by(result.id);
    if (request.staging) {
        require_work(result.id);
        refuse_retried(now.migrations.front());
    }
    const Staging stage = staging_of(result.id);
    const std::string kept = stage.kept_path();
    const bool has_kept = io::name_taken(kept);
    require_last(now, result.id, has_kept);
    if (request.staging && has_kept && kept != stage.result_path()) {
        refuse_steps(m_path);  // The cutover had no exchange either.
    }
    const std::optional<Manifest> former = has_kept && detect_layout(kept) == m_layout
                                               ? std::optional(read_manifest(kept, m_layout))
                                               : std::nullopt;
    look_for_changes(now, former ? &*former : nullptr, kept, options, result);
    name_steps(m_path, has_kept, request.staging.has_value(), result);
    expect_things(stage, result);
    if (!options.execute) {
        return;
    }
    refuse_blocked(result);
    result.executed = true;
    take_back_shown(now.migrations.front(), request.staging.has_value());
    for (RolledBackTable& table : result.tables) {
        table.proven = !has_kept || table.placement == Placement::create;
    }
    if (former) {
        prove(m_path, m_layout, *former, result);
    }
    prove_things(m_path, stage, result);
    staging_of(result.id).record(now.migrations.front(), request.staging ? "ready" : "rolled_back");
}

void JsonTarget::take_back_shown(const backend::RecordedMigration& migration, bool stages) const {
    Staging stage = staging_of(migration.id);
    const std::string kept = stage.kept_path();  // Where nothing is kept, that of what is staged.
    if (!stage.exists()) {
        io::make_directory(stage.path());
    }
    if (stages) {
        // Killed here, or once it is swapped, the state is told by what is shown.
        stage.record(migration, k_back_state);
    }
    if (!swap_back(m_path, kept, io::name_taken(kept), stages)) {
        stage.record(migration, "done");
        refuse_steps(m_path);
    }
}

void JsonTarget::look_for_changes(const Manifest& now, const Manifest* former, const std::string& kept,
                                  const RollbackOptions& options, RollbackResult& result) const {
    ManifestSource source(m_path, m_layout);
    source.pin_snapshot(1);
    for (const ManifestTable& table : now.tables) {
        const RolledBackTable& entry = result.tables.emplace_back(entry_of(source, table, former));
        if (entry.changed_since) {
            report_change("table " + entry.table,
                          "its rows were changed since the migration: it left " +
                              std::to_string(entry.rows_after) + " rows, there are " +
                              std::to_string(entry.rows_now) + " now",
                          entry.rows_now, result, options);
        }
    }
    const std::map<std::string, std::string> were =
        former != nullptr ? strangers_in(kept, m_layout, *former) : std::map<std::string, std::string>{};
    std::vector<std::string> changes;
    for (const auto& [name, hash] : strangers_in(m_path, m_layout, now)) {
        const auto before = were.find(name);
        if (before == were.end() || hash.empty() || before->second != hash) {
            changes.push_back(name + (before == were.end() ? " is new" : " was changed"));
        }
    }
    report_changes(m_path, changes, result, options);
}

void JsonTarget::roll_back_documents(const RollbackOptions& options, const std::vector<WrittenFile>& written,
                                     RollbackResult& result) {
    const Staging stage = documents_staging(result.id, written);
    const std::string kept = stage.kept_path();
    const bool has_kept = io::name_taken(kept);
    const auto state = read_state(stage.path());
    const std::vector<std::string> changes = io::name_taken(m_path) ? differences(written, files_at(m_path))
                                                                    : std::vector<std::string>{"it is gone"};
    report_changes(m_path, changes, result, options);
    for (const ManifestTable& table : state->tables) {
        // Rows are counted in documents only by reading them as those of a database, so nothing is said of
        // the tables of documents that are others now.
        if (changes.empty()) {
            RolledBackTable& entry = result.tables.emplace_back();
            entry.table = table.table.name.display();
            entry.rows_after = table.rows;
            entry.rows_now = table.rows;
        }
    }
    name_steps(m_path, has_kept, false, result);
    expect_things(stage, result);
    if (!options.execute) {
        return;
    }
    refuse_blocked(result);
    if (!io::name_taken(m_path)) {
        refuse(ErrorCode::not_found, "there is nothing at " + m_path + " any more",
               "There is nothing to undo.");
    }
    result.executed = true;
    swap_back(m_path, has_kept ? kept : stage.result_path(), has_kept, false);
    // What was there was an empty directory, or nothing.
    const bool is_as_before = has_kept ? files_at(m_path).empty() : !io::name_taken(m_path);
    for (RolledBackTable& table : result.tables) {
        table.proven = is_as_before;
    }
    prove_things(m_path, stage, result);
    documents_staging(result.id, written).record(state->migrations.front(), "rolled_back");
}

}  // namespace migrate::backends::json
