#include "backup/restore.hpp"

#include <vector>

#include <migrate/error.hpp>

#include "io/directory.hpp"
#include "io/file.hpp"
#include "io/lock.hpp"
#include "io/rename.hpp"
#include "util/human.hpp"
#include "util/kill_point.hpp"
#include "util/random_id.hpp"

namespace migrate::backup {
namespace {

struct Placed {
    const FileRecord* record;
    std::string relative;
};

std::vector<Placed> files_below(const Manifest& manifest, const std::string& folder) {
    std::vector<Placed> files;
    const std::string prefix = folder.empty() ? "" : folder + "/";
    for (const FileRecord& record : manifest.files) {
        const std::string name = decode_name(record.name);
        if (name.starts_with(prefix)) {
            files.push_back({&record, name.substr(prefix.size())});
        }
    }
    return files;
}

[[noreturn]] void throw_exists(const std::string& path) {
    ErrorFacts facts;
    facts.code = ErrorCode::exists;
    facts.next_step = "restore to another place, or let --overwrite replace it";
    throw Error(std::move(facts), path + " exists already; nothing was restored");
}

void require_room(const std::vector<Placed>& files, const std::string& directory) {
    std::uint64_t needed = 1ULL << 20U;
    for (const Placed& file : files) {
        needed += file.record->plain_bytes;
    }
    if (const std::uint64_t free = io::free_space(directory); needed > free) {
        ErrorFacts facts;
        facts.code = ErrorCode::refused;
        facts.next_step = "make room there, or restore to another place";
        throw Error(std::move(facts), "the backup's content needs " + util::human_bytes(needed) + " in " +
                                          directory + ", where " + util::human_bytes(free) + " are free");
    }
}

/// What is restored, until it has its name, and then what had that before; taken away in the end. No two have
/// one name: what a killed program left may be what stood at the place.
class Staging {
  public:
    explicit Staging(const std::string& path)
        : m_path(io::join(io::parent_of(path),
                          "." + io::name_of(path) + ".migrate-restore-" + util::random_id())) {}
    ~Staging() {
        try {
            if (!m_stays) {
                io::remove_tree(m_path);
            }
        } catch (...) {
            // It has a name of its own that says what it is.
            m_path.clear();
        }
    }
    Staging(const Staging&) = delete;
    Staging& operator=(const Staging&) = delete;
    [[nodiscard]] const std::string& path() const { return m_path; }

    /// What stood at the place, a directory that may have held more than the backup knows of, stays beside
    /// it. Returns where.
    std::string keep(const std::string& path) {
        m_stays = true;
        try {
            std::string kept = path + ".replaced-" + util::random_id();
            io::rename_new(m_path, kept);
            return kept;
        } catch (const Error&) {
            // The new one is in place, and the old one is safe where it is.
            return m_path;
        }
    }

  private:
    std::string m_path;
    bool m_stays = false;
};

void write_file(const BackupReader& from, const BackupKeys* keys, const Placed& file, const std::string& path,
                const std::stop_token& stop) {
    io::File out = io::File::create_new(path);
    from.read(
        *file.record, keys, [&](std::string_view bytes) { out.write(bytes); }, stop);
    out.sync();
    out.close();
}

void write_tree(const BackupReader& from, const BackupKeys* keys, const std::vector<Placed>& files,
                const std::string& root, const std::stop_token& stop) {
    io::make_directory(root);
    for (const Placed& file : files) {
        const std::string path = io::join(root, file.relative);
        io::make_directories(io::parent_of(path));
        write_file(from, keys, file, path, stop);
    }
    for (const Placed& file : files) {
        for (std::string at = io::parent_of(file.relative); at != "."; at = io::parent_of(at)) {
            io::sync_directory(io::join(root, at));
        }
    }
    io::sync_directory(root);
}

/// One file over another; of directories one after the other where they cannot be swapped in one step.
void swap_in(const std::string& staged, const std::string& path, bool is_directory) {
    if (io::exchange(staged, path)) {
        return;
    }
    if (!is_directory) {
        io::rename_replacing(staged, path);
        return;
    }
    const std::string aside = staged + "-replaced";
    io::rename_new(path, aside);
    try {
        io::rename_new(staged, path);
    } catch (...) {
        io::rename_new(aside, path);
        throw;
    }
    io::rename_new(aside, staged);
}

[[noreturn]] void throw_other_kind(const std::string& path, bool as_directory) {
    ErrorFacts facts;
    facts.code = ErrorCode::exists;
    facts.next_step = "restore to another place";
    throw Error(std::move(facts), path +
                                      (as_directory ? " is no directory, and the backup is of one"
                                                    : " is a directory, and the backup is of a file") +
                                      "; nothing was restored");
}

/// Nothing is at the place, or what may give way.
void require_free(const RestorePlace& place) {
    if (place.check) {
        place.check();
    }
    if (!io::name_taken(place.path)) {
        return;
    }
    if (!place.overwrite) {
        throw_exists(place.path);
    }
    if ((io::kind_of(place.path) == io::PathKind::directory) != place.as_directory) {
        throw_other_kind(place.path, place.as_directory);
    }
}

}  // namespace

std::string restore_files(const BackupReader& from, const BackupKeys* keys, const RestorePlace& place,
                          const std::stop_token& stop) {
    const std::string& path = place.path;
    const bool as_directory = place.as_directory;
    std::vector<Placed> files = files_below(from.manifest(), place.folder);
    if (!as_directory) {
        // Beside the one file a backup may hold the same as JSON, in a folder of its own.
        std::erase_if(files, [](const Placed& file) { return file.relative.find('/') != std::string::npos; });
    }
    if (files.empty() || (!as_directory && files.size() != 1)) {
        throw Error(ErrorCode::differs,
                    "the backup " + from.path() + " does not hold what its manifest says");
    }
    const std::string parent = io::parent_of(path);
    const io::FileLock lock(path + ".migrate-lock", "the restoring of a backup");
    require_free(place);
    require_room(files, parent);
    Staging staged(path);
    if (as_directory) {
        write_tree(from, keys, files, staged.path(), stop);
    } else {
        write_file(from, keys, files.front(), staged.path(), stop);
    }
    util::pass_kill_point("restore-staged");
    // It took its time, in which others may have come.
    require_free(place);
    std::string kept;
    if (io::name_taken(path)) {
        swap_in(staged.path(), path, as_directory);
        if (as_directory) {
            kept = staged.keep(path);
        }
    } else {
        io::rename_new(staged.path(), path);
    }
    util::pass_kill_point("restore-renamed");
    io::sync_directory(parent);
    return kept;
}

}  // namespace migrate::backup
