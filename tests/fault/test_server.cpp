#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "fault/fault_trial.hpp"
#include "support/crash_cluster.hpp"
#include "support/pg_proxy.hpp"

/// The server ends sessions, crashes, has time limits of its own, or takes locks in another order. A PgProxy
/// holds the command at a statement meanwhile.
namespace migrate::test {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> k_one_by_one{"--workers", "1", "--chunk-rows", "250"};

/// The database that an endpoint names, as its superuser.
PgConnection connect_to(const std::string& endpoint) {
    return PgConnection(endpoint.substr(3));
}

/// Ends the sessions of the command that a condition picks; how many.
int terminate(const std::string& endpoint, const std::string& which) {
    const std::string count = connect_to(endpoint).value(
        "WITH sessions AS (SELECT * FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
        "pg_backend_pid()) SELECT count(pg_terminate_backend(pid, 5000)) FROM sessions WHERE " +
        which);
    return std::stoi(count);
}

struct Victim {
    const char* name;
    const char* at;  ///< The statement that is held meanwhile.
    std::uint64_t nth;
    const char* which;
};

const std::vector<Victim>& victims_at_target() {
    static const std::vector<Victim> k_victims{
        {"writer terminated", "INSERT INTO _migrate.checkpoint", 2, "query LIKE '%FROM STDIN%'"},
        {"all of the target's sessions terminated", "COPY ", 2, "true"},
        {"all of the target's sessions terminated", "ADD CONSTRAINT", 1, "true"},
        {"all of the target's sessions terminated", "SET LOCAL lock_timeout", 1, "true"},
        {"all of the target's sessions terminated", "SET state = 'done'", 1, "true"},
    };
    return k_victims;
}

const std::vector<Victim>& victims_at_source() {
    static const std::vector<Victim> k_victims{
        {"reader terminated", "TO STDOUT", 2,
         "pid = (SELECT pid FROM sessions ORDER BY backend_start DESC LIMIT 1)"},
        {"snapshot holder terminated", "TO STDOUT", 1,
         "pid = (SELECT pid FROM sessions ORDER BY backend_start LIMIT 1)"},
        {"all of the source's sessions terminated", "SET TRANSACTION SNAPSHOT", 1, "true"},
        {"all of the source's sessions terminated", "TO STDOUT", 3, "true"},
    };
    return k_victims;
}

/// A migration that is held at a statement of one side while something is done to that side's server.
struct Held {
    std::string from;
    std::string to;
    const KillSource& source;
    PgProxy& network;
    bool at_target;

    /// `act` is given the side's endpoint, past the proxy. Returns the migration's first result.
    CommandResult go_through(const PgPlace& place, const std::function<void(const std::string&)>& act,
                             const std::vector<std::string>& options = k_one_by_one,
                             const std::function<void()>& after_run = {}) const {
        const KillTarget target(to, true);
        const std::string endpoint = at_target ? target.endpoint() : source.endpoint();
        FaultTrial trial(source, target);
        if (at_target) {
            trial.to(network.through(endpoint));
        } else {
            trial.from(network.through(endpoint));
        }
        trial.with(options).by([&](const std::vector<std::string>& arguments) {
            CommandResult result = target.run(arguments);
            if (after_run) {
                after_run();
            }
            return result;
        });
        network.act_at(place, [&] { act(endpoint); });
        CommandResult first = trial.migrate();
        REQUIRE(network.happened());
        network.reset();
        trial.settle(first);
        return first;
    }
};

void terminate_each(const std::string& from, const std::string& to, bool at_target) {
    if (!pg_test_conninfo()) {
        return;
    }
    const auto source = KillSource::make(from);
    PgProxy network(pg_conninfo_for(*pg_test_conninfo(), "postgres"));
    for (const Victim& victim : at_target ? victims_at_target() : victims_at_source()) {
        INFO(victim.name << " at " << victim.at << ", " << from << " to " << to);
        int ended = 0;
        Held{from, to, *source, network, at_target}.go_through(
            {victim.at, victim.nth},
            [&](const std::string& endpoint) { ended = terminate(endpoint, victim.which); });
        CHECK(ended > 0);
        note_fault("server", victim.name, from, to);
    }
}

}  // namespace

TEST_CASE("fault: sessions of a PostgreSQL target are terminated", "[fault][server][postgresql][slow]") {
    const std::string from = GENERATE(as<std::string>(), "sqlite", "json", "postgresql");
    terminate_each(from, "postgresql", true);
}

TEST_CASE("fault: sessions of a PostgreSQL source are terminated", "[fault][server][postgresql][slow]") {
    const std::string to = GENERATE(as<std::string>(), "sqlite", "json", "postgresql");
    terminate_each("postgresql", to, false);
}

TEST_CASE("fault: the server crashes and comes back", "[fault][server][postgresql][slow]") {
    if (!pg_test_conninfo()) {
        return;
    }
    CrashCluster cluster;
    PgProxy network(pg_conninfo_for(cluster.conninfo(), "postgres"));
    const auto crash_at = [&](const std::string& from, const std::string& to, bool at_target,
                              const std::vector<PgPlace>& places) {
        const auto source = KillSource::make(from);
        for (const PgPlace& place : places) {
            INFO("crash at " << place.text << ", " << from << " to " << to);
            Held{from, to, *source, network, at_target}.go_through(
                place, [&](const std::string&) { cluster.crash(); }, k_one_by_one,
                [&] { cluster.wait_until_up(); });
            note_fault("server", "server stopped with -m immediate and started again", from, to);
        }
    };
    crash_at("sqlite", "postgresql", true, {{"COPY ", 2}, {"COMMIT", 4}, {"SET state = 'done'", 1}});
    crash_at("json", "postgresql", true, {{"INSERT INTO _migrate.checkpoint", 2}});
    crash_at("postgresql", "postgresql", true, {{"ADD CONSTRAINT", 1}});
    crash_at("postgresql", "sqlite", false, {{"TO STDOUT", 2}});
    crash_at("postgresql", "json", false, {{"TO STDOUT", 3}});
}

TEST_CASE("fault: time limits of the database are not the migration's", "[fault][server][postgresql]") {
    if (!pg_test_conninfo()) {
        return;
    }
    PgProxy network(pg_conninfo_for(*pg_test_conninfo(), "postgres"));
    const auto limit = [](const std::string& endpoint) {
        PgConnection database = connect_to(endpoint);
        const std::string name = database.value("SELECT current_database()");
        for (const char* setting :
             {"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"}) {
            database.exec("ALTER ROLE postgres IN DATABASE " + name + " SET " + setting + " = '300ms'");
        }
    };
    // Each is held in a transaction for longer than any of the limits.
    const auto source = KillSource::make("postgresql");
    limit(source->endpoint());
    const std::string to = GENERATE(as<std::string>(), "sqlite", "json", "postgresql");
    CAPTURE(to);
    const CommandResult read = Held{"postgresql", to, *source, network, false}.go_through(
        {"TO STDOUT", 2}, [](const std::string&) { std::this_thread::sleep_for(700ms); },
        {"--workers", "1", "--chunk-rows", "250", "--skip", "database-settings"});
    INFO(read.out << read.err);
    CHECK(read.exit_code == 0);
    note_fault("server", "statement, lock and idle timeouts of the database", "postgresql", to);

    const std::string from = to;
    const auto other_source = KillSource::make(from);
    const KillTarget target("postgresql", true);
    limit(target.endpoint());
    FaultTrial trial(*other_source, target);
    trial.to(network.through(target.endpoint())).with(k_one_by_one);
    network.act_at({"INSERT INTO _migrate.checkpoint", 2}, [] { std::this_thread::sleep_for(700ms); });
    const CommandResult written = trial.migrate();
    INFO(written.out << written.err);
    CHECK(network.happened());
    CHECK(written.exit_code == 0);
    trial.require_complete();
    note_fault("server", "statement, lock and idle timeouts of the database", from, "postgresql");
}

TEST_CASE("fault: a deadlock at the cutover is tried again", "[fault][server][postgresql]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const std::string from = GENERATE(as<std::string>(), "sqlite", "json", "postgresql");
    CAPTURE(from);
    const auto source = KillSource::make(from);
    const KillTarget target("postgresql", false);
    FaultTrial trial(*source, target);
    REQUIRE(trial.migrate().exit_code == 0);
    PgConnection database = connect_to(target.endpoint());
    // Who looks first for a deadlock is who gives way.
    database.exec("ALTER DATABASE " + database.value("SELECT current_database()") +
                  " SET deadlock_timeout = '30ms'");
    PgConnection other = connect_to(target.endpoint());
    other.exec("SET deadlock_timeout = '20s'");
    PgProxy network(pg_conninfo_for(*pg_test_conninfo(), "postgres"));
    std::jthread waiting;
    const auto lock_the_other_way = [&] {
        const std::string held = database.value(
            "SELECT relation::regclass::text FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted "
            "AND "
            "relation IN ('author'::regclass, 'book'::regclass, 'event'::regclass)");
        other.exec(
            "BEGIN; LOCK TABLE " +
            database.value(
                "SELECT string_agg(name, ', ') FROM unnest(ARRAY['author', 'book', 'event']) AS t(name) "
                "WHERE name <> '" +
                held + "'") +
            " IN ACCESS EXCLUSIVE MODE");
        waiting = std::jthread([&other, held] { other.exec("LOCK TABLE " + held + "; ROLLBACK"); });
        while (database.value("SELECT count(*) FROM pg_locks WHERE NOT granted") == "0") {
            std::this_thread::sleep_for(5ms);
        }
    };
    network.act_at({"IN ACCESS EXCLUSIVE MODE", 2}, lock_the_other_way);

    const CommandResult replaced =
        trial.to(network.through(target.endpoint())).with({"--on-existing", "replace"}).migrate();

    INFO(replaced.out << replaced.err);
    REQUIRE(network.happened());
    CHECK(replaced.exit_code == 0);
    trial.require_complete();
    // Statistics of a session reach others when it has ended.
    std::string deadlocks = "0";
    for (int i = 0; i < 500 && deadlocks == "0"; ++i) {
        deadlocks =
            database.value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
        std::this_thread::sleep_for(10ms);
    }
    CHECK(deadlocks != "0");
    note_fault("server", "deadlock at the cutover", from, "postgresql");
}

}  // namespace migrate::test
