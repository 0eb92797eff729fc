#include "backends/sqlite/staging_check.hpp"

#include <utility>

#include "backends/sqlite/integrity.hpp"
#include "session/sqlite_session.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::SqliteSession;

constexpr unsigned k_busy_timeout_ms = 2'000;

void check(const std::string& path, std::stop_token stop) {
    SqliteSession session = SqliteSession::open(path, SqliteSession::Access::strict_read, k_busy_timeout_ms);
    session.watch(std::move(stop));
    require_sound_staging(session, false);
}

}  // namespace

StagingCheck::StagingCheck(std::string path, std::stop_token stop) {
    std::packaged_task<void(std::stop_token)> task(
        [path = std::move(path)](std::stop_token own) { check(path, std::move(own)); });
    m_result = task.get_future();
    m_thread =
        std::jthread([task = std::move(task), stop = std::move(stop)](const std::stop_token& own) mutable {
            std::stop_source either;
            const std::stop_callback by_run(stop, [&] { either.request_stop(); });
            const std::stop_callback by_end(own, [&] { either.request_stop(); });
            task(either.get_token());
        });
}

}  // namespace migrate::backends::sqlite
