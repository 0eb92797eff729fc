#include <chrono>
#include <csignal>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "e2e/cli_checks.hpp"
#include "support/pg.hpp"
#include "support/run_command.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"

/// Servers that are not on this machine, by name: their certificate is asked for.
namespace migrate::test {
namespace {

/// A cluster with certificates of its own; ends with the test.
class TlsCluster {
  public:
    explicit TlsCluster(const std::string& tls)
        : m_command({std::string(MIGRATE_SOURCE_DIR) + "/tests/support/tls-cluster", tls}) {
        for (int i = 0; i < 600 && m_port.empty(); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            const std::string said = m_command.said();
            const std::size_t at = said.find("ready ");
            if (at != std::string::npos && said.find('\n', at) != std::string::npos) {
                std::istringstream(said.substr(at + 6)) >> m_port >> m_certificates;
            }
        }
        INFO(m_command.said());
        REQUIRE_FALSE(m_port.empty());
    }
    TlsCluster(const TlsCluster&) = delete;
    TlsCluster& operator=(const TlsCluster&) = delete;
    ~TlsCluster() {
        m_command.send(SIGTERM);
        static_cast<void>(m_command.wait());
    }

    /// The server under a name that is not this machine's.
    [[nodiscard]] std::string named(const std::string& host, const std::string& more = {}) const {
        return "pg:host=" + host + " hostaddr=127.0.0.1 port=" + m_port + " user=postgres dbname=postgres" +
               (more.empty() ? "" : " " + more);
    }
    [[nodiscard]] std::string authority(const std::string& name) const {
        return "sslrootcert=" + m_certificates + "/" + name + ".crt";
    }

  private:
    Command m_command;
    std::string m_port;
    std::string m_certificates;
};

struct Source {
    TemporaryDirectory directory;
    std::string file = directory.path("a.db");

    Source() {
        SqliteDatabase(file).exec(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'a')");
    }
    [[nodiscard]] CommandResult migrate(const std::string& to) const {
        CommandOptions options;
        // Nothing of the machine's, or of who runs the tests, decides.
        options.environment = {{"HOME", directory.path("home")}, {"PGSSLMODE", ""}, {"PGSSLROOTCERT", ""}};
        return run_cli({"migrate", "--from", file, "--to", to, "--execute", "--on-existing", "replace"},
                       options);
    }
};

}  // namespace

TEST_CASE("tls: a server elsewhere has to prove its name, unless the user says otherwise",
          "[cli][postgresql][tls]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const TlsCluster cluster("on");
    const Source source;
    const auto refused = [&](const std::string& to) {
        const CommandResult result = source.migrate(to);
        CAPTURE(to);
        require_one_error(result, 7);
        CHECK(result.err.find("certificate") != std::string::npos);
        CHECK(result.err.find("sslrootcert=") != std::string::npos);
    };
    require_success(source.migrate(cluster.named("db.test", cluster.authority("ca"))));
    // By what this machine trusts, by another authority, and by a name that the certificate does not have.
    refused(cluster.named("db.test"));
    refused(cluster.named("db.test", cluster.authority("other-ca")));
    refused(cluster.named("other.test", cluster.authority("ca")));
    require_success(source.migrate(cluster.named("other.test", "sslmode=require")));
    require_success(source.migrate(cluster.named("127.0.0.1")));
}

TEST_CASE("tls: a server elsewhere that offers no encryption is refused", "[cli][postgresql][tls]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const TlsCluster cluster("off");
    const Source source;
    require_one_error(source.migrate(cluster.named("db.test", cluster.authority("ca"))), 7);
    require_success(source.migrate(cluster.named("db.test", "sslmode=disable")));
}

}  // namespace migrate::test
