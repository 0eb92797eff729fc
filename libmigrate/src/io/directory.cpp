#include "io/directory.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <boost/filesystem.hpp>

#include <migrate/error.hpp>

#include "io/fault.hpp"
#include "io/system_error.hpp"

namespace migrate::io {

namespace fs = boost::filesystem;

namespace {

constexpr mode_t k_private_directory = 0700;

[[noreturn]] void rethrow(const std::string& what, const std::string& path,
                          const boost::system::error_code& error) {
    throw_system_error(what, path, error.value());
}

struct stat status_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        throw_system_error("read the state of", path, errno);
    }
    return status;
}

/// Goes through a directory and those below it.
class Walk {
  public:
    explicit Walk(std::vector<PassedOver>* passed_over) : m_passed_over(passed_over) {}

    void enter(const std::string& path) {
        for (const std::string& name : list_directory(path)) {
            const std::string full = join(path, name);
            m_parts.push_back(name);
            if (name.front() == '.') {
                pass_over(PassedOver::Why::hidden, full);
            } else {
                look_at(full);
            }
            m_parts.pop_back();
        }
    }
    std::vector<FoundFile> take() { return std::move(m_found); }

  private:
    void look_at(const std::string& full) {
        switch (kind_of(full)) {
            case PathKind::file:
                m_found.push_back({full, m_parts});
                break;
            case PathKind::directory:
                if (is_symbolic_link(full)) {
                    pass_over(PassedOver::Why::linked_directory, full);
                } else {
                    enter(full);
                }
                break;
            case PathKind::absent:
                pass_over(PassedOver::Why::dangling_link, full);
                break;
            case PathKind::other:
                pass_over(PassedOver::Why::no_file, full);
                break;
        }
    }
    void pass_over(PassedOver::Why why, const std::string& full) {
        if (m_passed_over != nullptr) {
            m_passed_over->push_back({why, full, m_parts});
        }
    }

    std::vector<PassedOver>* m_passed_over;
    std::vector<std::string> m_parts;
    std::vector<FoundFile> m_found;
};

}  // namespace

PathKind kind_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return PathKind::absent;
        }
        throw_system_error("read the state of", path, errno);
    }
    if (S_ISREG(status.st_mode)) {
        return PathKind::file;
    }
    return S_ISDIR(status.st_mode) ? PathKind::directory : PathKind::other;
}

bool name_taken(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0;
}

bool is_symbolic_link(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode);
}

bool is_private_directory(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == ::geteuid() &&
           (status.st_mode & 07777U) == 0700U;
}

std::string trim_slashes(const std::string& path) {
    const std::size_t last = path.find_last_not_of('/');
    return last == std::string::npos ? path.substr(0, 1) : path.substr(0, last + 1);
}

std::string parent_of(const std::string& path) {
    const std::string parent = fs::path(trim_slashes(path)).parent_path().string();
    return parent.empty() ? "." : parent;
}

std::string name_of(const std::string& path) {
    std::string name = fs::path(trim_slashes(path)).filename().string();
    if (name != "." && name != ".." && name != "/" && !name.empty()) {
        return name;
    }
    boost::system::error_code error;
    const fs::path real = fs::canonical(path, error);
    return error || real.filename() == "/" ? "root" : real.filename().string();
}

std::string join(const std::string& directory, const std::string& name) {
    return (fs::path(directory) / name).string();
}

std::vector<FoundFile> walk_directory(const std::string& path, std::vector<PassedOver>* passed_over) {
    Walk walk(passed_over);
    walk.enter(path);
    return walk.take();
}

std::vector<std::string> list_directory(const std::string& path) {
    boost::system::error_code error;
    std::vector<std::string> names;
    fs::directory_iterator entry(path, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
        names.push_back(entry->path().filename().string());
    }
    if (error) {
        rethrow("list", path, error);
    }
    std::sort(names.begin(), names.end());
    return names;
}

void make_directory(const std::string& path) {
    if (::mkdir(path.c_str(), k_private_directory) != 0) {
        throw_system_error("create the directory", path, errno);
    }
}

void make_directories(const std::string& path) {
    if (kind_of(path) == PathKind::directory) {
        return;
    }
    if (const std::string parent = parent_of(path); parent != path) {
        make_directories(parent);
    }
    try {
        make_directory(path);
    } catch (const Error& error) {
        // Another command was faster.
        if (error.code() != ErrorCode::exists || kind_of(path) != PathKind::directory) {
            throw;
        }
    }
}

void sync_directory(const std::string& path) {
    const Fault fault = take_fault(FaultPoint::sync);
    const int descriptor = fault.error == 0 ? ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (descriptor < 0) {
        throw_system_error("make durable", path, fault.error != 0 ? fault.error : errno);
    }
    const int error = ::fsync(descriptor) == 0 ? 0 : errno;
    ::close(descriptor);
    // Some file systems cannot sync a directory and say so; there is nothing more to be had from them.
    if (error != 0 && error != EINVAL) {
        throw_system_error("make durable", path, error);
    }
}

void remove_file(const std::string& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
        throw_system_error("remove", path, errno);
    }
}

std::uint64_t remove_tree(const std::string& path) {
    std::uint64_t bytes = 0;
    boost::system::error_code error;
    for (fs::recursive_directory_iterator entry(path, error), end; !error && entry != end;
         entry.increment(error)) {
        if (fs::is_regular_file(fs::symlink_status(entry->path()))) {
            bytes += fs::file_size(entry->path(), error);
        }
    }
    fs::remove_all(path, error);
    if (error && error.value() != ENOENT) {
        rethrow("remove", path, error);
    }
    return bytes;
}

void link_or_copy(const std::string& from, const std::string& to) {
    if (::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), 0) == 0) {
        return;
    }
    if (errno == EEXIST) {
        throw_system_error("create", to, EEXIST);
    }
    copy_file(from, to);
}

void copy_file(const std::string& from, const std::string& to) {
    File source = File::open_read(from);
    File target = File::create_new(to);
    std::vector<char> block(std::size_t{1} << 18U);
    while (const std::size_t got = source.read(block.data(), block.size())) {
        target.write({block.data(), got});
    }
    target.sync();
    target.close();
}

void copy_into(const std::string& from, const std::string& directory, const std::string& relative) {
    std::string at = directory;
    const fs::path path(relative);
    for (const fs::path& part : path.parent_path()) {
        at = join(at, part.string());
        if (kind_of(at) == PathKind::absent) {
            make_directory(at);
            sync_directory(parent_of(at));
        }
    }
    copy_file(from, join(at, path.filename().string()));
    sync_directory(at);
}

void take_access(const std::string& from, const std::string& to) {
    const struct stat wanted = status_of(from);
    const struct stat made = status_of(to);
    mode_t mode = wanted.st_mode & 07777U;
    if (made.st_gid != wanted.st_gid && ::chown(to.c_str(), static_cast<uid_t>(-1), wanted.st_gid) != 0) {
        mode &= ~static_cast<mode_t>(S_IRWXG | S_ISGID);
    }
    if (::chmod(to.c_str(), mode) != 0) {
        throw_system_error("set who may read", to, errno);
    }
}

FileStamp stamp_of(const std::string& path) {
    const struct stat status = status_of(path);
    const auto nanoseconds = [](const timespec& time) {
        return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
    };
    return {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino),
            static_cast<std::uint64_t>(status.st_size), nanoseconds(status.st_mtim),
            nanoseconds(status.st_ctim)};
}

bool is_writable_directory(const std::string& path) {
    return ::access(path.c_str(), W_OK | X_OK) == 0;
}

std::uint64_t free_space(const std::string& path) {
    struct statvfs status {};
    if (::statvfs(path.c_str(), &status) != 0) {
        throw_system_error("read the free space of", path, errno);
    }
    return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

}  // namespace migrate::io
