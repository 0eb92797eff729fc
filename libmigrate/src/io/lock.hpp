#pragma once

#include <chrono>
#include <string>

#include "io/file.hpp"

namespace migrate::io {

/// The exclusive right to write a target that is a file or directory, held through an open-file-description
/// lock on a file beside it: it ends with the process, works between threads, and is not lost when another
/// part of the process opens and closes the same file. The file holds the owner's words for whoever finds it
/// locked.
class FileLock {
  public:
    /// Takes the lock on `path` (made if need be). Throws: Error{locked} naming the holder; Error{permission,
    /// io}.
    FileLock(const std::string& path, const std::string& holder);
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    /// Removes the file, where it is this one still, then lets go.
    ~FileLock();

  private:
    static int open_locked(const std::string& path);

    int m_descriptor = -1;
    std::string m_path;
};

/// The right to go on beside others that have it too; nobody has a WriteLock on the file meanwhile.
class SharedLock {
  public:
    /// As WriteLock; the file is open for reading.
    SharedLock(const File& file, std::chrono::milliseconds patience);
    SharedLock(const SharedLock&) = delete;
    SharedLock& operator=(const SharedLock&) = delete;
    ~SharedLock();

  private:
    const File& m_file;
};

/// The exclusive right to write a file that stays, for as long as a write takes; an open-file-description
/// lock on the file itself.
class WriteLock {
  public:
    /// Waits for others as long as `patience`. The file, which is open for writing, outlives it. Throws:
    /// Error{locked, io}.
    WriteLock(const File& file, std::chrono::milliseconds patience);
    WriteLock(const WriteLock&) = delete;
    WriteLock& operator=(const WriteLock&) = delete;
    ~WriteLock();
    /// The file still has the name that it was opened by.
    [[nodiscard]] bool is_named() const;

  private:
    const File& m_file;
};

}  // namespace migrate::io
