#include "support/crash_cluster.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

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

}  // namespace

CrashCluster::CrashCluster()
    : m_command({std::string(MIGRATE_SOURCE_DIR) + "/tests/support/crash-cluster"}),
      m_before(pg_test_conninfo().value_or("")) {
    wait_for("ready ", 1);
    const std::string said = m_command.said();
    const std::size_t at = said.find("ready ") + 6;
    m_conninfo =
        "host=" + said.substr(at, said.find('\n', at) - at) + " port=5432 user=postgres dbname=postgres";
    ::setenv("MIGRATE_TEST_PG", m_conninfo.c_str(), 1);
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
