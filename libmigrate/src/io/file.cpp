#include "io/file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <migrate/error.hpp>

#include "io/directory.hpp"
#include "io/fault.hpp"
#include "io/rename.hpp"
#include "io/system_error.hpp"

namespace migrate::io {

namespace {

constexpr mode_t k_private = 0600;

int open_retrying(const char* path, int flags, mode_t mode = 0) {
    int descriptor = -1;
    do {
        descriptor = ::open(path, flags | O_CLOEXEC, mode);
    } while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

std::int64_t nanoseconds(const timespec& time) {
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

File File::open_read(const std::string& path) {
    // O_NONBLOCK: opening a named pipe must not wait for a writer that never comes.
    const int descriptor = open_retrying(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0) {
        throw_system_error("open", path, errno);
    }
    File file(descriptor, path);
    file.require_regular("read");
    return file;
}

void File::require_regular(const std::string& to) const {
    struct stat status {};
    if (::fstat(m_descriptor, &status) != 0) {
        throw_system_error("read the state of", m_path, errno);
    }
    if (S_ISDIR(status.st_mode)) {
        throw_system_error(to, m_path, EISDIR);
    }
    if (!S_ISREG(status.st_mode)) {
        throw Error(ErrorCode::refused, "cannot " + to + " " + m_path + ": it is not a regular file");
    }
}

File File::create_new(const std::string& path) {
    const int descriptor = open_retrying(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, k_private);
    if (descriptor < 0) {
        throw_system_error("create", path, errno);
    }
    return {descriptor, path};
}

File File::reopen_at(const std::string& path, std::uint64_t offset) {
    File file = open_inside(path, offset);
    file.truncate(offset);
    return file;
}

File File::open_inside(const std::string& path, std::uint64_t offset) {
    const int descriptor = open_retrying(path.c_str(), O_WRONLY | O_NOFOLLOW);
    if (descriptor < 0) {
        throw_system_error("open", path, errno);
    }
    File file(descriptor, path);
    if (::lseek(descriptor, static_cast<off_t>(offset), SEEK_SET) < 0) {
        throw_system_error("seek in", path, errno);
    }
    return file;
}

File File::open_append(const std::string& path, bool& made) {
    constexpr int k_flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    made = false;
    int descriptor = open_retrying(path.c_str(), k_flags);
    if (descriptor < 0 && errno == ENOENT) {
        descriptor = open_retrying(path.c_str(), k_flags | O_CREAT | O_EXCL, k_private);
        made = descriptor >= 0;
        if (descriptor < 0 && errno == EEXIST) {  // another has just made it
            descriptor = open_retrying(path.c_str(), k_flags);
        }
    }
    if (descriptor < 0) {
        throw_system_error("open", path, errno);
    }
    File file(descriptor, path);
    file.require_regular("write");
    return file;
}

File File::temporary(const std::string& directory) {
    std::string path = directory + "/migrate-XXXXXX";
    const int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
    if (descriptor < 0) {
        throw_system_error("create a temporary file in", directory, errno);
    }
    ::unlink(path.c_str());
    return {descriptor, path};
}

File::File(File&& other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1)), m_path(std::move(other.m_path)) {}

File& File::operator=(File&& other) noexcept {
    std::swap(m_descriptor, other.m_descriptor);
    std::swap(m_path, other.m_path);
    return *this;
}

File::~File() {
    if (m_descriptor >= 0) {
        ::close(m_descriptor);
    }
}

std::size_t File::read(char* into, std::size_t capacity) {
    ssize_t got = 0;
    do {
        got = ::read(m_descriptor, into, capacity);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        throw_system_error("read", m_path, errno);
    }
    return static_cast<std::size_t>(got);
}

std::size_t File::read_at(std::uint64_t offset, char* into, std::size_t capacity) const {
    ssize_t got = 0;
    do {
        got = ::pread(m_descriptor, into, capacity, static_cast<off_t>(offset));
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        throw_system_error("read", m_path, errno);
    }
    return static_cast<std::size_t>(got);
}

void File::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const Fault fault = take_fault(FaultPoint::write);
        if (fault.error != 0) {
            throw_system_error("write", m_path, fault.error);
        }
        const std::size_t size =
            fault.short_write ? std::max<std::size_t>(bytes.size() / 2, 1) : bytes.size();
        const ssize_t put = ::write(m_descriptor, bytes.data(), size);
        if (put < 0) {
            if (errno == EINTR) {
                continue;
            }
            throw_system_error("write", m_path, errno);
        }
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
}

void File::start_writeback(std::uint64_t offset, std::uint64_t size) noexcept {
#ifdef SYNC_FILE_RANGE_WRITE
    // An error that this meets is kept for sync().
    static_cast<void>(::sync_file_range(m_descriptor, static_cast<off_t>(offset), static_cast<off_t>(size),
                                        SYNC_FILE_RANGE_WRITE));
#else
    static_cast<void>(offset);
    static_cast<void>(size);
#endif
}

void File::sync() {
    const Fault fault = take_fault(FaultPoint::sync);
    if (fault.error != 0) {
        throw_system_error("make durable", m_path, fault.error);
    }
    if (::fsync(m_descriptor) != 0) {
        throw_system_error("make durable", m_path, errno);
    }
}

void File::forget_cached() noexcept {
    static_cast<void>(::posix_fadvise(m_descriptor, 0, 0, POSIX_FADV_DONTNEED));
}

void File::truncate(std::uint64_t size) {
    if (::ftruncate(m_descriptor, static_cast<off_t>(size)) != 0) {
        throw_system_error("truncate", m_path, errno);
    }
}

FileStamp File::stamp() const {
    struct stat status {};
    if (::fstat(m_descriptor, &status) != 0) {
        throw_system_error("read the state of", m_path, errno);
    }
    return {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino),
            static_cast<std::uint64_t>(status.st_size), nanoseconds(status.st_mtim),
            nanoseconds(status.st_ctim)};
}

bool File::readable_by_others() const {
    struct stat status {};
    if (::fstat(m_descriptor, &status) != 0) {
        throw_system_error("read the state of", m_path, errno);
    }
    return (status.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

void File::close() {
    const int descriptor = std::exchange(m_descriptor, -1);
    if (descriptor >= 0 && ::close(descriptor) != 0 && errno != EINTR) {
        throw_system_error("close", m_path, errno);
    }
}

std::string read_whole(const std::string& path, std::size_t limit) {
    File file = File::open_read(path);
    std::string content;
    constexpr std::size_t k_block = 1U << 16U;
    for (;;) {
        const std::size_t before = content.size();
        content.resize(before + k_block);
        const std::size_t got = file.read(content.data() + before, k_block);
        content.resize(before + got);
        if (got == 0) {
            return content;
        }
        if (content.size() > limit) {
            throw Error(ErrorCode::resource,
                        path + " is larger than the " + std::to_string(limit) + " bytes it may have here");
        }
    }
}

void write_durable(const std::string& path, std::string_view content) {
    const std::string temporary = path + ".migrate-new";
    remove_file(temporary);
    {
        File file = File::create_new(temporary);
        file.write(content);
        file.sync();
        file.close();
    }
    rename_replacing(temporary, path);
    sync_directory(parent_of(path));
}

}  // namespace migrate::io
