#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace migrate::io {

/// What tells one state of a file from another without reading it.
struct FileStamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;        ///< Bytes.
    std::int64_t modified_ns = 0;  ///< Nanoseconds since 1970.
    std::int64_t changed_ns = 0;   ///< The inode's own time, which cannot be set back.
    bool operator==(const FileStamp&) const = default;
};

/// An open file, closed by its destructor. Not thread-safe, but for read_at. Every failure throws
/// migrate::Error with the path, the system's reason and, where there is one, the way on.
class File {
  public:
    /// For reading. A symbolic link is followed: the user named it. Throws: Error{not_found, permission,
    /// refused} (a directory, a device).
    static File open_read(const std::string& path);

    /// A new file, mode 0600, that must not exist and is not reached through a symbolic link.
    /// Throws: Error{exists, permission, io, resource}.
    static File create_new(const std::string& path);

    /// An existing file of this program's own, to go on writing at `offset`; what stands behind is cut off.
    /// A symbolic link is refused.
    static File reopen_at(const std::string& path, std::uint64_t offset);

    /// The same, with what stands behind kept but for what is written over.
    static File open_inside(const std::string& path, std::uint64_t offset);

    /// To be read and written on at its end, whoever else writes there; made with mode 0600 where it is not
    /// there (`made` says so). A symbolic link is refused, and what is no regular file.
    static File open_append(const std::string& path, bool& made);

    /// A file without a name in a directory for temporary files; gone when it is closed.
    static File temporary(const std::string& directory = "/tmp");

    File(File&& other) noexcept;
    File& operator=(File&& other) noexcept;
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File();

    /// At most `capacity` bytes; 0 only at the end.
    std::size_t read(char* into, std::size_t capacity);
    /// The same from an offset, without moving; may be called from several threads.
    std::size_t read_at(std::uint64_t offset, char* into, std::size_t capacity) const;
    /// All of it, or an error.
    void write(std::string_view bytes);
    /// Has the disk begin with bytes that were written, so that sync() has less to wait for. Promises
    /// nothing, and cannot fail.
    void start_writeback(std::uint64_t offset, std::uint64_t size) noexcept;
    /// Until this returns, nothing written is safe. A failure is final: the kernel may have dropped the
    /// pages, so the file must not be synced again and trusted.
    void sync();
    void truncate(std::uint64_t size);

    /// Drops what memory holds of the file, as far as it is durable, so that reading takes it from the disk
    /// again. Promises nothing.
    void forget_cached() noexcept;

    FileStamp stamp() const;
    /// Its group, or everybody.
    bool readable_by_others() const;
    /// The error of the close; the destructor's close cannot tell it.
    void close();

    const std::string& path() const { return m_path; }
    int descriptor() const { return m_descriptor; }

  private:
    /// `to` completes "cannot ".
    void require_regular(const std::string& to) const;

    File(int descriptor, std::string path) : m_descriptor(descriptor), m_path(std::move(path)) {}

    int m_descriptor = -1;
    std::string m_path;
};

/// The whole of a small file. Throws: as open_read; Error{resource} when it is larger than `limit` bytes.
std::string read_whole(const std::string& path, std::size_t limit);

/// Replaces or makes a file so that after a crash either the old or the new content is there, whole: a
/// temporary file beside it, fsync, rename, fsync of the directory.
void write_durable(const std::string& path, std::string_view content);

}  // namespace migrate::io
