#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>
#include <migrate/migration_plan.hpp>
#include <migrate/migrator.hpp>

#include "backends/json/checkpoint_file.hpp"
#include "backends/json/manifest.hpp"
#include "fault/fault_trial.hpp"
#include "support/compare_databases.hpp"
#include "support/file_tree.hpp"
#include "support/random.hpp"
#include "support/sqlite.hpp"

/// Each byte of what a migration keeps is changed in turn: that does no harm, or it is refused with an error.
namespace migrate::test {
namespace {

namespace fs = std::filesystem;

void put(const fs::path& path, const std::string& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

/// One bit of a byte, so that letters become letters and digits digits, and the case of letters.
const std::vector<unsigned char> k_bits{0x01, 0x02, 0x20, 0x80};

/// Gives each text with one byte changed to `read`, which says what it makes of it; what is read without an
/// error must be what the whole text gives. Returns how many there were.
template <class Read>
std::size_t flip_each(const std::string& text, Read read) {
    const std::string whole = read(text);
    std::size_t refused = 0;
    std::size_t flips = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        for (const unsigned char bit : {k_bits[at % k_bits.size()]}) {
            std::string flipped = text;
            flipped[at] = static_cast<char>(static_cast<unsigned char>(flipped[at]) ^ bit);
            ++flips;
            try {
                const std::string got = read(flipped);
                if (got != whole) {
                    FAIL("byte " << at << " of " << text.size() << ", bit " << int{bit} << ": …"
                                 << flipped.substr(at < 30 ? 0 : at - 30, 60) << "…");
                }
            } catch (const Error& error) {
                REQUIRE(std::string(error.what()).size() > 10);
                REQUIRE(error.code() != ErrorCode::internal);
                ++refused;
            }
        }
    }
    CHECK(refused > flips * 8 / 10);
    return flips;
}

std::string without_seal(std::string text) {
    const std::size_t seal = text.find("\"checksum\"");
    return seal == std::string::npos ? text : text.substr(0, seal);
}

/// A database with most of what a schema can say, small.
std::string make_source(const TemporaryDirectory& directory) {
    const std::string file = directory.path("source.db");
    SqliteDatabase(file).exec(
        "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, at DATETIME DEFAULT "
        "CURRENT_TIMESTAMP);"
        "CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id) ON DELETE "
        "CASCADE, price "
        "DECIMAL(8,2) CHECK (price > 0));"
        "CREATE INDEX child_price ON child (price) WHERE price > 5;"
        "INSERT INTO parent VALUES (1, 'a', '2024-02-29 12:00:00'), (2, 'b', '2024-03-01 00:00:00');"
        "INSERT INTO child VALUES (1, 1, 1.25), (2, 2, 9.5), (3, 2, 7)");
    return file;
}

Endpoint endpoint_of(const std::string& text) {
    return parse_endpoint(text, true);
}

}  // namespace

TEST_CASE("fault: each byte of a saved plan flipped", "[fault][flip]") {
    const TemporaryDirectory directory;
    CrossDatabaseMigrator migrator{MigratorConfig{}};
    const MigrationPlan plan =
        migrator.plan_migration({endpoint_of("sqlite:" + make_source(directory))},
                                {endpoint_of("sqlite:" + directory.path("target.db"))});
    flip_each(render_json(plan),
              [](const std::string& text) { return without_seal(render_json(parse_plan(text))); });
    note_fault("flip", "each byte of a saved plan", "sqlite", "sqlite");
}

TEST_CASE("fault: each byte of a manifest flipped", "[fault][flip]") {
    const TemporaryDirectory directory;
    const std::string target = directory.path("target");
    const CommandResult made = run_cli({"migrate", "--from", make_source(directory), "--to",
                                        "json:" + target + "/", "--execute", "--audit", "none"});
    INFO(made.out << made.err);
    REQUIRE((made.exit_code == 0 || made.exit_code == 5));
    using namespace backends::json;
    flip_each(content_of(target + "/manifest.json"), [](const std::string& text) {
        return without_seal(render_manifest(parse_manifest(text, "m")));
    });
    note_fault("flip", "each byte of a manifest", "sqlite", "json");
}

TEST_CASE("fault: each byte of a JSON checkpoint flipped", "[fault][flip]") {
    using namespace backends::json;
    CheckpointFile one;
    one.checkpoint.migration = "0123456789ab";
    one.checkpoint.table = {"s", "t"};
    one.checkpoint.chunk.kind = ChunkKind::rowid_range;
    one.checkpoint.chunk.first = 1;
    one.checkpoint.chunk.last = 200;
    one.checkpoint.rows = 100;
    one.checkpoint.digest =
        parse_digest("xxh3:1:000000000000000074c390efb5876b78:0000000000000000d3a1ccb60a0d269c");
    one.file = "t.ndjson";
    one.size = 4096;
    one.hash = "0123456789abcdef";
    flip_each(render_checkpoint(one), [](const std::string& text) {
        return without_seal(render_checkpoint(parse_checkpoint(text, "c")));
    });
    note_fault("flip", "each byte of a checkpoint", "sqlite", "json");
}

namespace {

/// Files below a directory that hold the state of a migration which was killed.
std::vector<std::string> state_files(const std::string& engine, const fs::path& directory) {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
        const std::string path = fs::relative(entry.path(), directory).string();
        const bool is_state = engine == "sqlite" ? path.starts_with(".target.db.migrate-")
                                                 : path.find(".migrate-") != std::string::npos;
        if (entry.is_regular_file() && is_state && !path.ends_with(".migrate-lock") &&
            !path.ends_with("-journal")) {
            found.push_back(path);
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

/// Takes up what stands in a copy of the killed run's directory, with one byte of one file flipped.
void resume_flipped(const std::string& engine, const std::string& source, const fs::path& killed,
                    const std::string& file, std::size_t at) {
    const TemporaryDirectory copy;
    fs::copy(killed, copy.path(), fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    std::string content = content_of(fs::path(copy.path()) / file);
    content[at] = static_cast<char>(static_cast<unsigned char>(content[at]) ^ 0x01U);
    put(fs::path(copy.path()) / file, content);
    const std::string target =
        engine == "sqlite" ? "sqlite:" + copy.path("target.db") : "json:" + copy.path("target") + "/";
    INFO(file << ", byte " << at << " of " << content.size());
    CrossDatabaseMigrator migrator{MigratorConfig{}};
    ResumeOptions options;
    options.to = endpoint_of(target);
    int exit_code = -1;
    std::string said;
    try {
        const MigrationResult result = migrator.resume_migration("", options);
        exit_code = result.exit_code();
        said = result.failure;
    } catch (const Error& error) {
        exit_code = exit_code_of(error.code());
        said = error.what();
    }
    INFO("exit code " << exit_code << ": " << said);
    REQUIRE(exit_code != 1);
    if (exit_code == 0) {
        const CompareResult compared = compare_databases("sqlite:" + source, target);
        for (const std::string& difference : compared.differences) {
            UNSCOPED_INFO(difference);
        }
        REQUIRE(compared.equal());
    } else {
        REQUIRE(said.size() > 10);
    }
}

}  // namespace

TEST_CASE("fault: bytes of what a killed run has staged flipped", "[fault][flip]") {
    const std::string engine = GENERATE(as<std::string>(), "sqlite", "json");
    CAPTURE(engine);
    const TemporaryDirectory killed;
    const TemporaryDirectory elsewhere;
    const std::string source = elsewhere.path("source.db");
    SqliteDatabase(source).exec(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT NOT NULL); WITH RECURSIVE n(i) AS (SELECT 1 UNION "
        "ALL SELECT i + 1 "
        "FROM n WHERE i < 400) INSERT INTO t SELECT i, 'value ' || i FROM n; CREATE INDEX t_v ON t (v)");
    CommandOptions options;
    options.environment["MIGRATE_KILL_AT"] = "chunk-committed:3";
    const std::string target =
        engine == "sqlite" ? "sqlite:" + killed.path("target.db") : "json:" + killed.path("target") + "/";
    REQUIRE(run_cli({"migrate", "--from", source, "--to", target, "--execute", "--chunk-rows", "100",
                     "--audit", "none", "--source-backup", "never"},
                    options)
                .signal == SIGKILL);
    const std::vector<std::string> files = state_files(engine, killed.path());
    REQUIRE(files.size() >= (engine == "sqlite" ? 1 : 4));
    Random random(std::hash<std::string>()(engine));
    for (const std::string& file : files) {
        const std::size_t size = fs::file_size(fs::path(killed.path()) / file);
        const int most = engine == "sqlite" ? 60 : 20;
        for (int i = 0; i < most && size > 0; ++i) {
            resume_flipped(engine, source, killed.path(), file,
                           static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(size) - 1)));
        }
    }
    note_fault("flip", "bytes of what is staged", "sqlite", engine);
}

TEST_CASE("fault: bytes of the index of migrations flipped", "[fault][flip]") {
    const auto source = KillSource::make("sqlite");
    Random random(7);
    for (int i = 0; i < 12; ++i) {
        const KillTarget target("sqlite", false);
        const std::vector<std::string> migrate{"migrate",         "--from",    source->endpoint(), "--to",
                                               target.endpoint(), "--execute", "--chunk-rows",     "100"};
        REQUIRE(target.run(migrate, "chunk-committed:3").signal == SIGKILL);
        const fs::path index = target.state_file();
        std::string content = content_of(index);
        REQUIRE_FALSE(content.empty());
        const auto at =
            static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(content.size()) - 1));
        content[at] = static_cast<char>(static_cast<unsigned char>(content[at]) ^ 0x01U);
        put(index, content);
        INFO("byte " << at << " of " << content.size());
        // The target is the authority: what the index says wrongly stops nobody who names it.
        CommandResult resumed = target.run({"resume", "--to", target.endpoint()});
        if (resumed.exit_code != 0) {
            INFO(resumed.out << resumed.err);
            REQUIRE(resumed.exit_code > 1);
            fs::remove(index);
            for (const char* beside : {"-wal", "-shm"}) {
                fs::remove(index.string() + beside);
            }
            resumed = target.run({"resume", "--to", target.endpoint()});
        }
        INFO(resumed.out << resumed.err);
        REQUIRE(resumed.exit_code == 0);
        REQUIRE(compare_databases(source->endpoint(), target.endpoint()).equal());
    }
    note_fault("flip", "bytes of the index of migrations", "sqlite", "sqlite");
}

}  // namespace migrate::test
