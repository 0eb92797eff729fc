#include "support/crash_cluster.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "support/pg.hpp"

namespace migrate::test {
namespace {

constexpr int k_most_looks = 3000;
constexpr auto k_pause = std::chrono::milliseconds(20);

int count_of(const std::string& text, const std::string& word) {
    int count = 0;
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
        ++count;
    }
    return count;
}

std::vector<std::string> command_for(bool small_disks) {
    std::vector<std::string> command{std::string(MIGRATE_SOURCE_DIR) + "/tests/support/crash-cluster"};
    if (small_disks) {
        command.emplace_back("--small-disks");
    }
    return command;
}

}  // namespace

CrashCluster::CrashCluster(bool small_disks)
    : m_command(command_for(small_disks)), m_before(pg_test_conninfo().value_or("")) {
    wait_for("ready ", 1);
    const std::string said = m_command.said();
    const std::size_t at = said.find("ready ") + 6;
    m_directory = said.substr(at, said.find('\n', at) - at);
    m_conninfo = "host=" + m_directory + " port=5432 user=postgres dbname=postgres";
    ::setenv("MIGRATE_TEST_PG", m_conninfo.c_str(), 1);
    if (small_disks) {
        PgConnection server(m_conninfo);
        server.exec("CREATE TABLESPACE small LOCATION '" + m_directory + "/data-disk/pg'");
        server.exec("ALTER DATABASE template1 SET TABLESPACE small");
    }
}

bool CrashCluster::may_have_small_disks() {
    const CommandResult tried =
        Command({"unshare", "--mount", "--propagation", "private", "mount", "-t", "tmpfs", "tmpfs", "/mnt"})
            .wait();
    if (tried.exit_code != 0) {
        WARN("skipped: no file system can be mounted here: " << tried.err);
    }
    return tried.exit_code == 0;
}

std::string CrashCluster::filler_on(Disk disk) const {
    return "/proc/" + std::to_string(m_command.pid()) + "/root" + m_directory +
           (disk == Disk::data ? "/data-disk/filler" : "/wal-disk/filler");
}

void CrashCluster::fill(Disk disk) const {
    std::ofstream filler(filler_on(disk), std::ios::binary);
    if (!filler) {
        throw std::runtime_error("the small disk cannot be written to");
    }
    // The last page of a file may have room when no other page is left.
    const std::string page(4096, 'x');
    while (filler << page << std::flush) {
    }
}

void CrashCluster::make_room(Disk disk) const {
    std::filesystem::remove(filler_on(disk));
}

CrashCluster::~CrashCluster() {
    if (m_before.empty()) {
        ::unsetenv("MIGRATE_TEST_PG");
    } else {
        ::setenv("MIGRATE_TEST_PG", m_before.c_str(), 1);
    }
    m_command.send(SIGTERM);
    static_cast<void>(m_command.wait());
}

void CrashCluster::crash() {
    m_command.send(SIGUSR1);
    wait_for("crashed", ++m_crashes);
}

void CrashCluster::wait_until_up() const {
    wait_for("again", m_crashes);
}

void CrashCluster::wait_for(const std::string& word, int times) const {
    for (int look = 0; look < k_most_looks; ++look) {
        const std::string said = m_command.said();
        if (count_of(said, word) >= times && said.back() == '\n') {
            return;
        }
        std::this_thread::sleep_for(k_pause);
    }
    throw std::runtime_error("the cluster did not say \"" + word + "\" but: " + m_command.said());
}

}  // namespace migrate::test
