#include "backends/sqlite/backup.hpp"

#include <memory>

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
        for (const char* suffix : {"", "-journal", "-wal", "-shm"}) {
            io::remove_file(path + suffix);
        }
        throw;
    }
}

}  // namespace migrate::backends::sqlite
