#include "io/lock.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <migrate/error.hpp>

#include "io/system_error.hpp"

namespace migrate::io {

namespace {

std::string holder_of(int descriptor) {
    std::array<char, 200> text{};
    const ssize_t got = ::pread(descriptor, text.data(), text.size(), 0);
    return got > 0 ? std::string(text.data(), static_cast<std::size_t>(got)) : "another process";
}

bool is_still_named(int descriptor, const std::string& path) {
    struct stat open_one {};
    struct stat named {};
    return ::fstat(descriptor, &open_one) == 0 && ::lstat(path.c_str(), &named) == 0 &&
           open_one.st_ino == named.st_ino && open_one.st_dev == named.st_dev;
}

bool change_lock(int descriptor, short type) {
    struct flock request {};
    request.l_type = type;
    request.l_whence = SEEK_SET;
    return ::fcntl(descriptor, F_OFD_SETLK, &request) == 0;
}

void take(const File& file, short type, std::chrono::milliseconds patience) {
    constexpr auto k_pause = std::chrono::milliseconds(5);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!change_lock(file.descriptor(), type)) {
        if (errno != EAGAIN && errno != EACCES && errno != EINTR) {
            throw_system_error("lock", file.path(), errno);
        }
        if (std::chrono::steady_clock::now() > deadline) {
            ErrorFacts facts;
            facts.code = ErrorCode::locked;
            facts.next_step = "See which program holds it open, and run again when it is done.";
            throw Error(std::move(facts), "another process is writing to " + file.path());
        }
        std::this_thread::sleep_for(k_pause);
    }
}

}  // namespace

SharedLock::SharedLock(const File& file, std::chrono::milliseconds patience) : m_file(file) {
    take(file, F_RDLCK, patience);
}

SharedLock::~SharedLock() {
    change_lock(m_file.descriptor(), F_UNLCK);
}

WriteLock::WriteLock(const File& file, std::chrono::milliseconds patience) : m_file(file) {
    take(file, F_WRLCK, patience);
}

WriteLock::~WriteLock() {
    change_lock(m_file.descriptor(), F_UNLCK);
}

bool WriteLock::is_named() const {
    return is_still_named(m_file.descriptor(), m_file.path());
}

FileLock::FileLock(const std::string& path, const std::string& holder) : m_path(path) {
    // A holder removes the file before it lets go, so a lock may be won on a file that has no name any more;
    // the next who comes would lock a new one. Hence the look after the lock.
    do {
        if (m_descriptor >= 0) {
            ::close(m_descriptor);
        }
        m_descriptor = open_locked(path);
    } while (!is_still_named(m_descriptor, path));
    if (::ftruncate(m_descriptor, 0) != 0 ||
        ::pwrite(m_descriptor, holder.data(), holder.size(), 0) != static_cast<ssize_t>(holder.size())) {
        const int error = errno;
        ::close(m_descriptor);
        throw_system_error("write", path, error);
    }
}

int FileLock::open_locked(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        throw_system_error("open the lock file", path, errno);
    }
    if (change_lock(descriptor, F_WRLCK)) {
        return descriptor;
    }
    const int error = errno;
    const std::string holder = holder_of(descriptor);
    ::close(descriptor);
    if (error != EAGAIN && error != EACCES) {
        throw_system_error("lock", path, error);
    }
    ErrorFacts facts;
    facts.code = ErrorCode::locked;
    facts.next_step = "Wait until it is done; the lock ends with its process.";
    throw Error(std::move(facts), "the target is locked by " + holder + " (" + path + ")");
}

FileLock::~FileLock() {
    if (m_descriptor >= 0) {
        // Whoever had the file taken away has let another lock a new one, which is not this one's to remove.
        if (is_still_named(m_descriptor, m_path)) {
            ::unlink(m_path.c_str());
        }
        ::close(m_descriptor);
    }
}

}  // namespace migrate::io
