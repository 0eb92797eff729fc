#pragma once

#include <future>
#include <stop_token>
#include <string>
#include <thread>

namespace migrate::backends::sqlite {

/// SQLite's check of every page of a staging file, in a thread and on a connection of its own, while
/// verification reads the rows. Nobody may write into the file meanwhile.
class StagingCheck {
  public:
    /// Begins. `stop` ends it early where SQLite looks at it: some versions do so only between the checks of
    /// a file's tables.
    StagingCheck(std::string path, std::stop_token stop);
    StagingCheck(const StagingCheck&) = delete;
    StagingCheck& operator=(const StagingCheck&) = delete;
    /// Stops it, and waits for that.
    ~StagingCheck() = default;

    /// Waits for the result; at most once. Throws: Error{corrupt} if the file is damaged, Error{cancelled}.
    void wait() { m_result.get(); }

  private:
    std::future<void> m_result;
    std::jthread m_thread;
};

}  // namespace migrate::backends::sqlite
