#include "session/sqlite_session.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include <sqlite3.h>

#include <migrate/error.hpp>

#include "session/sqlite_error.hpp"
#include "session/sqlite_file.hpp"
#include "session/sqlite_soci.hpp"
#include "session/sqlite_statement.hpp"

// soci::session's destructor is needed here, but its SQLite header must not be.
#include <soci/soci.h>

namespace migrate::session {
namespace {

int open_flags(SqliteSession::Access access) {
    // Serialized mode: one connection may carry several readers when only one can be had.
    constexpr int k_common = SQLITE_OPEN_FULLMUTEX;
    switch (access) {
        case SqliteSession::Access::strict_read:
            return k_common | SQLITE_OPEN_READONLY;
        case SqliteSession::Access::read:
        case SqliteSession::Access::write:
            break;
    }
    return k_common | SQLITE_OPEN_READWRITE;
}

/// How many virtual machine instructions pass between two looks at the stop token: about a millisecond.
constexpr int k_progress_steps = 20'000;

int stop_requested(void* token) {
    return static_cast<std::stop_token*>(token)->stop_requested() ? 1 : 0;
}

}  // namespace

SqliteSession::SqliteSession(std::string path, sqlite3* handle, std::unique_ptr<soci::session> owned)
    : m_path(std::move(path)), m_handle(handle), m_owned(std::move(owned)) {}

SqliteSession SqliteSession::open(const std::string& path, Access access, unsigned busy_timeout_ms) {
    // An absolute path never looks like a URI to SQLite.
    const std::string absolute = std::filesystem::absolute(path).string();
    require_database_file(absolute);
    sqlite3* handle = nullptr;
    const int result = sqlite3_open_v2(absolute.c_str(), &handle, open_flags(access), nullptr);
    if (result != SQLITE_OK) {
        const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> closer(handle, &sqlite3_close);
        throw_sqlite_error(handle, result, "open the database", path);
    }
    SqliteSession session(path, handle, make_soci_session(handle));
    session.m_reading = access == Access::read || access == Access::strict_read;
    session.apply_settings(access, busy_timeout_ms);
    return session;
}

SqliteSession SqliteSession::borrow(soci::session& host) {
    sqlite3* handle = native_handle(host);
    if (handle == nullptr) {
        throw Error(ErrorCode::usage, "the borrowed session is not a connected SQLite session");
    }
    const char* file = sqlite3_db_filename(handle, "main");
    return SqliteSession(file != nullptr && *file != '\0' ? file : ":memory:", handle, nullptr);
}

void SqliteSession::apply_settings(Access access, unsigned busy_timeout_ms) const {
    sqlite3_extended_result_codes(m_handle, 1);
    sqlite3_busy_timeout(m_handle, static_cast<int>(busy_timeout_ms));
    sqlite3_db_config(m_handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(m_handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(m_handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    sqlite3_db_config(m_handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
    sqlite3_db_config(m_handle, SQLITE_DBCONFIG_ENABLE_FKEY, 0, nullptr);
    sqlite3_limit(m_handle, SQLITE_LIMIT_TRIGGER_DEPTH, 1);
    sqlite3_limit(m_handle, SQLITE_LIMIT_WORKER_THREADS, 0);
    sqlite3_limit(m_handle, SQLITE_LIMIT_ATTACHED, m_reading ? 0 : 1);
    execute("PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA recursive_triggers=OFF",
            "set up a session on");
    // Not yet for `read`: on a query_only handle BEGIN IMMEDIATE would be a plain read transaction.
    if (access == Access::strict_read) {
        execute("PRAGMA query_only=ON", "set up a session on");
    }
}

SqliteSession::SqliteSession(SqliteSession&& other) noexcept = default;

SqliteSession& SqliteSession::operator=(SqliteSession&& other) noexcept {
    if (this != &other) {
        close();
        m_path = std::move(other.m_path);
        m_handle = std::exchange(other.m_handle, nullptr);
        m_owned = std::move(other.m_owned);
        m_stop = std::move(other.m_stop);
        m_reading = other.m_reading;
    }
    return *this;
}

SqliteSession::~SqliteSession() {
    close();
}

void SqliteSession::close() noexcept {
    if (m_owned == nullptr) {
        return;
    }
    if (!sqlite3_get_autocommit(m_handle)) {
        sqlite3_exec(m_handle, "ROLLBACK", nullptr, nullptr, nullptr);
    }
    // The last close of a read-write handle would move the WAL's frames into the main file. Where the WAL has
    // none, the ordinary close takes away the side files that this connection made.
    if (m_reading && wal_has_bytes(m_handle)) {
        sqlite3_db_config(m_handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    }
    m_owned.reset();
    m_handle = nullptr;
}

bool SqliteSession::is_read_only() const noexcept {
    return sqlite3_db_readonly(m_handle, "main") == 1;
}

bool SqliteSession::in_transaction() const noexcept {
    return sqlite3_get_autocommit(m_handle) == 0;
}

void SqliteSession::execute(const std::string& sql, std::string_view doing) const {
    const int result = sqlite3_exec(m_handle, sql.c_str(), nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) {
        throw_sqlite_error(m_handle, result, doing, m_path);
    }
}

void SqliteSession::execute_one(const std::string& sql, std::string_view doing) const {
    sqlite3_stmt* statement = nullptr;
    const char* rest = nullptr;
    int result = sqlite3_prepare_v2(m_handle, sql.c_str(), -1, &statement, &rest);
    if (result != SQLITE_OK) {
        throw_sqlite_error(m_handle, result, doing, m_path);
    }
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> owned(statement, sqlite3_finalize);
    if (std::string_view(rest).find_first_not_of(" \t\r\n;") != std::string_view::npos) {
        throw Error(ErrorCode::malformed, "a definition holds more than one statement: none of it was run");
    }
    while (statement != nullptr && (result = sqlite3_step(statement)) == SQLITE_ROW) {
    }
    if (statement != nullptr && result != SQLITE_DONE) {
        throw_sqlite_error(m_handle, result, doing, m_path);
    }
}

std::string SqliteSession::query_text(const std::string& sql, std::string_view doing) const {
    SqliteStatement statement(*this, sql, doing);
    return statement.step() ? std::string(statement.text(0)) : std::string();
}

std::int64_t SqliteSession::query_integer(const std::string& sql, std::string_view doing) const {
    SqliteStatement statement(*this, sql, doing);
    return statement.step() ? statement.integer(0) : 0;
}

void SqliteSession::watch(std::stop_token stop) {
    if (m_owned == nullptr || !stop.stop_possible()) {
        return;
    }
    m_stop = std::make_unique<std::stop_token>(std::move(stop));
    sqlite3_progress_handler(m_handle, k_progress_steps, stop_requested, m_stop.get());
}

}  // namespace migrate::session
