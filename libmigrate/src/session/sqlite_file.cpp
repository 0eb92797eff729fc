#include "session/sqlite_file.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>
#include <thread>

#include <sqlite3.h>

#include <migrate/error.hpp>

#include "session/sqlite_error.hpp"

namespace migrate::session {
namespace {

using Handle = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;

/// Opens without reading a page: SQLite takes no lock and looks at no journal until the first statement.
Handle open_untouched(const std::string& path) {
    sqlite3* handle = nullptr;
    const std::string absolute = std::filesystem::absolute(path).string();
    const int result =
        sqlite3_open_v2(absolute.c_str(), &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX, nullptr);
    Handle owned(handle, &sqlite3_close);
    if (result != SQLITE_OK) {
        throw_sqlite_error(handle, result, "open the database", path);
    }
    return owned;
}

sqlite3_file* file_of(sqlite3* handle, int which) {
    sqlite3_file* file = nullptr;
    if (sqlite3_file_control(handle, "main", which, static_cast<void*>(&file)) != SQLITE_OK ||
        file == nullptr || file->pMethods == nullptr) {
        return nullptr;
    }
    return file;
}

std::string read_file(sqlite3_file* file, std::uint64_t offset, std::size_t size) {
    std::string bytes(size, '\0');
    if (file == nullptr) {
        return {};
    }
    sqlite3_int64 length = 0;
    if (file->pMethods->xFileSize(file, &length) != SQLITE_OK ||
        static_cast<std::uint64_t>(length) <= offset) {
        return {};
    }
    bytes.resize(std::min(size, static_cast<std::size_t>(static_cast<std::uint64_t>(length) - offset)));
    const int result = file->pMethods->xRead(file, bytes.data(), static_cast<int>(bytes.size()),
                                             static_cast<sqlite3_int64>(offset));
    return result == SQLITE_OK ? bytes : std::string();
}

/// The journal file carries none of SQLite's locks, so it may be opened here.
bool journal_has_header(const std::string& journal) {
    if (file_size(journal) == 0) {
        return false;
    }
    std::ifstream in(journal, std::ios::binary);
    const int first = in.get();
    return first != std::ifstream::traits_type::eof() ? first != 0 : true;
}

bool reserved_by_someone(sqlite3* handle) {
    sqlite3_file* file = file_of(handle, SQLITE_FCNTL_FILE_POINTER);
    int reserved = 0;
    return file != nullptr && file->pMethods->xCheckReservedLock(file, &reserved) == SQLITE_OK &&
           reserved != 0;
}

}  // namespace

void require_database_file(const std::string& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    ErrorFacts facts;
    facts.backend = "sqlite";
    if (status.type() == std::filesystem::file_type::not_found) {
        facts.code = ErrorCode::not_found;
        facts.next_step = "Check the path.";
        throw Error(std::move(facts), "cannot open the database " + path + ": no such file");
    }
    if (error) {
        facts.code = error.value() == EACCES ? ErrorCode::permission : ErrorCode::unreachable;
        facts.native_code = error.value();
        facts.next_step = "Check the permissions of the directories on the way to it.";
        throw Error(std::move(facts), "cannot open the database " + path + ": " + error.message());
    }
    if (status.type() != std::filesystem::file_type::regular) {
        facts.code = ErrorCode::refused;
        facts.next_step = "Name the database file itself.";
        throw Error(
            std::move(facts),
            "cannot open the database " + path + ": it is a " +
                (status.type() == std::filesystem::file_type::directory ? "directory" : "special file"));
    }
}

bool is_sqlite_file(const std::string& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) {
        return false;
    }
    try {
        const Handle handle = open_untouched(path);
        return read_main_file(handle.get(), 0, 16) == std::string("SQLite format 3\0", 16);
    } catch (const Error&) {
        return false;
    }
}

std::uint64_t file_size(const std::string& path) noexcept {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    return error ? 0 : size;
}

bool wal_has_bytes(sqlite3* handle) noexcept {
    const char* file = sqlite3_db_filename(handle, "main");
    return file != nullptr && *file != '\0' && file_size(sqlite3_filename_wal(file)) > 0;
}

void refuse_hot_journal(const std::string& path) {
    const Handle handle = open_untouched(path);
    // SQLite's own name for it: beside the file that a symbolic link leads to.
    const std::string journal = sqlite3_filename_journal(sqlite3_db_filename(handle.get(), "main"));
    // A journal whose writer is alive goes away when the writer commits; between two looks it may just have
    // done so. Three looks tell a writer from a wreck.
    for (int look = 0; look < 3; ++look) {
        if (!journal_has_header(journal) || reserved_by_someone(handle.get())) {
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    ErrorFacts facts;
    facts.code = ErrorCode::refused;
    facts.backend = "sqlite";
    facts.next_step =
        "Open it once with the program that owns it (or the sqlite3 shell), which rolls the transaction "
        "back, "
        "or copy the file together with its journal and open the copy.";
    throw Error(std::move(facts), "a program stopped in the middle of a transaction on " + path +
                                      " and left a journal beside it; reading it would change the file");
}

std::string read_main_file(sqlite3* handle, std::uint64_t offset, std::size_t size) {
    return read_file(file_of(handle, SQLITE_FCNTL_FILE_POINTER), offset, size);
}

std::string read_wal_file(sqlite3* handle, std::uint64_t offset, std::size_t size) {
    return read_file(file_of(handle, SQLITE_FCNTL_JOURNAL_POINTER), offset, size);
}

std::uint64_t wal_file_size(sqlite3* handle) {
    sqlite3_file* file = file_of(handle, SQLITE_FCNTL_JOURNAL_POINTER);
    sqlite3_int64 length = 0;
    if (file == nullptr || file->pMethods->xFileSize(file, &length) != SQLITE_OK) {
        return 0;
    }
    return static_cast<std::uint64_t>(length);
}

}  // namespace migrate::session
