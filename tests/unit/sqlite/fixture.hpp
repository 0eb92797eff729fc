#pragma once

#include <string>
#include <utility>
#include <vector>

#include <sqlite3.h>

#include "backend/backend.hpp"
#include "support/temporary_directory.hpp"

/// What the SQLite tests share: SQLite by plain calls, so that what the backend
/// does is checked by something else than itself.
namespace migrate::test {

/// A plain connection; failures throw std::runtime_error.
class PlainDatabase {
  public:
    explicit PlainDatabase(const std::string& path);
    PlainDatabase(const PlainDatabase&) = delete;
    PlainDatabase& operator=(const PlainDatabase&) = delete;
    ~PlainDatabase();
    void run(const std::string& sql);
    /// Each value as "class:hex of its bytes" or "integer:N", "real:%a", "null".
    std::vector<std::vector<std::string>> rows(const std::string& sql);
    /// First column of the first row as text.
    std::string value(const std::string& sql);
    [[nodiscard]] sqlite3* handle() const { return m_handle; }

  private:
    sqlite3* m_handle = nullptr;
};

/// Makes a database by running the SQL.
void make_database(const std::string& path, const std::string& sql);

/// Every row of every table but this library's, in rowid or key order, by plain calls.
std::vector<std::pair<std::string, std::vector<std::vector<std::string>>>> all_rows(const std::string& path);

/// The sqlite_schema entries but this library's, sorted.
std::vector<std::vector<std::string>> all_definitions(const std::string& path);

/// A hash of a file's bytes, taken by a child process: opening the file here would drop SQLite's locks.
std::string hash_by_child(const std::string& path);

Endpoint sqlite_endpoint(const std::string& path);

struct Copied {
    backend::SchemaReading reading;
    backend::Adoption adoption;
    std::vector<Finding> findings;  ///< Of build and cutover.
};

/// Moves everything from a SQLite file to another through the backend alone, and compares digests in between.
Copied copy_database(const std::string& from, const std::string& to,
                     const backend::AdoptOptions& options = {});

}  // namespace migrate::test
