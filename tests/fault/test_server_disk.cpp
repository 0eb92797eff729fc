#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "fault/fault_trial.hpp"
#include "support/crash_cluster.hpp"
#include "support/file_tree.hpp"
#include "support/pg_proxy.hpp"

/// The disk of the target's server is full. A PgProxy holds the command at a statement while it is filled.
namespace migrate::test {
namespace {

using Disk = CrashCluster::Disk;

struct Place {
    const char* name;
    PgPlace at;
};

const std::vector<Place>& places() {
    static const std::vector<Place> k_places{
        {"the server's disk full: staging", {"CREATE TABLE ", 1}},
        {"the server's disk full: COPY", {"COPY ", 1}},
        {"the server's disk full: COPY", {"COPY ", 3}},
        {"the server's disk full: keys and indexes", {"ADD CONSTRAINT", 1}},
        {"the server's disk full: keys and indexes", {"CREATE INDEX", 1}},
        {"the server's disk full: cutover", {"SET LOCAL lock_timeout", 1}},
    };
    return k_places;
}

bool says(const CommandResult& result, const char* part) {
    return (result.out + result.err).find(part) != std::string::npos;
}

/// What a source in files is, to the last byte.
std::string bytes_of(const KillSource& source, const std::string& engine) {
    if (engine == "sqlite") {
        return content_of(source.endpoint().substr(7));
    }
    std::string all;
    for (const auto& [name, content] : file_tree(source.endpoint().substr(5))) {
        all += name + content;
    }
    return all;
}

}  // namespace

TEST_CASE("fault: the disk of the target's server is full", "[fault][server-disk][postgresql][slow]") {
    if (!pg_test_conninfo() || !CrashCluster::may_have_small_disks()) {
        return;
    }
    const CrashCluster cluster(true);
    PgProxy network(pg_conninfo_for(cluster.conninfo(), "postgres"));
    for (const std::string from : {"sqlite", "json", "postgresql"}) {
        const auto source = KillSource::make(from);
        const std::string before = from == "postgresql" ? "" : bytes_of(*source, from);
        for (const Place& place : places()) {
            INFO(place.name << " at " << place.at.text << " " << place.at.nth << ", from " << from);
            const KillTarget target("postgresql", true);
            FaultTrial trial(*source, target);
            trial.to(network.through(target.endpoint())).with({"--workers", "1", "--chunk-rows", "100"});
            network.act_at(place.at, [&] { cluster.fill(Disk::data); });
            const CommandResult first = trial.migrate();
            INFO(first.out << first.err);
            REQUIRE(network.happened());
            network.reset();
            CHECK(first.exit_code == 6);
            CHECK(says(first, "No space left on device"));
            CHECK(says(first, "Free disk space"));
            CHECK(target.visible_tables() == 0);
            // Nothing is worse for another try while it is full still.
            const CommandResult again = trial.run({"resume", "--last"});
            CHECK(again.exit_code != 0);
            CHECK(target.visible_tables() == 0);
            cluster.make_room(Disk::data);
            trial.settle(again);
            CHECK(target.value("SELECT v FROM other_data") == "stays");
            CHECK((from == "postgresql" || bytes_of(*source, from) == before));
            note_fault("disk", place.name, from, "postgresql");
        }
    }
}

TEST_CASE("fault: the server has no room for its log of writes, and goes down",
          "[fault][server-disk][postgresql][slow]") {
    if (!pg_test_conninfo() || !CrashCluster::may_have_small_disks()) {
        return;
    }
    CrashCluster cluster(true);
    PgProxy network(pg_conninfo_for(cluster.conninfo(), "postgres"));
    const auto source = KillSource::make("sqlite");
    for (const PgPlace& place :
         {PgPlace{"COPY ", 3}, PgPlace{"ADD CONSTRAINT", 1}, PgPlace{"SET state = 'done'", 1}}) {
        INFO("at " << place.text);
        const KillTarget target("postgresql", true);
        FaultTrial trial(*source, target);
        trial.to(network.through(target.endpoint())).with({"--workers", "1", "--chunk-rows", "100"});
        bool has_gone = false;
        network.act_at(place, [&] {
            PgConnection other(cluster.conninfo());
            // As a replica that is gone: what it has not got is kept for it.
            other.exec("SELECT pg_create_physical_replication_slot('gone', true)");
            cluster.fill(Disk::log);
            try {
                for (int i = 0; i < 400; ++i) {
                    other.exec("SELECT pg_logical_emit_message(false, 'fill', repeat('x', 1000000))");
                }
            } catch (const std::runtime_error&) {
                has_gone = true;
            }
        });
        // It can only be looked at when it is up again.
        const CommandResult first =
            target.run({"migrate", "--from", source->endpoint(), "--to", network.through(target.endpoint()),
                        "--execute", "--workers", "1", "--chunk-rows", "100"});
        INFO(first.out << first.err);
        REQUIRE(network.happened());
        network.reset();
        REQUIRE(has_gone);
        CHECK((first.exit_code == 6 || first.exit_code == 7));
        CHECK((says(first, "migrate-cli resume") || says(first, "migrate-cli cutover")));
        cluster.make_room(Disk::log);
        cluster.crash();
        cluster.wait_until_up();
        PgConnection(cluster.conninfo()).exec("SELECT pg_drop_replication_slot('gone')");
        CHECK(target.visible_tables() == 0);
        trial.settle(first);
        note_fault("disk", "no room for the server's log of writes", "sqlite", "postgresql");
    }
}

}  // namespace migrate::test
