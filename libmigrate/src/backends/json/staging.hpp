#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <migrate/digest.hpp>

#include "backend/recorded_things.hpp"
#include "backend/target.hpp"
#include "backends/json/assembled_source.hpp"
#include "backends/json/checkpoint_file.hpp"
#include "backends/json/file_name.hpp"
#include "backends/json/layout.hpp"
#include "backends/json/retry_files.hpp"
#include "backends/json/written_files.hpp"
#include "backends/json/written_keys.hpp"
#include "io/file.hpp"
#include "io/lock.hpp"

namespace migrate::backends::json {

/// A table's file in staging: how much of it is committed, and the hash of that.
class StagedTable {
  public:
    StagedTable(std::string path, std::string file);
    ~StagedTable();
    StagedTable(StagedTable&&) noexcept;
    StagedTable& operator=(StagedTable&&) noexcept;

    const std::string& path() const { return m_path; }
    const std::string& file() const { return m_file; }
    std::uint64_t size() const { return m_size; }
    std::uint64_t rows() const { return m_rows; }
    const Digest& digest() const { return m_digest; }
    std::string hash() const;

    /// Counts bytes that are about to be committed.
    void add(std::string_view bytes);
    /// What was added is committed, with these rows.
    void commit(const Checkpoint& checkpoint);
    /// Forgets what was added since the last commit.
    void roll_back();
    /// Takes a committed state over from a checkpoint. Throws: Error{corrupt} when the file does not hold
    /// those bytes.
    void restore(std::uint64_t size, const std::string& hash);
    /// Counts a committed checkpoint whose bytes restore() has taken over.
    void restore_counts(const Checkpoint& checkpoint);

  private:
    struct Hash;
    std::string m_path;
    std::string m_file;
    std::uint64_t m_size = 0;
    std::uint64_t m_added = 0;
    std::uint64_t m_rows = 0;
    Digest m_digest;
    std::unique_ptr<Hash> m_committed;
    std::unique_ptr<Hash> m_running;
};

/// Who writes what is staged of a migration: the chunks of one run beside each other, or one step alone.
/// Another run cannot take the migration over before it lets go, and it is not had once another has.
class StagingFence {
  public:
    enum class Kind : std::uint8_t { beside, alone };
    /// `path` is the staging directory's. Throws: Error{locked}.
    StagingFence(const std::string& path, Kind kind);

  private:
    io::File m_file;
    std::variant<std::monostate, io::SharedLock, io::WriteLock> m_lock;
};

/// The directory beside a target in which a migration is prepared, `<target>.migrate-<id>`:
///   tables/   the table files; in layout `tables` this is the directory that takes the target's name
///   result.json   layouts `file` and `document`: the file that takes the target's name
///   documents/    layouts `documents` and `nested`: the directory that takes the target's name
///   notes/        of documents: what verification needs beside them
///   state/    migration.json, checkpoints, dead letters, fence
///   retry…    see RetryFiles
/// After the cutover what it replaced lies in the place of what replaced it, until finalize.
class Staging {
  public:
    Staging(std::string target, Layout layout, std::string migration);

    /// Throws: Error{exists}. Durable on return.
    void create(const backend::TargetPlan& plan, const std::optional<Manifest>& existing);
    /// Takes an unfinished migration up again: cuts what was not committed off the files. Raises the epoch.
    void reopen(const backend::TargetPlan& plan);
    /// Makes tables empty, whatever of them is stale, once reopen() is called. False, with nothing changed,
    /// where dead letters of theirs would have to be taken out of those of all. Durable on return.
    bool forget_tables(const std::vector<backend::StaleRows>& stale);
    /// Requires: reopen(). The epoch, the checkpoints and what corrects them.
    backend::Resumption resumption() const;
    bool exists() const;
    /// Returns the bytes it had.
    std::uint64_t remove() const;
    /// Likewise, but what there is of dead letters stays, with the record of the migration.
    std::uint64_t remove_kept();

    const std::string& path() const { return m_path; }
    RetryFiles retry() const { return {m_target, m_path}; }
    std::string tables_path() const;
    std::string state_path(const std::string& name) const;
    std::string dead_letters_path() const;
    /// What takes the target's name.
    std::string result_path() const;
    /// Where what took the target's name has left what was there before.
    std::string kept_path() const;
    /// Requires: prepare(), a layout of documents.
    AssembledSource::Place assembled() const;

    std::uint64_t epoch() const;
    /// For a chunk of the run of this epoch. Throws: Error{locked} where another has taken the migration
    /// over.
    std::unique_ptr<StagingFence> hold(std::uint64_t epoch) const;
    /// For a step of the run that has begun or reopened this, if it has. Throws: likewise.
    std::shared_ptr<StagingFence> hold_alone() const;
    void set_state(const std::string& state);
    /// Sets the state of a migration that was not begun or reopened by this object; `migration` is its record
    /// where there is none here.
    void record(const backend::RecordedMigration& migration, const std::string& state);
    /// What is at the target beside rows before something else takes its place. Durable on return.
    void record_things();
    /// Nullopt of a migration of an earlier version, and of one that was not shown.
    std::optional<backend::Things> recorded_things() const;
    /// What documents are before they are shown, for a rollback. Durable on return.
    void record_files();
    /// Nullopt of what are no documents, or were not shown.
    std::optional<std::vector<WrittenFile>> written_files() const;
    /// No row, checkpoint or dead letter of the load stays. Requires: reopen().
    void empty();
    /// What documents were made of.
    void remove_work() const;
    /// In the state that is set next, and in what is to be shown, where that has a file for its manifest.
    void keep_audit_head(const std::string& head);
    /// Likewise, with another plan.
    void keep_plan(const std::string& plan_json);
    /// The same for "ready", with the plan as it is by then.
    void set_ready(const std::string& plan_json);
    StagedTable& table(std::size_t index) { return m_tables[index]; }
    /// Keys of rows that are written are checked as they pass; documents claim none.
    WrittenKeys* written_keys() { return is_documents(m_layout) ? nullptr : &m_written_keys; }
    std::optional<CheckpointFile> find_checkpoint(std::size_t table, const Chunk& chunk) const;

    /// Takes rows out of a table that is loaded: `kept` is the account of a file without them, which takes
    /// the place of the table's. Durable on return.
    void take_out(std::size_t table, const StagedTable& kept, const backend::RemovedRows& removed,
                  const std::string& dead_letters);
    /// Rows that take_out() has taken out of a table so far.
    std::uint64_t removed_rows(std::size_t table) const;
    /// Which of a table's foreign keys were found to hold (ForeignKey::validated).
    void keep_foreign_keys(std::size_t table, const std::vector<ForeignKey>& keys);

    std::uint64_t dead_letters_size() const { return m_dead_letters; }
    void set_dead_letters_size(std::uint64_t size) { m_dead_letters = size; }

    /// Writes what the target will be, with the manifest and the tables that were there before. Durable on
    /// return.
    void prepare(const backend::TargetPlan& plan, const std::optional<Manifest>& existing);

  private:
    void write_state();
    void name_files(const backend::TargetPlan& plan, const std::optional<Manifest>& existing);
    void reserve_what_is_there(FileNames& names) const;
    std::optional<CheckpointFile> removed_from(std::size_t table) const;
    void restore_tables(const backend::TargetPlan& plan);
    Manifest merged_manifest(const backend::TargetPlan& plan, const std::optional<Manifest>& existing) const;
    void prepare_directory(const Manifest& manifest, const std::optional<Manifest>& existing) const;
    void prepare_documents(const backend::TargetPlan& plan) const;
    void prepare_nested(const backend::TargetPlan& plan) const;
    void prepare_file(const Manifest& manifest, const std::optional<Manifest>& existing) const;

    std::string m_target;
    Layout m_layout;
    std::string m_migration;
    std::string m_path;
    Manifest m_state;  // its one migration
    std::vector<StagedTable> m_tables;
    std::uint64_t m_dead_letters = 0;
    WrittenKeys m_written_keys;
    mutable std::weak_ptr<StagingFence> m_alone;
};

/// States of a cutover, and of one that is taken back, which may not have happened: what is shown tells.
/// Persisted; do not change.
inline constexpr const char* k_cutover_state = "cutover";
inline constexpr const char* k_back_state = "cutover_back";

/// A staging directory's own record; nullopt where it is not readable as one.
std::optional<Manifest> read_state(const std::string& staging_path);
/// The same of the file.
std::optional<Manifest> read_record(const std::string& path);

/// The migration whose staging directory it is.
std::string migration_of(const std::string& target, const std::string& staging_path);
/// The staging directories that lie beside a target.
std::vector<std::string> find_staging(const std::string& target);

}  // namespace migrate::backends::json
