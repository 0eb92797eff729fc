#include "backends/sqlite/backup.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include <sqlite3.h>

#include <migrate/error.hpp>

#include "backends/sqlite/integrity.hpp"
#include "io/directory.hpp"
#include "io/file.hpp"
#include "session/sqlite_error.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::SqliteSession;

/// Pages between two looks at the stop token.
constexpr int k_slice_pages = 2'000;

void copy_pages(const SqliteSession& from, const SqliteSession& to, const backend::OpenContext& context) {
    const std::unique_ptr<sqlite3_backup, decltype(&sqlite3_backup_finish)> copy(
        sqlite3_backup_init(to.handle(), "main", from.handle(), "main"), &sqlite3_backup_finish);
    if (copy == nullptr) {
        session::throw_sqlite_error(to.handle(), sqlite3_errcode(to.handle()), "back up to", to.path());
    }
    int result = SQLITE_OK;
    while (result == SQLITE_OK) {
        if (context.stop.stop_requested()) {
            throw Error(ErrorCode::cancelled, "the backup of " + from.path() + " was cancelled");
        }
        result = sqlite3_backup_step(copy.get(), k_slice_pages);
        if (context.progress) {
            const int total = sqlite3_backup_pagecount(copy.get());
            context.progress("backup",
                             static_cast<std::uint64_t>(total - sqlite3_backup_remaining(copy.get())),
                             static_cast<std::uint64_t>(total));
        }
    }
    if (result != SQLITE_DONE) {
        session::throw_sqlite_error(nullptr, result, "back up to", to.path());
    }
}

constexpr std::array k_side_files{"", "-journal", "-wal", "-shm"};

void remove_database(const std::string& path) {
    for (const char* suffix : k_side_files) {
        io::remove_file(path + suffix);
    }
}

std::uint64_t bytes_of(const SqliteSession& session) {
    return static_cast<std::uint64_t>(session.query_integer("PRAGMA main.page_count") *
                                      session.query_integer("PRAGMA main.page_size"));
}

void stream_file(io::File& file, backend::BackupSink& sink) {
    std::vector<char> block(std::size_t{1} << 18U);
    while (const std::size_t got = file.read(block.data(), block.size())) {
        sink.write({block.data(), got});
    }
}

}  // namespace

void make_durable(const std::string& path) {
    io::File file = io::File::open_read(path);
    file.sync();
    file.close();
    io::sync_directory(io::parent_of(path));
}

void back_up(const SqliteSession& from, const std::string& path, const backend::OpenContext& context) {
    io::File::create_new(path).close();
    try {
        {
            const auto to = SqliteSession::open(path, SqliteSession::Access::write, context.busy_timeout_ms);
            copy_pages(from, to, context);
            require_quick_check(to);
        }
        make_durable(path);
    } catch (...) {
        remove_database(path);
        throw;
    }
}

void stream_backup(const SqliteSession& from, backend::BackupSink& sink,
                   const backend::OpenContext& context) {
    const std::uint64_t bytes = bytes_of(from);
    sink.reserve(bytes, bytes);
    const std::string path = io::join(sink.scratch_directory(), "copy");
    io::File::create_new(path).close();
    // Opened while it still has its name, and closed after SQLite has let go of it.
    io::File copy = io::File::open_read(path);
    {
        const auto to = SqliteSession::open(path, SqliteSession::Access::write, context.busy_timeout_ms);
        to.execute("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF",
                   "set up the copy of");
        // The copy of a database in WAL mode has a log, empty, while it is looked at; SQLite makes none for a
        // file that is not there, so that an empty one stands for it.
        io::remove_file(path);
        io::File::create_new(path).close();
        copy_pages(from, to, context);
        require_quick_check(to);
    }
    remove_database(path);
    sink.begin_file("database.sqlite");
    stream_file(copy, sink);
    sink.end_file();
}

}  // namespace migrate::backends::sqlite
