#include "backends/json/staging.hpp"

#include <algorithm>

#include <migrate/error.hpp>
#include <migrate/version.hpp>

#include "backends/json/file_name.hpp"
#include "backends/json/things.hpp"
#include "io/directory.hpp"
#include "io/rename.hpp"
#include "util/clock.hpp"
#include "util/kill_point.hpp"

namespace migrate::backends::json {

namespace {

constexpr std::size_t k_largest_state = std::size_t{1} << 28U;
constexpr const char* k_state_file = "migration.json";
constexpr const char* k_dead_letters = "dead_letters.ndjson";
constexpr const char* k_written_files = "files.ndjson";
constexpr const char* k_things_before = "before.ndjson";

/// The checkpoint of the rows that were taken out of a table: what has to be added to the others'.
std::string removed_name(std::size_t table) {
    return "t" + std::to_string(table) + "-removed.json";
}

[[noreturn]] void throw_nothing_staged(const std::string& migration, const std::string& path) {
    throw Error(ErrorCode::not_found,
                "there is nothing of migration " + migration + " to go on with at " + path);
}

bool is_checkpoint(const std::string& name) {
    return name.starts_with('t') && name.find("-c") != std::string::npos && name.ends_with(".json");
}

}  // namespace

Staging::Staging(std::string target, Layout layout, std::string migration)
    : m_target(std::move(target)),
      m_layout(layout),
      m_migration(std::move(migration)),
      m_path(m_target + ".migrate-" + m_migration) {}

std::string Staging::tables_path() const {
    return io::join(m_path, "tables");
}

std::string Staging::state_path(const std::string& name) const {
    return io::join(io::join(m_path, "state"), name);
}

std::string Staging::result_path() const {
    switch (m_layout) {
        case Layout::tables:
            return tables_path();
        case Layout::documents:
        case Layout::nested:
            return io::join(m_path, "documents");
        default:
            return io::join(m_path, "result.json");
    }
}

std::string Staging::kept_path() const {
    const std::string path = result_path();
    return !io::name_taken(path) && io::name_taken(path + ".old") ? path + ".old" : path;
}

AssembledSource::Place Staging::assembled() const {
    std::vector<std::string> files;
    files.reserve(m_tables.size());
    for (const StagedTable& table : m_tables) {
        files.push_back(table.path());
    }
    return {result_path(), m_layout == Layout::document, io::join(m_path, "notes"),
            [files](std::size_t table) { return files.at(table); }};
}

bool Staging::exists() const {
    return io::kind_of(m_path) == io::PathKind::directory;
}

std::uint64_t Staging::remove() const {
    const std::uint64_t bytes = io::remove_tree(m_path);
    io::sync_directory(io::parent_of(m_path));
    return bytes;
}

std::uint64_t Staging::remove_kept() {
    if (io::kind_of(dead_letters_path()) != io::PathKind::file ||
        io::stamp_of(dead_letters_path()).size == 0) {
        return remove();
    }
    record({}, "finalized");
    std::uint64_t bytes = 0;
    for (const std::string& name : io::list_directory(m_path)) {
        const std::string path = io::join(m_path, name);
        if (name == "state") {
            continue;
        }
        if (io::kind_of(path) == io::PathKind::file) {
            bytes += io::stamp_of(path).size;
            io::remove_file(path);
        } else {
            bytes += io::remove_tree(path);
        }
    }
    io::sync_directory(m_path);
    return bytes;
}

void Staging::record(const backend::RecordedMigration& migration, const std::string& state) {
    if (auto known = read_state(m_path)) {
        m_state = std::move(*known);
    } else {
        m_state.migrations = {migration};
        if (const std::string directory = io::join(m_path, "state"); !io::name_taken(directory)) {
            io::make_directory(directory);
            io::sync_directory(m_path);
        }
    }
    set_state(state);
}

void Staging::record_things() {
    io::write_durable(state_path(k_things_before), render_things(things_at(m_target)));
}

std::optional<backend::Things> Staging::recorded_things() const {
    const std::string path = state_path(k_things_before);
    if (io::kind_of(path) != io::PathKind::file) {
        return std::nullopt;
    }
    return parse_things(io::read_whole(path, k_largest_state), path);
}

void Staging::record_files() {
    io::write_durable(state_path(k_written_files), render_written_files(files_at(result_path())));
}

std::optional<std::vector<WrittenFile>> Staging::written_files() const {
    const std::string path = state_path(k_written_files);
    if (io::kind_of(path) != io::PathKind::file) {
        return std::nullopt;
    }
    return parse_written_files(io::read_whole(path, k_largest_state), path);
}

void Staging::remove_work() const {
    for (const std::string& directory : {tables_path(), io::join(m_path, "notes")}) {
        if (io::name_taken(directory)) {
            io::remove_tree(directory);
        }
    }
    io::sync_directory(m_path);
}

void Staging::create(const backend::TargetPlan& plan, const std::optional<Manifest>& existing) {
    io::make_directory(m_path);
    try {
        io::make_directory(io::join(m_path, "state"));
        io::make_directory(tables_path());
        name_files(plan, existing);
        for (const StagedTable& table : m_tables) {
            io::File::create_new(table.path()).sync();
        }
        io::File::create_new(state_path(k_dead_letters)).sync();
        backend::RecordedMigration record;
        record.id = m_migration;
        record.created_at = util::iso_utc(std::chrono::system_clock::now());
        record.plan_json = plan.plan_json;
        record.epoch = 1;
        record.audit_head = plan.audit_head;
        m_state.migrations = {record};
        set_state("loading");
        io::sync_directory(tables_path());
        io::sync_directory(m_path);
        io::sync_directory(io::parent_of(m_path));
    } catch (...) {
        io::remove_tree(m_path);
        throw;
    }
}

void Staging::name_files(const backend::TargetPlan& plan, const std::optional<Manifest>& existing) {
    FileNames names;
    names.reserve(std::string(k_manifest_file));
    if (existing) {
        for (const ManifestTable& table : existing->tables) {
            names.reserve(m_layout == Layout::tables ? table.file : table.file + ".ndjson");
        }
        reserve_what_is_there(names);
    }
    m_tables.clear();
    m_state.tables.clear();
    for (const Table& table : plan.schema.tables) {
        const std::string file = names.assign(table.name);
        m_tables.emplace_back(io::join(tables_path(), file), file);
        ManifestTable one;
        one.table.name = table.name;
        one.file = file;
        m_state.tables.push_back(std::move(one));
    }
}

// Also what others have put there, which is carried over.
void Staging::reserve_what_is_there(FileNames& names) const {
    if (m_layout == Layout::tables) {
        for (const std::string& name : io::list_directory(m_target)) {
            names.reserve(name);
        }
    } else {
        for (const TableSection& section : read_contents(m_target).tables) {
            names.reserve(section.member + ".ndjson");
        }
    }
}

void Staging::reopen(const backend::TargetPlan& plan) {
    if (!exists()) {
        throw_nothing_staged(m_migration, m_path);
    }
    m_state = Manifest();
    // A chunk of an earlier run that still lives is waited for; its later ones are refused.
    const auto alone = hold_alone();
    auto state = read_state(m_path);
    if (!state || state->migrations.size() != 1 || state->tables.size() != plan.schema.tables.size()) {
        throw_nothing_staged(m_migration, m_path);
    }
    m_state = std::move(*state);
    m_tables.clear();
    for (const ManifestTable& table : m_state.tables) {
        m_tables.emplace_back(io::join(tables_path(), table.file), table.file);
    }
    restore_tables(plan);
    ++m_state.migrations.front().epoch;
    write_state();
}

void Staging::restore_tables(const backend::TargetPlan& /*plan*/) {
    std::map<std::string, CheckpointFile> last;
    std::vector<Checkpoint> checkpoints;
    m_dead_letters = 0;
    for (const std::string& name : io::list_directory(io::join(m_path, "state"))) {
        if (!is_checkpoint(name)) {
            continue;
        }
        CheckpointFile one =
            parse_checkpoint(io::read_whole(state_path(name), k_largest_state), state_path(name));
        m_dead_letters = std::max(m_dead_letters, one.dead_letters_size);
        for (StagedTable& table : m_tables) {
            if (table.file() == one.file) {
                table.restore_counts(one.checkpoint);
            }
        }
        CheckpointFile& kept = last[one.file];
        if (kept.file.empty() || one.size > kept.size) {
            kept = std::move(one);
        }
    }
    for (std::size_t i = 0; i < m_tables.size(); ++i) {
        if (const auto removed = removed_from(i)) {
            m_dead_letters = std::max(m_dead_letters, removed->dead_letters_size);
            m_tables[i].restore_counts(removed->checkpoint);
            last[removed->file] = *removed;
        }
    }
    for (StagedTable& table : m_tables) {
        const auto found = last.find(table.file());
        const std::uint64_t size = found == last.end() ? 0 : found->second.size;
        io::File::reopen_at(table.path(), size).sync();
        if (size != 0) {
            table.restore(size, found->second.hash);
        }
    }
    io::File::reopen_at(dead_letters_path(), m_dead_letters).sync();
}

bool Staging::forget_tables(const std::vector<backend::StaleRows>& stale) {
    const auto alone = hold_alone();
    const auto is_of = [](const std::string& name, const backend::StaleRows& rows) {
        return is_checkpoint(name) && name.starts_with("t" + std::to_string(rows.table) + "-");
    };
    // The last of a file goes first, so that what is left accounts for all before it.
    std::multimap<std::uint64_t, std::string, std::greater<>> checkpoints;  // by the file's size
    bool has_letters = false;
    for (const std::string& name : io::list_directory(io::join(m_path, "state"))) {
        if (std::any_of(stale.begin(), stale.end(),
                        [&](const backend::StaleRows& rows) { return is_of(name, rows); })) {
            const CheckpointFile file =
                parse_checkpoint(io::read_whole(state_path(name), k_largest_state), state_path(name));
            has_letters = has_letters || file.checkpoint.rejects + file.checkpoint.nulled > 0;
            checkpoints.emplace(file.size, name);
        }
    }
    if (has_letters || std::any_of(stale.begin(), stale.end(), [&](const backend::StaleRows& rows) {
            return removed_from(rows.table).has_value();
        })) {
        return false;
    }
    for (const auto& [size, name] : checkpoints) {
        io::remove_file(state_path(name));
        util::pass_kill_point("take-back");
    }
    io::sync_directory(io::join(m_path, "state"));
    return true;
}

backend::Resumption Staging::resumption() const {
    backend::Resumption found;
    found.epoch = m_state.migrations.front().epoch;
    for (const std::string& name : io::list_directory(io::join(m_path, "state"))) {
        if (is_checkpoint(name)) {
            found.checkpoints.push_back(
                parse_checkpoint(io::read_whole(state_path(name), k_largest_state), state_path(name))
                    .checkpoint);
        }
    }
    for (std::size_t i = 0; i < m_tables.size(); ++i) {
        if (const auto correction = removed_from(i)) {
            backend::RemovedRows removed;
            removed.table = i;
            removed.rows = correction->checkpoint.rejects;
            removed.digest.subtract(correction->checkpoint.digest);
            found.removed.push_back(std::move(removed));
        }
    }
    return found;
}

std::optional<CheckpointFile> Staging::removed_from(std::size_t table) const {
    const std::string path = state_path(removed_name(table));
    if (io::kind_of(path) != io::PathKind::file) {
        return std::nullopt;
    }
    return parse_checkpoint(io::read_whole(path, k_largest_state), path);
}

std::uint64_t Staging::removed_rows(std::size_t table) const {
    const auto removed = removed_from(table);
    return removed ? removed->checkpoint.rejects : 0;
}

// Killed between the last two steps, the file is not what its checkpoints say, and the migration is begun
// anew.
void Staging::take_out(std::size_t index, const StagedTable& kept, const backend::RemovedRows& removed,
                       const std::string& dead_letters) {
    m_written_keys.forget(index);
    const auto alone = hold_alone();
    StagedTable& table = m_tables[index];
    io::File letters = io::File::reopen_at(dead_letters_path(), m_dead_letters);
    letters.write(dead_letters);
    letters.sync();
    letters.close();
    Checkpoint correction;
    correction.migration = m_migration;
    correction.table = m_state.tables[index].table.name;
    correction.rows = -removed.rows;
    correction.rejects = removed.rows;
    correction.digest.subtract(removed.digest);
    CheckpointFile file = removed_from(index).value_or(CheckpointFile{correction, table.file(), 0, "", 0});
    if (file.size != 0 || !file.hash.empty()) {
        file.checkpoint.rows += correction.rows;
        file.checkpoint.rejects += correction.rejects;
        file.checkpoint.digest.merge(correction.digest);
    }
    file.size = kept.size();
    file.hash = kept.hash();
    file.dead_letters_size = m_dead_letters + dead_letters.size();
    io::write_durable(state_path(removed_name(index)), render_checkpoint(file));
    io::rename_replacing(kept.path(), table.path());
    io::sync_directory(tables_path());
    m_dead_letters = file.dead_letters_size;
    table.restore(file.size, file.hash);
    table.restore_counts(correction);
}

void Staging::keep_foreign_keys(std::size_t table, const std::vector<ForeignKey>& keys) {
    m_state.tables[table].table.foreign_keys = keys;
    set_state(m_state.migrations.front().state);
}

// Checkpoints go first: without them what a file holds is not counted.
void Staging::empty() {
    const auto alone = hold_alone();
    m_written_keys = WrittenKeys();
    for (const std::string& name : io::list_directory(io::join(m_path, "state"))) {
        const bool corrects = name.starts_with('t') && name.ends_with("-removed.json");
        if (is_checkpoint(name) || corrects) {
            io::remove_file(state_path(name));
        }
    }
    io::sync_directory(io::join(m_path, "state"));
    for (StagedTable& table : m_tables) {
        io::File::reopen_at(table.path(), 0).sync();
        table = StagedTable(table.path(), table.file());
    }
    m_dead_letters = 0;
    io::File::reopen_at(dead_letters_path(), 0).sync();
    set_state("loading");
}

std::string Staging::dead_letters_path() const {
    return state_path(k_dead_letters);
}

std::uint64_t Staging::epoch() const {
    const auto state = read_state(m_path);
    return state && !state->migrations.empty() ? state->migrations.front().epoch : 0;
}

void Staging::set_state(const std::string& state) {
    const auto alone = hold_alone();
    m_state.migrations.front().state = state;
    for (std::size_t i = 0; i < m_tables.size(); ++i) {
        m_state.tables[i].rows = m_tables[i].rows();
    }
    write_state();
}

void Staging::write_state() {
    m_state.tool_version = MIGRATE_VERSION_STRING;
    io::write_durable(state_path(k_state_file), render_manifest(m_state));
}

void Staging::keep_plan(const std::string& plan_json) {
    m_state.migrations.front().plan_json = plan_json;
    set_state(m_state.migrations.front().state);
}

void Staging::set_ready(const std::string& plan_json) {
    m_state.migrations.front().plan_json = plan_json;
    set_state("ready");
}

std::optional<CheckpointFile> Staging::find_checkpoint(std::size_t table, const Chunk& chunk) const {
    const std::string path = state_path(checkpoint_name(table, chunk));
    if (io::kind_of(path) == io::PathKind::absent) {
        return std::nullopt;
    }
    return parse_checkpoint(io::read_whole(path, k_largest_state), path);
}

std::optional<Manifest> read_state(const std::string& staging_path) {
    return read_record(io::join(io::join(staging_path, "state"), k_state_file));
}

std::optional<Manifest> read_record(const std::string& path) {
    try {
        return parse_manifest(io::read_whole(path, k_largest_state), path);
    } catch (const Error&) {
        return std::nullopt;
    }
}

std::string migration_of(const std::string& target, const std::string& staging_path) {
    return io::name_of(staging_path).substr((io::name_of(target) + ".migrate-").size());
}

std::vector<std::string> find_staging(const std::string& target) {
    const std::string parent = io::parent_of(target);
    const std::string prefix = io::name_of(target) + ".migrate-";
    std::vector<std::string> found;
    if (io::kind_of(parent) != io::PathKind::directory) {
        return found;
    }
    for (const std::string& name : io::list_directory(parent)) {
        const std::string path = io::join(parent, name);
        if (name.starts_with(prefix) && name != prefix + "lock" &&
            io::kind_of(path) == io::PathKind::directory) {
            found.push_back(path);
        }
    }
    return found;
}

}  // namespace migrate::backends::json
