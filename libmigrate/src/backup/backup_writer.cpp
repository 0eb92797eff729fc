#include "backup/backup_writer.hpp"

#include <algorithm>
#include <utility>

#include <migrate/error.hpp>

#include "backup/backup_reader.hpp"
#include "io/directory.hpp"
#include "io/file.hpp"
#include "io/rename.hpp"
#include "util/human.hpp"
#include "util/kill_point.hpp"

namespace migrate::backup {
namespace {

/// For the manifest and what a file system needs of its own.
constexpr std::uint64_t k_spare_bytes = 1ULL << 20U;
constexpr std::size_t k_most_name_bytes = 240;

bool fits_a_directory(const std::string& path) {
    std::size_t at = 0;
    while (at <= path.size()) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        if (end - at > k_most_name_bytes) {
            return false;
        }
        at = end + 1;
    }
    return true;
}

}  // namespace

std::string bound_to(const Manifest& manifest, const std::string& file) {
    return manifest.created_at + '\n' + manifest.migration + '\n' + manifest.kind + '\n' + file;
}

BackupWriter::BackupWriter(const std::string& directory, std::string name, Manifest about,
                           const BackupKey& key, std::stop_token stop)
    : m_directory(directory),
      m_name(std::move(name)),
      m_staging(io::join(directory, k_partial_prefix + m_name)),
      m_scratch(io::join(m_staging, "scratch")),
      m_manifest(std::move(about)),
      m_key(key),
      m_stop(std::move(stop)) {
    if (key.given()) {
        m_keys = make_keys(key, m_manifest.key.emplace());
    }
    m_is_first = io::kind_of(directory) == io::PathKind::absent;
    io::make_directories(directory);
    m_lock.emplace(m_staging + ".lock", "the backup " + m_name);
    io::make_directory(m_staging);
    m_staged = true;
    io::make_directory(m_scratch);
    util::pass_kill_point("backup-begun");
}

BackupWriter::~BackupWriter() {
    if (!m_staged) {
        return;
    }
    try {
        m_file.reset();
        io::remove_tree(m_staging);
    } catch (...) {
        // What cannot be removed now is a partial backup, which the next one takes away.
        m_staged = false;
    }
}

void BackupWriter::reserve(std::uint64_t bytes, std::uint64_t scratch_bytes) {
    const std::uint64_t free = io::free_space(m_staging);
    // What does not compress gets no smaller, and a little larger: each block has a header.
    const std::uint64_t needed = bytes + bytes / 256 + scratch_bytes + k_spare_bytes;
    if (needed <= free) {
        return;
    }
    ErrorFacts facts;
    facts.code = ErrorCode::refused;
    facts.next_step = "make room there, or name another place with --backup-dir";
    throw Error(std::move(facts), "the backup needs up to " + util::human_bytes(needed) + " in " +
                                      m_directory + ", where " + util::human_bytes(free) + " are free");
}

void BackupWriter::enter(const std::string& folder) {
    m_folder = folder;
}

std::string BackupWriter::stored_path(const std::string& name) const {
    const std::string ending = m_keys ? ".zst.enc" : ".zst";
    const std::string below = m_folder.empty() ? "" : m_folder + "/";
    std::string stored = below + encode_name(name) + ending;
    for (std::size_t i = m_stored.size();
         stored == k_manifest_name || !fits_a_directory(stored) || m_stored.contains(stored); ++i) {
        stored = below + "file-" + std::to_string(i) + ending;
    }
    return stored;
}

void BackupWriter::leave_out(const Finding& what) {
    m_manifest.left_out.push_back({what.code, what.object, what.message});
}

void BackupWriter::begin_file(const std::string& name) {
    FileRecord record;
    record.name = encode_name((m_folder.empty() ? "" : m_folder + "/") + name);
    record.file = stored_path(name);
    m_stored.insert(record.file);
    const std::string path = io::join(m_staging, record.file);
    io::make_directories(io::parent_of(path));
    m_file = std::make_unique<StoredFileWriter>(path, bound_to(m_manifest, record.file),
                                                m_keys ? &m_keys->stream : nullptr);
    m_manifest.files.push_back(std::move(record));
}

void BackupWriter::write(std::string_view bytes) {
    if (m_stop.stop_requested()) {
        throw Error(ErrorCode::cancelled, "the backup " + m_name + " was cancelled");
    }
    m_file->write(bytes);
}

void BackupWriter::end_file() {
    FileRecord& record = m_manifest.files.back();
    m_file->finish(record);
    m_file.reset();
    if (m_keys) {
        // Whoever has a guess at the content must not be able to try it out.
        record.plain_digest = keyed_digest(record.plain_digest, &m_keys->digest);
    }
    io::sync_directory(io::parent_of(io::join(m_staging, record.file)));
    util::pass_kill_point("backup-file");
}

void BackupWriter::write_manifest() {
    io::File file = io::File::create_new(io::join(m_staging, k_manifest_name));
    file.write(manifest_text(m_manifest, m_keys ? &*m_keys : nullptr));
    file.sync();
    file.close();
    std::set<std::string> folders;
    for (const FileRecord& record : m_manifest.files) {
        for (std::string at = io::parent_of(record.file); at != "."; at = io::parent_of(at)) {
            folders.insert(io::parent_of(at));
        }
    }
    for (const std::string& folder : folders) {
        io::sync_directory(io::join(m_staging, folder));
    }
    io::sync_directory(m_staging);
}

void BackupWriter::verify_all() {
    const BackupReader reader(m_staging);
    // By the user's key and what the manifest has of it, as whoever restores will have to.
    const auto keys = m_keys ? std::optional(reader.open(m_key)) : std::nullopt;
    const std::vector<std::string> problems = reader.problems(keys ? &*keys : nullptr, m_stop);
    if (!problems.empty()) {
        ErrorFacts facts;
        facts.code = ErrorCode::io;
        facts.next_step = "check the disk, or name another place with --backup-dir";
        throw Error(std::move(facts), "the backup does not read back as it was written: " + problems.front());
    }
}

std::string BackupWriter::finish() {
    io::remove_tree(m_scratch);
    util::pass_kill_point("backup-written");
    write_manifest();
    util::pass_kill_point("backup-synced");
    verify_all();
    util::pass_kill_point("backup-verified");
    std::string path = io::join(m_directory, m_name);
    io::rename_new(m_staging, path);
    m_staged = false;
    util::pass_kill_point("backup-renamed");
    io::sync_directory(m_directory);
    if (m_is_first) {
        io::sync_directory(io::parent_of(m_directory));
    }
    return path;
}

}  // namespace migrate::backup
