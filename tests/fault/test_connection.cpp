#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "fault/fault_trial.hpp"
#include "support/pg_proxy.hpp"
#include "support/random.hpp"

/// The network between the command and a PostgreSQL server fails: before a COMMIT has reached the server,
/// after it has and before its answer is there, at any statement, at any byte, for a moment or for long.
namespace migrate::test {
namespace {

const std::vector<std::string> k_one_by_one{"--workers", "1", "--chunk-rows", "250"};

/// A pair with a network on the side of the server that is to fail; the target has other data in it.
struct Way {
    std::string from;
    std::string to;
    std::unique_ptr<KillSource> source;
    std::unique_ptr<PgProxy> network;
    bool at_target = false;

    Way(const std::string& from_engine, const std::string& to_engine, bool target_side)
        : from(from_engine), to(to_engine), at_target(target_side) {
        if (pg_test_conninfo()) {
            source = KillSource::make(from_engine);
            network = std::make_unique<PgProxy>(pg_conninfo_for(*pg_test_conninfo(), "postgres"));
        }
    }

    void meets(const std::string& fault) const { note_fault("connection", fault, from, to); }

    [[nodiscard]] FaultTrial trial(const KillTarget& target) const {
        FaultTrial made(*source, target);
        if (at_target) {
            made.to(network->through(target.endpoint()));
        } else {
            made.from(network->through(source->endpoint()));
        }
        made.with(k_one_by_one);
        return made;
    }

    /// A run that meets nothing; the network has counted what passed it.
    void go_unharmed() const {
        const KillTarget target(to, true);
        network->reset();
        FaultTrial plain = trial(target);
        REQUIRE(plain.migrate().exit_code == 0);
        plain.require_complete();
    }

    /// Runs into what was armed, and on until it is done; a network that went down is up again by then. False
    /// where the run came to its end without it.
    [[nodiscard]] bool go_through() const {
        const KillTarget target(to, true);
        FaultTrial cut = trial(target);
        const CommandResult first = cut.migrate();
        const bool happened = network->happened();
        if (happened) {
            network->wait_for_late();
        }
        INFO("exit code " << first.exit_code << ": " << first.out << first.err);
        // What was said of the last step has stayed true, unless it was said that nobody knows.
        if (first.err.find("asks the target") == std::string::npos) {
            REQUIRE((target.visible_tables() == 3) == (first.exit_code == 0));
        }
        REQUIRE((happened || first.exit_code == 0));
        network->reset();
        cut.settle(first);
        return happened;
    }
};

const char* name_of(PgCut cut) {
    switch (cut) {
        case PgCut::before:
            return "reset before a COMMIT";
        case PgCut::unanswered:
            return "answer to a COMMIT swallowed";
        case PgCut::delayed:
            return "COMMIT delayed until after a reset";
    }
    return "";
}

/// Each COMMIT that a run sends: of the staging, of chunks, of the verification, of the cutover.
void cut_each_commit(const Way& way) {
    if (!way.source) {
        return;
    }
    way.go_unharmed();
    const std::uint64_t commits = way.network->commits();
    REQUIRE(commits >= 6);
    for (const PgCut cut : {PgCut::before, PgCut::unanswered, PgCut::delayed}) {
        for (std::uint64_t nth = 1; nth <= commits; ++nth) {
            INFO(name_of(cut) << ", number " << nth << " of " << commits);
            way.network->cut_at({"COMMIT", nth}, cut);
            REQUIRE(way.go_through());
            way.meets(name_of(cut));
        }
    }
}

/// Places that are drawn by a seed, which differs from way to way and is the same in every run.
void cut_anywhere(const Way& way) {
    if (!way.source) {
        return;
    }
    way.go_unharmed();
    const std::uint64_t statements = way.network->statements();
    const std::uint64_t sent = way.network->bytes(PgDirection::to_server);
    const std::uint64_t received = way.network->bytes(PgDirection::to_client);
    Random random(std::hash<std::string>()(way.from + way.to + (way.at_target ? "target" : "source")));
    const auto draw = [&](std::uint64_t most) {
        return static_cast<std::uint64_t>(random.between(1, static_cast<std::int64_t>(most * 9 / 10)));
    };
    // From run to run there are not quite as many statements and bytes: a place may be behind the end.
    int met = 0;
    const auto meet = [&](const char* fault) {
        if (way.go_through()) {
            way.meets(fault);
            ++met;
        }
    };
    for (int i = 0; i < 2; ++i) {
        const std::uint64_t nth = draw(statements);
        for (const PgCut cut : {PgCut::before, PgCut::unanswered}) {
            INFO("statement " << nth << " of " << statements << ", cut " << static_cast<int>(cut));
            way.network->cut_at({"", nth}, cut);
            if (i % 2 == 1) {
                way.network->go_down_with_it();
            }
            meet(i % 2 == 1 ? "network down at any statement" : "reset at any statement");
        }
        for (const PgDirection direction : {PgDirection::to_server, PgDirection::to_client}) {
            const std::uint64_t byte = draw((direction == PgDirection::to_server ? sent : received) / 2);
            INFO("byte " << byte << " in direction " << static_cast<int>(direction));
            way.network->cut_at_byte(direction, byte);
            meet("cut at any byte");
        }
    }
    CHECK(met >= 4);
}

}  // namespace

TEST_CASE("fault: each COMMIT from SQLite to PostgreSQL is cut off or its answer swallowed",
          "[fault][connection][postgresql][slow]") {
    cut_each_commit(Way("sqlite", "postgresql", true));
}
TEST_CASE("fault: each COMMIT from JSON to PostgreSQL is cut off or its answer swallowed",
          "[fault][connection][postgresql][slow]") {
    cut_each_commit(Way("json", "postgresql", true));
}
TEST_CASE("fault: each COMMIT from PostgreSQL to PostgreSQL is cut off or its answer swallowed",
          "[fault][connection][postgresql][slow]") {
    cut_each_commit(Way("postgresql", "postgresql", true));
}
TEST_CASE("fault: the network of a PostgreSQL target is cut anywhere",
          "[fault][connection][postgresql][slow]") {
    const std::string from = GENERATE(as<std::string>(), "sqlite", "json", "postgresql");
    CAPTURE(from);
    cut_anywhere(Way(from, "postgresql", true));
}
TEST_CASE("fault: the network of a PostgreSQL source is cut anywhere",
          "[fault][connection][postgresql][slow]") {
    const std::string to = GENERATE(as<std::string>(), "sqlite", "json", "postgresql");
    CAPTURE(to);
    cut_anywhere(Way("postgresql", to, false));
}

TEST_CASE("fault: the COMMIT of a rollback is cut off or its answer swallowed",
          "[fault][connection][postgresql][slow]") {
    const Way way("sqlite", "postgresql", true);
    if (!way.source) {
        return;
    }
    for (const PgCut cut : {PgCut::before, PgCut::unanswered, PgCut::delayed}) {
        INFO(name_of(cut));
        const KillTarget target("postgresql", true);
        FaultTrial trial = way.trial(target);
        way.network->reset();
        REQUIRE(trial.migrate().exit_code == 0);
        way.network->cut_at({"COMMIT"}, cut);
        trial.roll_back();
        CHECK(way.network->happened());
        CHECK(target.value("SELECT v FROM other_data") == "stays");
        CHECK(target.leftovers().empty());
        way.meets(std::string("rollback: ") + name_of(cut));
    }
}

}  // namespace migrate::test
