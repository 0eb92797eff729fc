#include "backup/backup_catalog.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include <migrate/error.hpp>

#include "backup/backup_reader.hpp"
#include "backup/backup_writer.hpp"
#include "io/directory.hpp"
#include "io/lock.hpp"
#include "io/rename.hpp"

namespace migrate::backup {
namespace {

/// A backup on its way out has such a name first: a program that is killed meanwhile leaves none that lacks
/// files.
constexpr const char* k_removed_infix = "removed-";
constexpr std::size_t k_time_digits = 16;  ///< "20260102T030405Z".

bool is_partial(const std::string& name) {
    return name.starts_with(k_partial_prefix);
}

BackupInfo look_at(const std::string& directory, const std::string& name) {
    const std::string path = io::join(directory, name);
    try {
        return info_of(path, BackupReader(path).manifest());
    } catch (const Error& error) {
        BackupInfo info;
        info.id = name;
        info.path = path;
        info.state = BackupState::damaged;
        info.problem = error.code() == ErrorCode::not_found ? "its manifest is missing" : error.what();
        return info;
    }
}

BackupInfo unfinished(const std::string& directory, const std::string& name) {
    BackupInfo info;
    info.id = name;
    info.path = io::join(directory, name);
    info.state = BackupState::unfinished;
    info.problem =
        "it was not finished, and is no backup; the next backup that is made there removes it, "
        "unless it is still being made";
    return info;
}

/// "20260102T030405Z-…-source" and the like: what is named otherwise is nobody's business here.
bool is_backup_name(const std::string& name) {
    return name.size() > k_time_digits && name[8] == 'T' && name[k_time_digits - 1] == 'Z' &&
           name[k_time_digits] == '-' && name.front() >= '0' && name.front() <= '9';
}

/// A name begins with its second; of one second the manifests know more.
auto time_of(const BackupInfo& one) {
    return std::tuple(one.id.substr(0, k_time_digits), one.created_at, one.id);
}

/// One that cannot be read has no number, and stands by its time: after the newest that is not later.
std::uint64_t place_of(const BackupInfo& one, const std::vector<BackupInfo>& all) {
    std::uint64_t number = one.number;
    for (const BackupInfo& other : all) {
        if (one.state != BackupState::whole && time_of(other) < time_of(one)) {
            number = std::max(number, other.number);
        }
    }
    return number;
}

/// The newest first.
void sort_by_age(std::vector<BackupInfo>& all) {
    std::map<std::string, std::uint64_t> place;
    for (const BackupInfo& one : all) {
        place[one.id] = place_of(one, all);
    }
    std::sort(all.begin(), all.end(), [&](const BackupInfo& a, const BackupInfo& b) {
        return std::tuple(place[a.id], time_of(a)) > std::tuple(place[b.id], time_of(b));
    });
}

void remove_partial(const std::string& directory, const std::string& name) {
    const std::string path = io::join(directory, name);
    try {
        const io::FileLock lock(path + ".lock", "the removal of a partial backup");
        io::remove_tree(path);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::locked) {
            throw;
        }
        // Somebody is making it.
    }
}

void remove_whole(const std::string& directory, const std::string& id) {
    const std::string aside = io::join(directory, std::string(k_partial_prefix) + k_removed_infix + id);
    io::rename_new(io::join(directory, id), aside);
    io::sync_directory(directory);
    io::remove_tree(aside);
}

void clear_partial(const std::string& directory, std::vector<std::string>& problems) {
    for (const std::string& name : io::list_directory(directory)) {
        if (!is_partial(name)) {
            continue;
        }
        try {
            if (io::kind_of(io::join(directory, name)) == io::PathKind::directory) {
                remove_partial(directory, name);
            } else if (name.ends_with(".lock")) {
                // Of a program that was killed, or just ending; taking it removes it.
                const io::FileLock lock(io::join(directory, name), "the removal of a partial backup");
            }
        } catch (const Error& error) {
            if (error.code() != ErrorCode::locked) {
                problems.emplace_back(error.what());
            }
        }
    }
}

bool same_series(const BackupInfo& a, const BackupInfo& b) {
    return a.state == BackupState::whole && a.engine == b.engine && a.endpoint == b.endpoint &&
           a.kind == b.kind;
}

void remove_beyond(const std::string& directory, const BackupInfo& newest, std::uint64_t keep,
                   const std::function<bool(const std::string& migration)>& is_needed, Removal& removal) {
    std::uint64_t kept = 0;
    for (const BackupInfo& one : list(directory)) {
        if (!same_series(one, newest)) {
            continue;
        }
        const bool needed =
            one.id == newest.id || (is_needed && !one.migration.empty() && is_needed(one.migration));
        if (++kept <= keep || needed) {
            continue;
        }
        try {
            remove_whole(directory, one.id);
            removal.removed.push_back(one.id);
        } catch (const Error& error) {
            removal.problems.emplace_back(error.what());
        }
    }
}

}  // namespace

BackupInfo info_of(const std::string& path, const Manifest& manifest) {
    BackupInfo info;
    info.path = io::trim_slashes(path);
    info.id = io::name_of(info.path);
    info.kind = manifest.kind;
    info.migration = manifest.migration;
    info.created_at = manifest.created_at;
    info.number = manifest.number;
    info.engine = manifest.engine;
    info.endpoint = manifest.endpoint;
    info.form = manifest.form;
    info.encrypted = manifest.key.has_value();
    info.files = manifest.files.size();
    for (const FileRecord& record : manifest.files) {
        info.bytes += record.plain_bytes;
        info.stored_bytes += record.stored_bytes;
    }
    for (const LeftOut& what : manifest.left_out) {
        info.left_out.push_back({Severity::left_out, what.code, what.object, what.message, "", 0});
    }
    return info;
}

std::vector<BackupInfo> list(const std::string& directory) {
    std::vector<BackupInfo> all;
    if (io::kind_of(directory) == io::PathKind::absent) {
        return all;
    }
    for (const std::string& name : io::list_directory(directory)) {
        if (io::kind_of(io::join(directory, name)) != io::PathKind::directory) {
            continue;
        }
        if (is_partial(name)) {
            all.push_back(unfinished(directory, name));
        } else if (is_backup_name(name)) {
            all.push_back(look_at(directory, name));
        }
    }
    sort_by_age(all);
    return all;
}

std::uint64_t next_number(const std::string& directory) {
    std::uint64_t last = 0;
    for (const BackupInfo& one : list(directory)) {
        last = std::max(last, one.number);
    }
    return last + 1;
}

std::string find(const std::string& directory, const std::string& backup) {
    if (backup.find('/') != std::string::npos || io::kind_of(backup) == io::PathKind::directory) {
        return io::trim_slashes(backup);
    }
    std::vector<std::string> found;
    for (const BackupInfo& one : list(directory)) {
        if (one.id == backup) {
            return one.path;
        }
        // Its name says whose it is even where its manifest does not any more.
        const bool is_named =
            is_backup_name(one.id) && std::string_view(one.id).substr(k_time_digits + 1).starts_with(backup);
        if (!backup.empty() && (one.id.starts_with(backup) || is_named)) {
            found.push_back(one.id);
        }
    }
    ErrorFacts facts;
    facts.code = found.empty() ? ErrorCode::not_found : ErrorCode::usage;
    facts.next_step = found.empty()
                          ? "backup list shows those that are there; --backup-dir names another place"
                          : "give more of its name";
    if (found.size() != 1) {
        throw Error(std::move(facts), found.empty()
                                          ? "there is no backup " + backup + " in " + directory
                                          : "several backups begin so: " + found[0] + ", " + found[1]);
    }
    return io::join(directory, found.front());
}

std::vector<std::string> clear_unfinished(const std::string& directory) noexcept {
    std::vector<std::string> problems;
    try {
        if (io::kind_of(directory) == io::PathKind::directory) {
            clear_partial(directory, problems);
        }
    } catch (const std::exception& error) {
        problems.emplace_back(error.what());
    }
    return problems;
}

Removal remove_old(const std::string& directory, const BackupInfo& newest, std::uint64_t keep,
                   const std::function<bool(const std::string& migration)>& is_needed) noexcept {
    Removal removal;
    try {
        if (keep > 0) {
            remove_beyond(directory, newest, keep, is_needed, removal);
        }
    } catch (const std::exception& error) {
        removal.problems.emplace_back(error.what());
    }
    return removal;
}

}  // namespace migrate::backup
