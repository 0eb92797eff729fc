#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "fault/rollback_fixture.hpp"

/// A migration that is done goes back to a phase before its cutover, and on again from there.
namespace migrate::test {
namespace {

const RollbackMode& mode_of(const std::string& engine, const std::string& name) {
    for (const RollbackMode& mode : rollback_modes()) {
        if (mode.engine == engine && mode.name == name) {
            return mode;
        }
    }
    throw std::logic_error("there is no such mode");
}

/// Without what says of a run when it was.
Contents rows_of(Contents contents) {
    std::erase_if(contents, [](const auto& one) { return one.first.ends_with("manifest.json"); });
    for (auto& [what, text] : contents) {
        // One file has its manifest before its tables.
        const std::size_t rows = what.ends_with(".json") ? text.find("\n\"tables\": {") : std::string::npos;
        text = rows == std::string::npos ? text : text.substr(rows);
    }
    return contents;
}

struct Fixture {
    TemporaryDirectory directory;
    std::string source = make_rollback_source(directory);
    RollbackTrial trial;
    Contents before;
    Contents after;
    std::string id;

    explicit Fixture(const RollbackMode& mode) : trial(source, mode), before(trial.contents()) {
        REQUIRE_FALSE(trial.migrate(""));
        after = rows_of(trial.contents());
        id = trial.id();
        REQUIRE_FALSE(id.empty());
    }
    [[nodiscard]] CommandResult go_back(unsigned number, const std::string& kill_at = {}) const {
        return trial.run({"rollback", id, "--to", trial.endpoint(), "--to-checkpoint", std::to_string(number),
                          "--execute"},
                         kill_at);
    }
    [[nodiscard]] CommandResult go_on() const { return trial.run({"resume", id}); }
};

bool is_missing(const std::string& engine) {
    return engine == "postgresql" && !pg_test_conninfo();
}

}  // namespace

TEST_CASE("checkpoints: what is done goes back to a phase, and on to the same end", "[fault][rollback]") {
    struct Place {
        std::string engine;
        std::string mode;
    };
    const auto place = GENERATE(values<Place>({{"sqlite", "new"},
                                               {"sqlite", "beside"},
                                               {"sqlite", "replace"},
                                               {"postgresql", "new"},
                                               {"postgresql", "beside"},
                                               {"postgresql", "replace"},
                                               {"json", "new"},
                                               {"json", "beside"},
                                               {"json", "replace"},
                                               {"json", "file, replace"}}));
    if (is_missing(place.engine)) {
        return;
    }
    CAPTURE(place.engine, place.mode);
    const Fixture fixture(mode_of(place.engine, place.mode));
    for (const unsigned number : {8U, 7U, 6U, 5U}) {
        CAPTURE(number);
        const CommandResult back = fixture.go_back(number);
        INFO(back.out << back.err);
        REQUIRE(back.exit_code == 0);
        CHECK(difference_of(fixture.before, fixture.trial.contents()) == "");
        const CommandResult status = fixture.trial.run({"status", fixture.id});
        CHECK_THAT(status.out, Catch::Contains(number == 8 ? "ready" : "interrupted"));
        const CommandResult on = fixture.go_on();
        INFO(on.out << on.err);
        REQUIRE(on.exit_code == 0);
        CHECK(difference_of(fixture.after, rows_of(fixture.trial.contents())) == "");
        CHECK(fixture.trial.id() == fixture.id);
    }
    const CommandResult undone = fixture.trial.run({"rollback", fixture.id, "--execute"});
    INFO(undone.out << undone.err);
    CHECK(undone.exit_code == 0);
    CHECK(difference_of(fixture.before, fixture.trial.contents()) == "");
}

TEST_CASE("checkpoints: from before the schema phase nothing is kept", "[fault][rollback]") {
    const std::string engine = GENERATE(as<std::string>(), "sqlite", "postgresql", "json");
    if (is_missing(engine)) {
        return;
    }
    const Fixture fixture(mode_of(engine, "beside"));
    REQUIRE(fixture.go_back(8).exit_code == 0);
    const CommandResult back = fixture.go_back(4);
    INFO(back.out << back.err);
    CHECK(back.exit_code == 0);
    CHECK(difference_of(fixture.before, fixture.trial.contents()) == "");
    CHECK(fixture.go_on().exit_code != 0);
    CHECK(fixture.trial.leftovers() == std::vector<std::string>{});
}

TEST_CASE("checkpoints: killed on the way back, it has happened or not", "[fault][rollback]") {
    struct Place {
        std::string engine;
        std::string mode;
        std::string point;
    };
    const auto place = GENERATE(values<Place>({{"sqlite", "new", "rollback-rename"},
                                               {"sqlite", "new", "rollback-renamed"},
                                               {"sqlite", "replace", "rollback-staged"},
                                               {"sqlite", "replace", "rollback-commit"},
                                               {"sqlite", "replace", "rollback-committed"},
                                               {"postgresql", "replace", "rollback-commit"},
                                               {"postgresql", "replace", "rollback-committed"},
                                               {"json", "new", "rollback-rename"},
                                               {"json", "new", "rollback-renamed"},
                                               {"json", "replace", "rollback-rename"},
                                               {"json", "replace", "rollback-renamed"}}));
    if (is_missing(place.engine)) {
        return;
    }
    CAPTURE(place.engine, place.mode, place.point);
    const Fixture fixture(mode_of(place.engine, place.mode));
    const CommandResult killed = fixture.go_back(8, place.point);
    INFO(killed.out << killed.err);
    REQUIRE(killed.signal != 0);
    const CommandResult again = fixture.go_back(8);
    INFO(again.out << again.err);
    // 3: it stands there already.
    CHECK((again.exit_code == 0 || again.exit_code == 3));
    CHECK(difference_of(fixture.before, fixture.trial.contents()) == "");
    const CommandResult on = fixture.go_on();
    INFO(on.out << on.err);
    CHECK(on.exit_code == 0);
    CHECK(difference_of(fixture.after, rows_of(fixture.trial.contents())) == "");
}

TEST_CASE("checkpoints: what cannot be gone back to is refused, and why", "[fault][rollback][bad-input]") {
    const Fixture loaded(mode_of("sqlite", "overwrite"));
    const CommandResult merged = loaded.go_back(6);
    CHECK(merged.exit_code == 3);
    CHECK_THAT(merged.err, Catch::Contains("merged into rows of others"));
    CHECK(loaded.go_back(0).exit_code == 2);
    CHECK(loaded.go_back(11).exit_code == 2);
    CHECK(loaded.go_back(9).exit_code == 3);
    CHECK(difference_of(loaded.after, loaded.trial.contents()) == "");

    const Fixture documents(mode_of("json", "documents"));
    const CommandResult put_together = documents.go_back(8);
    CHECK(put_together.exit_code == 3);
    CHECK_THAT(put_together.err, Catch::Contains("staged no longer"));

    const Fixture changed(mode_of("sqlite", "beside"));
    changed.trial.execute("UPDATE author SET born = 1");
    const CommandResult others = changed.go_back(8);
    CHECK(others.exit_code == 3);
    CHECK_THAT(others.err, Catch::Contains("changed since"));
    CHECK(changed.trial.leftovers() == std::vector<std::string>{});
}

TEST_CASE("checkpoints: a run that was killed goes back to its empty tables", "[fault][rollback]") {
    const std::string engine = GENERATE(as<std::string>(), "sqlite", "postgresql", "json");
    if (is_missing(engine)) {
        return;
    }
    CAPTURE(engine);
    const TemporaryDirectory directory;
    const RollbackTrial trial(make_rollback_source(directory), mode_of(engine, "new"));
    REQUIRE(trial.migrate("build-step:2"));
    const std::string id = trial.id();
    const CommandResult ahead = trial.run({"rollback", id, "--to-checkpoint", "7", "--execute"});
    CHECK(ahead.exit_code == 3);
    const CommandResult back = trial.run({"rollback", id, "--to-checkpoint", "5", "--execute"});
    INFO(back.out << back.err);
    REQUIRE(back.exit_code == 0);
    const CommandResult on = trial.run({"resume", id});
    INFO(on.out << on.err);
    CHECK(on.exit_code == 0);
    CHECK_THAT(on.out, !Catch::Contains("begun-anew"));
    CHECK_FALSE(trial.contents().empty());
}

TEST_CASE("checkpoints: a run that the target never knew has none", "[fault][rollback][bad-input]") {
    const std::string engine = GENERATE(as<std::string>(), "sqlite", "postgresql", "json");
    if (is_missing(engine)) {
        return;
    }
    CAPTURE(engine);
    const TemporaryDirectory directory;
    const RollbackTrial trial(make_rollback_source(directory), mode_of(engine, "new"));
    REQUIRE(trial.migrate("staging-begin"));
    const std::vector<std::string> back{"rollback", trial.id(), "--to-checkpoint", "5"};
    std::vector<std::string> execute = back;
    execute.emplace_back("--execute");
    for (const auto& arguments : {back, execute}) {
        const CommandResult none = trial.run(arguments);
        CHECK(none.exit_code == 7);
        CHECK_THAT(none.err, Catch::Contains("has nothing of it staged"));
    }
    CHECK(trial.run({"rollback", trial.id(), "--execute"}).exit_code == 0);
}

TEST_CASE("checkpoints: of JSON that somebody has taken away nothing is undone",
          "[fault][rollback][bad-input]") {
    const std::string mode = GENERATE(as<std::string>(), "new", "replace", "new file", "file, replace");
    CAPTURE(mode);
    const Fixture fixture(mode_of("json", mode));
    // Without "json:" and the slash of a directory.
    std::string path = fixture.trial.endpoint().substr(5);
    path.erase(path.find_last_not_of('/') + 1);
    std::filesystem::remove_all(path);
    const std::vector<std::string> look{"rollback", fixture.id, "--to", fixture.trial.endpoint()};
    std::vector<std::string> execute = look;
    execute.emplace_back("--execute");
    for (const auto& arguments : {look, execute}) {
        const CommandResult gone = fixture.trial.run(arguments);
        INFO(gone.out << gone.err);
        CHECK(gone.exit_code == 7);
        CHECK_THAT(gone.err, Catch::Contains("is no longer at"));
    }
}

TEST_CASE("checkpoints: status lists the phases with their numbers", "[fault][rollback]") {
    const Fixture fixture(mode_of("sqlite", "beside"));
    const CommandResult done = fixture.trial.run({"status", fixture.id, "--json"});
    CHECK_THAT(done.out, Catch::Contains("\"number\": 10"));
    CHECK_THAT(done.out, Catch::Contains("\"phase\": \"cutover\""));
    const CommandResult text = fixture.trial.run({"status", fixture.id});
    CHECK_THAT(text.out, Catch::Contains("NUMBER"));
    REQUIRE(fixture.go_back(6).exit_code == 0);
    const CommandResult back = fixture.trial.run({"status", fixture.id, "--json"});
    // What came after the load is as if it had not been.
    const std::size_t build = back.out.find("\"number\": 7");
    REQUIRE(build != std::string::npos);
    CHECK(back.out.find("\"ended_at\": \"\"", build) < back.out.find("\"number\": 8", build));
}

}  // namespace migrate::test
