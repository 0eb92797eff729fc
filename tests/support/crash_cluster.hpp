#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "support/run_command.hpp"

namespace migrate::test {

/// A PostgreSQL cluster of its own whose server can be made to crash. While it lives, it is the one that
/// pg_test_conninfo() names.
class CrashCluster {
  public:
    /// Where a cluster has small file systems of its own: new databases lie on `data`, the log of writes on
    /// `log`.
    enum class Disk : std::uint8_t { data, log };

    /// Throws: std::runtime_error where it does not start. With `small_disks`, requires:
    /// may_have_small_disks().
    explicit CrashCluster(bool small_disks = false);
    CrashCluster(const CrashCluster&) = delete;
    CrashCluster& operator=(const CrashCluster&) = delete;
    ~CrashCluster();

    [[nodiscard]] const std::string& conninfo() const { return m_conninfo; }
    /// Stops it at once (-m immediate); it starts again. Returns when it has gone.
    void crash();
    /// Returns when it is up again after every crash() so far.
    void wait_until_up() const;
    /// False, with a warning in the test's output, where this process may not mount file systems.
    static bool may_have_small_disks();
    /// Leaves no room on one of them, and makes room again.
    void fill(Disk disk) const;
    void make_room(Disk disk) const;

  private:
    void wait_for(const std::string& word, int times) const;
    [[nodiscard]] std::string filler_on(Disk disk) const;

    Command m_command;
    std::string m_before;  ///< MIGRATE_TEST_PG.
    std::string m_directory;
    std::string m_conninfo;
    int m_crashes = 0;
};

}  // namespace migrate::test
