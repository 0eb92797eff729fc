#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <migrate/finding.hpp>

namespace migrate::backend {

/// Takes the files of a backup, one after another, as streams. Throws, from every call: Error, after which
/// the backup is not made.
class BackupSink {
  public:
    virtual ~BackupSink() = default;

    /// Told before the first write: so many bytes will be written at most, and so many stand in the scratch
    /// directory meanwhile. Throws: Error{refused} where the disk has no room for them.
    virtual void reserve(std::uint64_t bytes, std::uint64_t scratch_bytes) = 0;

    /// A file's path within the database, its parts divided by "/"; any bytes that a file name may have.
    virtual void begin_file(const std::string& name) = 0;
    virtual void write(std::string_view bytes) = 0;
    /// The file is durable on return.
    virtual void end_file() = 0;

    /// Something of the database that is not among its files.
    virtual void leave_out(const Finding& what) = 0;

    /// A private directory for what has to stand on the disk before it can be streamed; gone with the
    /// backup's making.
    [[nodiscard]] virtual const std::string& scratch_directory() const = 0;
};

}  // namespace migrate::backend
