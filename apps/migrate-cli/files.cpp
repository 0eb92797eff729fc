#include "files.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <boost/filesystem.hpp>
#include <fmt/format.h>

#include <migrate/error.hpp>

#include "printable.hpp"
#include "usage_error.hpp"

namespace migrate::cli {

namespace {

namespace fs = boost::filesystem;

[[noreturn]] void file_error(const std::string& action, const std::string& what, const std::string& path,
                             int error) {
    ErrorFacts facts;
    facts.native_code = error;
    facts.code = error == ENOENT || error == ENOTDIR                   ? ErrorCode::not_found
                 : error == EACCES || error == EPERM || error == EROFS ? ErrorCode::permission
                 : error == ENOSPC || error == EDQUOT                  ? ErrorCode::resource
                                                                       : ErrorCode::io;
    facts.next_step = facts.code == ErrorCode::not_found    ? "name one that is there"
                      : facts.code == ErrorCode::permission ? "name a place that this user may use"
                      : facts.code == ErrorCode::resource   ? "make room there, or name another place"
                                                            : "";
    throw Error(facts,
                fmt::format("cannot {} the {} {}: {}", action, what, printable(path), std::strerror(error)));
}

/// Closes on the way out.
class Descriptor {
  public:
    explicit Descriptor(int fd) : m_fd(fd) {}
    ~Descriptor() {
        if (m_fd >= 0) {
            ::close(m_fd);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const noexcept { return m_fd; }

  private:
    int m_fd;
};

std::string home_directory() {
    const char* home = std::getenv("HOME");
    return home == nullptr ? std::string() : home;
}

std::string xdg_directory(const char* variable, const char* below_home) {
    const char* set = std::getenv(variable);
    if (set != nullptr && *set == '/') {  // the specification has relative ones ignored
        return std::string(set) + "/migrate";
    }
    const std::string home = home_directory();
    return home.empty() ? std::string() : home + below_home + "/migrate";
}

bool write_all(int fd, const std::string& text) {
    std::size_t written = 0;
    while (written < text.size()) {
        const ssize_t count = ::write(fd, text.data() + written, text.size() - written);
        if (count < 0 && errno != EINTR) {
            return false;
        }
        written += count < 0 ? 0 : static_cast<std::size_t>(count);
    }
    return true;
}

}  // namespace

std::string read_file(const std::string& path, const std::string& what) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
        file_error("read", what, path, errno);
    }
    if (!S_ISREG(status.st_mode)) {
        ErrorFacts facts;
        facts.code = ErrorCode::usage;
        throw Error(facts, fmt::format("the {} {} is not a file", what, printable(path)));
    }
    std::string text;
    std::vector<char> buffer(1 << 16);
    for (;;) {
        const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            file_error("read", what, path, errno);
        }
        if (count == 0) {
            return text;
        }
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

void write_file(const std::string& path, const std::string& text, const std::string& what) {
    // A symbolic link stays one: what it points to is replaced.
    boost::system::error_code ignored;
    const fs::path real = fs::canonical(path, ignored);
    const std::string target = ignored ? path : real.string();
    const std::string temporary = fmt::format("{}.{}.tmp", target, ::getpid());
    const Descriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (file.get() < 0) {
        file_error("write", what, path, errno);
    }
    struct stat before {};
    const bool keep_mode = ::stat(target.c_str(), &before) == 0;
    if (!write_all(file.get(), text) || (keep_mode && ::fchmod(file.get(), before.st_mode & 07777) != 0) ||
        ::fsync(file.get()) != 0 || ::rename(temporary.c_str(), target.c_str()) != 0) {
        const int error = errno;
        ::unlink(temporary.c_str());
        file_error("write", what, path, error);
    }
}

NewFile::NewFile(std::string path, std::string what, bool replace)
    : m_path(std::move(path)),
      m_temporary(fmt::format("{}.{}.tmp", m_path, ::getpid())),
      m_what(std::move(what)),
      m_replace(replace) {
    struct stat status {};
    if (::lstat(m_path.c_str(), &status) == 0 && (!m_replace || !S_ISREG(status.st_mode))) {
        fail_taken();
    }
    m_descriptor = ::open(m_temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (m_descriptor < 0) {
        file_error("write", m_what, m_path, errno);
    }
}

NewFile::~NewFile() {
    ::close(m_descriptor);
    if (!m_finished) {
        ::unlink(m_temporary.c_str());
    }
}

void NewFile::fail_taken() const {
    usage_error(fmt::format("{} exists already", printable(m_path)),
                m_replace ? "name a file, or one that does not exist" : "name a file that does not exist");
}

void NewFile::write(const std::string& text) {
    if (!write_all(m_descriptor, text)) {
        file_error("write", m_what, m_path, errno);
    }
}

void NewFile::finish() {
    if (::fsync(m_descriptor) != 0) {
        file_error("write", m_what, m_path, errno);
    }
    // A link, unlike a rename, takes no other file's name.
    const bool named = m_replace ? ::rename(m_temporary.c_str(), m_path.c_str()) == 0
                                 : ::link(m_temporary.c_str(), m_path.c_str()) == 0;
    if (!named && errno == EEXIST) {
        fail_taken();
    }
    if (!named) {
        file_error("write", m_what, m_path, errno);
    }
    m_finished = true;
    if (!m_replace) {
        ::unlink(m_temporary.c_str());
    }
    const std::string folder = fs::path(m_path).parent_path().string();
    const Descriptor directory(
        ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() < 0 || ::fsync(directory.get()) != 0) {
        file_error("write", m_what, m_path, errno);
    }
}

bool file_exists(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0;
}

bool readable_by_others(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

std::string state_directory() {
    return xdg_directory("XDG_STATE_HOME", "/.local/state");
}

std::string configuration_directory() {
    return xdg_directory("XDG_CONFIG_HOME", "/.config");
}

std::string expand_home(const std::string& path) {
    return path.starts_with("~/") ? home_directory() + path.substr(1) : path;
}

}  // namespace migrate::cli
