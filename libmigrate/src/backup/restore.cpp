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

/// What is restored, until it has its name; taken away again where it never gets it.
class Staging {
  public:
    explicit Staging(const std::string& path)
        : m_path(io::join(io::parent_of(path),
                          "." + io::name_of(path) + ".migrate-restore-" + util::random_id())) {}
    ~Staging() {
        try {
            io::remove_tree(m_path);
        } catch (...) {
            // It has a name of its own that says what it is.
            m_path.clear();
        }
    }
    Staging(const Staging&) = delete;
    Staging& operator=(const Staging&) = delete;
    [[nodiscard]] const std::string& path() const { return m_path; }

  private:
    std::string m_path;
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

/// Another name for what stands there, then the new one under it, where both cannot be swapped in one step.
void swap_in(const std::string& staged, const std::string& path) {
    if (io::exchange(staged, path)) {
        return;
    }
    const std::string aside = staged + "-replaced";
    io::rename_new(path, aside);
    io::rename_new(staged, path);
    io::rename_new(aside, staged);
}

}  // namespace

void restore_files(const BackupReader& from, const BackupKeys* keys, const std::string& folder,
                   bool as_directory, const std::string& path, bool overwrite, const std::stop_token& stop) {
    std::vector<Placed> files = files_below(from.manifest(), folder);
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
    if (io::name_taken(path) && !overwrite) {
        throw_exists(path);
    }
    require_room(files, parent);
    const Staging staged(path);
    if (as_directory) {
        write_tree(from, keys, files, staged.path(), stop);
    } else {
        write_file(from, keys, files.front(), staged.path(), stop);
    }
    util::pass_kill_point("restore-staged");
    if (io::name_taken(path)) {
        if (!overwrite) {
            throw_exists(path);
        }
        swap_in(staged.path(), path);
    } else {
        io::rename_new(staged.path(), path);
    }
    util::pass_kill_point("restore-renamed");
    io::sync_directory(parent);
}

}  // namespace migrate::backup
