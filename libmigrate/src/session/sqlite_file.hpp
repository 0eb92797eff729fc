#pragma once

#include <cstdint>
#include <string>

struct sqlite3;

/// What must be known of a database file and its side files beside SQL. The database file itself is never
/// opened but through SQLite: closing it elsewhere would drop the locks that a host in this process holds.
namespace migrate::session {

/// Throws: Error{not_found, refused, permission} unless the path leads to a regular file.
void require_database_file(const std::string& path);

/// True when the file begins as a SQLite database does.
bool is_sqlite_file(const std::string& path);

/// Bytes of a file; 0 if there is none.
std::uint64_t file_size(const std::string& path) noexcept;

/// True when a -wal that is not empty lies beside the open database.
bool wal_has_bytes(sqlite3* handle) noexcept;

/// Throws: Error{refused} when the rollback journal beside the database belongs to a transaction that was cut
/// off: a read-write open would play it back, which changes the source. Looks before any page is read.
void refuse_hot_journal(const std::string& path);

/// Bytes of the database as SQLite's own descriptor of it reads them; shorter at the end of the file.
std::string read_main_file(sqlite3* handle, std::uint64_t offset, std::size_t size);
/// Likewise of the write-ahead log, empty if none is open.
std::string read_wal_file(sqlite3* handle, std::uint64_t offset, std::size_t size);
std::uint64_t wal_file_size(sqlite3* handle);

}  // namespace migrate::session
