#include "backup/backup_reader.hpp"

#include <algorithm>
#include <set>

#include <boost/filesystem.hpp>

#include <migrate/error.hpp>

#include "backup/backup_writer.hpp"
#include "backup/stored_file.hpp"
#include "io/directory.hpp"
#include "io/file.hpp"
#include "util/printable.hpp"

namespace migrate::backup {
namespace {

namespace fs = boost::filesystem;

/// Of a million files.
constexpr std::size_t k_most_manifest_bytes = 1ULL << 30U;

/// What stands in the directory, as paths below it; of directories only the empty ones.
std::vector<std::string> found_in(const std::string& path) {
    std::vector<std::string> found;
    boost::system::error_code error;
    const fs::path root(path);
    for (fs::recursive_directory_iterator entry(root, error), end; !error && entry != end;
         entry.increment(error)) {
        const bool is_directory = fs::is_directory(fs::symlink_status(entry->path()));
        if (!is_directory || fs::is_empty(entry->path())) {
            found.push_back(fs::relative(entry->path(), root).generic_string());
        }
    }
    if (error) {
        throw Error(ErrorCode::io, "cannot list " + path + ": " + error.message());
    }
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace

BackupReader::BackupReader(const std::string& path)
    : m_path(io::trim_slashes(path)),
      m_text(io::read_whole(io::join(m_path, k_manifest_name), k_most_manifest_bytes)),
      m_manifest(parse_manifest(m_text)) {}

BackupKeys BackupReader::open(const BackupKey& from) const {
    BackupKeys keys = open_keys(from, *m_manifest.key);
    require_seal(m_text, keys);
    return keys;
}

std::string BackupReader::problem_of(const FileRecord& record, const BackupKeys* keys,
                                     const std::function<void(std::string_view)>& take,
                                     const std::stop_token& stop) const {
    const std::string path = io::join(m_path, record.file);
    if (io::is_symbolic_link(path)) {
        return record.file + ": it is a symbolic link";
    }
    const bool encrypted = m_manifest.key.has_value();
    FileRecord found;
    try {
        found = read_stored_file(path, bound_to(m_manifest, record.file), encrypted,
                                 keys == nullptr ? nullptr : &keys->stream, take, stop);
    } catch (const Error& error) {
        // Whoever takes the content may fail at that, which says nothing of the backup.
        const bool is_of_the_backup =
            !take || error.code() == ErrorCode::differs || error.code() == ErrorCode::not_found;
        if (!is_of_the_backup || error.code() == ErrorCode::cancelled) {
            throw;
        }
        return error.code() == ErrorCode::not_found ? record.file + ": it is missing" : error.what();
    }
    if (found.stored_bytes != record.stored_bytes || found.stored_digest != record.stored_digest) {
        return record.file + ": its bytes are not those that were written";
    }
    if (encrypted && keys == nullptr) {
        return {};
    }
    const std::string digest =
        keys == nullptr ? found.plain_digest : keyed_digest(found.plain_digest, &keys->digest);
    if (found.plain_bytes != record.plain_bytes || digest != record.plain_digest) {
        return record.file + ": its content is not what was written";
    }
    return {};
}

std::vector<std::string> BackupReader::problems(const BackupKeys* keys, const std::stop_token& stop) const {
    std::vector<std::string> problems;
    std::set<std::string> known{k_manifest_name};
    for (const FileRecord& record : m_manifest.files) {
        known.insert(record.file);
        if (std::string problem = problem_of(record, keys, {}, stop); !problem.empty()) {
            problems.push_back(util::printable(problem));
        }
    }
    for (const std::string& name : found_in(m_path)) {
        if (known.count(name) == 0) {
            problems.push_back(util::printable(name) + ": it is not part of the backup");
        }
    }
    return problems;
}

void BackupReader::read(const FileRecord& record, const BackupKeys* keys,
                        const std::function<void(std::string_view)>& take,
                        const std::stop_token& stop) const {
    if (const std::string problem = problem_of(record, keys, take, stop); !problem.empty()) {
        ErrorFacts facts;
        facts.code = ErrorCode::differs;
        facts.next_step = "restore another backup; backup verify says all that is wrong with this one";
        throw Error(std::move(facts), "the backup " + m_path + " is damaged: " + util::printable(problem));
    }
}

}  // namespace migrate::backup
