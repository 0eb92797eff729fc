#pragma once

#include <memory>
#include <string>

#include "support/run_command.hpp"

namespace migrate::test {

/// A PostgreSQL cluster of its own whose server can be made to crash. While it lives, it is the one that
/// pg_test_conninfo() names.
class CrashCluster {
  public:
    /// Throws: std::runtime_error where it does not start.
    CrashCluster();
    CrashCluster(const CrashCluster&) = delete;
    CrashCluster& operator=(const CrashCluster&) = delete;
    ~CrashCluster();

    [[nodiscard]] const std::string& conninfo() const { return m_conninfo; }
    /// Stops it at once (-m immediate); it starts again. Returns when it has gone.
    void crash();
    /// Returns when it is up again after every crash() so far.
    void wait_until_up() const;

  private:
    void wait_for(const std::string& word, int times) const;

    Command m_command;
    std::string m_before;  ///< MIGRATE_TEST_PG.
    std::string m_conninfo;
    int m_crashes = 0;
};

}  // namespace migrate::test
