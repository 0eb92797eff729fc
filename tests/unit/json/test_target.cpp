#include <cerrno>
#include <filesystem>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "backends/json/file_name.hpp"
#include "backends/json/manifest_source.hpp"
#include "io/fault.hpp"
#include "io/file.hpp"
#include "support/temporary_directory.hpp"
#include "unit/json/json_fixture.hpp"

using namespace migrate;
using namespace migrate::backends::json;
using namespace migrate::test;
namespace fs = std::filesystem;

namespace {

using Rows = std::vector<std::string>;

std::pair<Table, RowBatch> numbers(const std::string& name, std::initializer_list<std::int64_t> values) {
    Table table = make_table(name, {{"id", TypeKind::int64}});
    RowBatch batch = make_batch(table);
    for (const std::int64_t value : values) {
        batch.columns[0].append_fixed(value);
    }
    return {table, std::move(batch)};
}

void migrate_numbers(const std::string& path, const std::string& id, const std::string& name,
                     std::initializer_list<std::int64_t> values) {
    const auto [table, batch] = numbers(name, values);
    JsonTarget target(json_endpoint(path), {});
    migrate_into(target, id, {table}, {batch});
}

Rows rows_at(const std::string& path, const std::string& name) {
    const auto layout = detect_layout(path);
    REQUIRE(layout);
    ManifestSource source(path, *layout);
    source.pin_snapshot(1);
    const Schema schema = source.read_schema({}).schema;
    const Table* table = schema.find_table({"", name});
    REQUIRE(table != nullptr);
    return rows_of(source, *table);
}

backend::TargetPlan plan_of(backend::Target& target, const std::string& id, const Table& table) {
    Schema source;
    source.engine = "sqlite";
    source.tables = {table};
    backend::TargetPlan plan;
    plan.migration = id;
    plan.schema = target.adopt(source, {}).schema;
    return plan;
}

Chunk chunk(std::uint32_t index) {
    Chunk out;
    out.index = index;
    return out;
}

void write_chunk(backend::Target& target, const std::string& id, const RowBatch& batch, std::uint32_t index,
                 std::uint64_t epoch = 1) {
    const auto writer = target.open_writer();
    const auto transaction = writer->begin({id, "o", epoch, 0, chunk(index)}, WriteMode::append);
    transaction->write(batch);
    transaction->record({id, {"", "t"}, chunk(index), batch.row_count(), 0, {}});
    transaction->commit();
}

std::vector<std::string> names_in(const std::string& directory) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory)) {
        names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

bool has_blocker(backend::Target& target, const backend::TargetPlan& plan, const std::string& code) {
    for (const Finding& finding : target.preflight(plan, 0)) {
        if (finding.severity == Severity::blocker && finding.code == code) {
            return true;
        }
    }
    return false;
}

ErrorCode refusal_of(JsonTarget& target, const backend::RollbackRequest& request) {
    try {
        static_cast<void>(target.rollback(request));
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::internal;
}

/// A target with table "first", to which migration m2 has added "second".
struct TwoMigrations {
    explicit TwoMigrations(bool is_file)
        : path(directory.path(is_file ? "f.json" : "d/")),
          shown(directory.path(is_file ? "f.json" : "d")),
          stage(shown + ".migrate-m2"),
          result(stage + (is_file ? "/result.json" : "/tables")) {
        migrate_numbers(path, "m1", "first", {1});
        migrate_numbers(path, "m2", "second", {2});
    }
    /// As a cutover leaves it where the file system has no exchange.
    void keep_as_without_exchange() const { fs::rename(result, result + ".old"); }

    TemporaryDirectory directory;
    std::string path;
    std::string shown;
    std::string stage;
    std::string result;
};

template <class Body>
ErrorCode code_of(Body body) {
    try {
        body();
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::internal;
}

}  // namespace

TEST_CASE("json target: a new directory or file appears whole and leaves nothing beside it",
          "[json][target]") {
    for (const char* name : {"d/", "f.json"}) {
        const TemporaryDirectory directory;
        migrate_numbers(directory.path(name), "m1", "t", {1, 2});
        CHECK(rows_at(directory.path(name), "t") == Rows{"1", "2"});
        CHECK(names_in(directory.path()) ==
              std::vector<std::string>{std::string(name) == "d/" ? "d" : "f.json"});
    }
}

TEST_CASE("json target: tables that were there stay as they were", "[json][target]") {
    for (const char* name : {"d/", "f.json"}) {
        const TemporaryDirectory directory;
        const std::string path = directory.path(name);
        migrate_numbers(path, "m1", "first", {1, 2});
        migrate_numbers(path, "m2", "second", {});
        migrate_numbers(path, "m3", "THIRD", {4});
        CHECK(rows_at(path, "first") == Rows{"1", "2"});
        CHECK(rows_at(path, "second").empty());
        CHECK(rows_at(path, "THIRD") == Rows{"4"});
        JsonTarget target(json_endpoint(path), {});
        const auto recorded = target.recorded_migrations();
        REQUIRE(recorded.size() == 3);
        CHECK(recorded[2].id == "m1");
        CHECK(recorded[0].state == "done");
        CHECK(names_in(directory.path()).size() == 3);
        CHECK(target.finalize("m2") > 0);
        CHECK(target.finalize("m3") > 0);
        CHECK(target.finalize("m3") == 0);
        CHECK(names_in(directory.path()).size() == 1);
        CHECK_THROWS_WITH(target.abandon("m3"), Catch::Contains("is done"));
    }
}

TEST_CASE("json target: preflight names what is in the way", "[json][target][bad-input]") {
    const TemporaryDirectory directory;
    const Table table = numbers("t", {1}).first;
    const auto blocked = [&](const std::string& path, const std::string& code) {
        JsonTarget target(json_endpoint(path), {});
        return has_blocker(target, plan_of(target, "m", table), code);
    };
    migrate_numbers(directory.path("d/"), "m1", "t", {1});
    CHECK(blocked(directory.path("d/"), "table-exists"));
    CHECK(blocked(directory.write("other.json", "{}"), "target-exists"));
    directory.write("full/x.json", "{}");
    CHECK(blocked(directory.path("full/"), "target-exists"));
    CHECK(blocked(directory.path("none/here/"), "directory-missing"));
    fs::create_directory(directory.path("empty"));
    CHECK_FALSE(blocked(directory.path("empty/"), "target-exists"));
    fs::create_symlink(directory.path("other.json"), directory.path("link.json"));
    CHECK(blocked(directory.path("link.json"), "target-is-link"));
    fs::create_directory(directory.path("sub.json"));
    JsonTarget file(json_endpoint(directory.path("sub.json"), {{"layout", "file"}}), {});
    CHECK(has_blocker(file, plan_of(file, "m", table), "target-exists"));
    CHECK_THROWS_WITH(JsonTarget(json_endpoint(directory.path("x"), {{"layout", "columns"}}), {}),
                      Catch::Contains("is no layout that JSON is written in"));
}

TEST_CASE("json target: an empty directory that exists is filled", "[json][target]") {
    const TemporaryDirectory directory;
    fs::create_directory(directory.path("d"));
    migrate_numbers(directory.path("d"), "m1", "t", {5});
    CHECK(rows_at(directory.path("d"), "t") == Rows{"5"});
}

TEST_CASE("json target: a second run on the same target is kept away", "[json][target]") {
    const TemporaryDirectory directory;
    JsonTarget first(json_endpoint(directory.path("d/")), {});
    JsonTarget second(json_endpoint(directory.path("d/")), {});
    first.lock("m1");
    try {
        second.lock("m2");
        FAIL("locked twice");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::locked);
        CHECK(std::string(error.what()).find("migration m1") != std::string::npos);
    }
}

TEST_CASE("json target: what is staged is the run's that took it over last", "[json][target][fencing]") {
    const TemporaryDirectory directory;
    const auto [table, batch] = numbers("t", {1, 2});
    JsonTarget dead(json_endpoint(directory.path("d/")), {});
    const backend::TargetPlan plan = plan_of(dead, "m", table);
    dead.begin(plan);
    write_chunk(dead, "m", batch, 0);
    const auto writer = dead.open_writer();
    JsonTarget other(json_endpoint(directory.path("d/")), {});
    {
        const auto under_way = writer->begin({"m", "o", 1, 0, chunk(1)}, WriteMode::append);
        CHECK(code_of([&] { other.reopen(plan); }) == ErrorCode::locked);
    }
    other.reopen(plan);
    CHECK(code_of([&] {
              writer->begin({"m", "o", 1, 0, chunk(1)}, WriteMode::append);
          }) == ErrorCode::locked);
    CHECK(code_of([&] { dead.mark_ready("{}"); }) == ErrorCode::locked);
    CHECK(code_of([&] { dead.cutover({}); }) == ErrorCode::locked);
    CHECK(code_of([&] { dead.abandon("m"); }) == ErrorCode::locked);
    CHECK_FALSE(fs::exists(directory.path("d")));
    CHECK(other.recorded_migrations().at(0).state == "loading");
    other.mark_ready("{}");
    other.cutover({});
    CHECK(rows_at(directory.path("d"), "t") == Rows{"1", "2"});
}

TEST_CASE("json target: a chunk that was not committed leaves nothing", "[json][target][resume]") {
    const TemporaryDirectory directory;
    const auto [table, batch] = numbers("t", {1, 2});
    const auto other = numbers("t", {3}).second;
    JsonTarget target(json_endpoint(directory.path("d/")), {});
    const backend::TargetPlan plan = plan_of(target, "m", table);
    target.begin(plan);
    write_chunk(target, "m", batch, 0);
    {
        const auto writer = target.open_writer();
        writer->begin({"m", "o", 1, 0, chunk(1)}, WriteMode::append)->write(other);
        CHECK_FALSE(writer->find_checkpoint({"m", "o", 1, 0, chunk(1)}));
    }
    write_chunk(target, "m", other, 2);
    target.cutover({});
    CHECK(rows_at(directory.path("d"), "t") == Rows{"1", "2", "3"});
}

TEST_CASE("json target: an interrupted load goes on after its last checkpoint", "[json][target][resume]") {
    const TemporaryDirectory directory;
    const auto [table, batch] = numbers("t", {1, 2});
    const std::string path = directory.path("f.json");
    backend::TargetPlan plan;
    {
        JsonTarget target(json_endpoint(path), {});
        plan = plan_of(target, "m", table);
        target.begin(plan);
        write_chunk(target, "m", batch, 0);
    }
    directory.write("f.json.migrate-m/tables/t.ndjson",
                    directory.read("f.json.migrate-m/tables/t.ndjson") + "{\"id\":7");
    JsonTarget target(json_endpoint(path), {});
    REQUIRE(target.recorded_migrations().size() == 1);
    CHECK(target.recorded_migrations()[0].state == "loading");
    target.reopen(plan);
    const auto found = target.open_writer()->find_checkpoint({"m", "o", 2, 0, chunk(0)});
    REQUIRE(found);
    CHECK(found->rows == 2);
    CHECK_THROWS_WITH(write_chunk(target, "m", batch, 1, 1), Catch::Contains("another run has taken"));
    write_chunk(target, "m", batch, 1, 2);
    target.cutover({});
    CHECK(rows_at(path, "t") == Rows{"1", "2", "1", "2"});
}

TEST_CASE("json target: staging that was tampered with is not gone on with", "[json][target][resume]") {
    const TemporaryDirectory directory;
    const auto [table, batch] = numbers("t", {1, 2});
    JsonTarget target(json_endpoint(directory.path("d/")), {});
    const backend::TargetPlan plan = plan_of(target, "m", table);
    target.begin(plan);
    write_chunk(target, "m", batch, 0);
    directory.write("d.migrate-m/tables/t.ndjson", "{\"id\":9}\n{\"id\":9}\n");
    CHECK_THROWS_WITH(target.reopen(plan), Catch::Contains("is not what its checkpoints say"));
    target.abandon("m");
    CHECK(names_in(directory.path()).empty());
}

TEST_CASE("json target: only what is not done is abandoned, and only what is done is made final",
          "[json][target]") {
    for (const char* name : {"d/", "f.json"}) {
        const TemporaryDirectory directory;
        const std::string path = directory.path(name);
        const auto [table, batch] = numbers("t", {1, 2});
        {
            JsonTarget target(json_endpoint(path), {});
            target.begin(plan_of(target, "m", table));
            write_chunk(target, "m", batch, 0);
            CHECK_THROWS_WITH(target.finalize("m"), Catch::Contains("is loading, not done"));
            target.open_staging();
            target.mark_ready("{}");
        }
        JsonTarget target(json_endpoint(path), {});
        CHECK_THROWS_WITH(target.finalize("m"), Catch::Contains("is ready, not done"));
        CHECK_THROWS_WITH(target.rollback({"m", {}, {true, false}}), Catch::Contains("is ready, not done"));
        CHECK(target.recorded_migrations().at(0).state == "ready");
        target.abandon("m");
        CHECK(names_in(directory.path()).empty());

        migrate_numbers(path, "m1", "t", {1});
        CHECK(target.rollback({"m1", {}, {true, false}}).executed);
        CHECK_THROWS_WITH(target.abandon("m1"), Catch::Contains("is rolled back"));
        CHECK(target.recorded_migrations().at(0).state == "rolled_back");
        CHECK(target.rollback({"m1", {}, {true, false}}).was_rolled_back);
        CHECK(target.finalize("m1") > 0);
        CHECK_THROWS_WITH(target.rollback({"m1", {}, {true, false}}), Catch::Contains("does not know"));
    }
}

TEST_CASE("json target: what somebody has taken away is not rolled back", "[json][target][bad-input]") {
    for (const bool is_file : {false, true}) {
        const TwoMigrations two(is_file);
        fs::remove_all(two.shown);
        JsonTarget target(json_endpoint(two.path), {});
        for (const bool execute : {false, true}) {
            CHECK(refusal_of(target, {"m2", {}, {execute, false}}) == ErrorCode::not_found);
        }
        CHECK_THROWS_WITH(target.rollback({"m2", {}, {true, false}}), Catch::Contains("is no longer at"));
        CHECK(rows_at(two.result, "first") == Rows{"1"});
    }
}

TEST_CASE("json target: a rollback that was killed between two renames is finished, and loses nothing",
          "[json][target]") {
    for (const bool is_file : {false, true}) {
        for (const bool was_put_back : {false, true}) {
            const TwoMigrations two(is_file);
            two.keep_as_without_exchange();
            fs::rename(two.shown, two.result + ".old.undone");
            if (was_put_back) {
                fs::rename(two.result + ".old", two.shown);
            }
            JsonTarget target(json_endpoint(two.path), {});
            CHECK_THROWS_WITH(target.rollback({"m2", {}, {false, false}}),
                              Catch::Contains("was interrupted"));
            target.lock("m2");
            CHECK(target.rollback({"m2", {}, {true, false}}).was_rolled_back);
            CHECK(target.existing_tables().size() == 1);
            CHECK(rows_at(two.result + ".old", "second") == Rows{"2"});
            CHECK(target.finalize("m2") > 0);
            CHECK(rows_at(two.path, "first") == Rows{"1"});
        }
    }
}

TEST_CASE("json target: without an exchange what replaced something is not staged again",
          "[json][target][bad-input]") {
    for (const bool is_file : {false, true}) {
        const TwoMigrations two(is_file);
        two.keep_as_without_exchange();
        JsonTarget target(json_endpoint(two.path), {});
        const backend::TargetPlan plan = plan_of(target, "m2", numbers("second", {2}).first);
        for (const bool execute : {false, true}) {
            CHECK(refusal_of(target, {"m2", {}, {execute, false}, plan}) == ErrorCode::unsupported);
        }
        CHECK(rows_at(two.path, "second") == Rows{"2"});
        CHECK(rows_at(two.result + ".old", "first") == Rows{"1"});
        CHECK(target.rollback({"m2", {}, {true, false}}).executed);
        CHECK(rows_at(two.path, "first") == Rows{"1"});
    }
}

TEST_CASE("json target: dead letters are kept, even after finalize", "[json][target]") {
    const TemporaryDirectory directory;
    const auto [table, batch] = numbers("t", {1});
    JsonTarget target(json_endpoint(directory.path("d/")), {});
    target.begin(plan_of(target, "m", table));
    {
        const auto writer = target.open_writer();
        const auto transaction = writer->begin({"m", "o", 1, 0, {}}, WriteMode::append);
        transaction->write(batch);
        transaction->write_dead_letter({"", "t"}, {4, "k", "id", "too \"long\"", "{\"id\":\"x\"}"});
        transaction->record({"m", {"", "t"}, {}, 1, 1, {}});
        transaction->commit();
    }
    target.cutover({});
    CHECK(target.finalize("m") == 0);
    CHECK(
        directory.read("d.migrate-m/state/dead_letters.ndjson") ==
        R"({"table":"t","chunk":0,"ordinal":4,"key":"k","column":"id","reason":"too \"long\"","row":"{\"id\":\"x\"}"})"
        "\n");
    std::vector<DeadLetter> letters;
    target.dead_letters("m", [&](const DeadLetter& letter) { letters.push_back(letter); });
    REQUIRE(letters.size() == 1);
    CHECK(letters[0].table == "t");
    CHECK(letters[0].ordinal == 4);
    CHECK(letters[0].row == R"({"id":"x"})");
}

TEST_CASE("json target: code of the source is left out by name, declarations are recorded",
          "[json][target]") {
    const TemporaryDirectory directory;
    Schema source;
    source.engine = "sqlite";
    source.tables = {make_table("t", {{"id", TypeKind::int64}, {"x", LogicalType::decimal(12, 2)}})};
    Table& table = source.tables[0];
    table.primary_key = Key{};
    table.primary_key->columns = {"id"};
    table.columns[1].default_sql = "1 + 1";
    table.columns[0].identity = IdentityValue{};
    table.columns[0].identity->next = 17;
    ForeignKey self;
    self.columns = {"id"};
    self.referenced_table = {"", "t"};
    self.on_delete = ReferenceAction::cascade;
    table.foreign_keys = {self};
    Index plain;
    plain.name = "t_x";
    plain.parts = {{"x", "", "", "", true, std::nullopt}};
    Index expression = plain;
    expression.parts[0].column.clear();
    expression.parts[0].expression = "lower(x)";
    table.indexes = {plain, expression};
    source.objects = {{"view", {"", "v"}, "", "", {}, ""}, {"trigger", {"", "g"}, "t", "", {}, ""}};
    JsonTarget target(json_endpoint(directory.path("d/")), {});
    backend::AdoptOptions options;
    options.skip_kinds = {"trigger"};
    const backend::Adoption adoption = target.adopt(source, options);
    REQUIRE(adoption.findings.size() == 3);
    CHECK(adoption.findings[1].severity == Severity::left_out);
    CHECK(adoption.findings[1].object == "view v");
    CHECK(adoption.findings[2].severity == Severity::excluded);
    RowBatch batch = make_batch(table);
    migrate_into(target, "m", {table}, {batch});
    ManifestSource back(directory.path("d"), Layout::tables);
    const Table found = back.read_schema({}).schema.tables.at(0);
    CHECK(found.primary_key == table.primary_key);
    CHECK(found.foreign_keys == table.foreign_keys);
    CHECK(found.columns[0].identity == table.columns[0].identity);
    CHECK(found.columns[1].type == table.columns[1].type);
    CHECK(found.indexes == std::vector<Index>{plain});
}

TEST_CASE("json target: file names are safe and different", "[json][target][names]") {
    FileNames names;
    names.reserve("manifest.json");
    CHECK(names.assign({"", "album"}) == "album.ndjson");
    CHECK(names.assign({"", "ALBUM"}) == "ALBUM~2.ndjson");
    CHECK(names.assign({"s", "t"}) == "s.t.ndjson");
    CHECK(names.assign({"", "s.t"}) == "s%2Et.ndjson");
    CHECK(names.assign({"", ".."}) == "%2E%2E.ndjson");
    CHECK(names.assign({"", "a/b\n"}) == "a%2Fb%0A.ndjson");
    CHECK(names.assign({"", std::string("n\0l", 3)}) == "n%00l.ndjson");
    const std::string longest(400, 'x');
    CHECK(names.assign({"", longest + "1"}).size() < 255);
    CHECK(names.assign({"", longest + "1"}) != names.assign({"", longest + "2"}));
}

TEST_CASE("json target: tables with names that are no file names come back", "[json][target][names]") {
    const TemporaryDirectory directory;
    for (const char* name : {"../escape", ".", "a/b", "t\n", "\u00e9", "manifest", "x.json"}) {
        migrate_numbers(directory.path("d/"), "m" + std::to_string(rand()), name, {1});
    }
    CHECK(names_in(directory.path("d")).size() == 8);
    CHECK(rows_at(directory.path("d"), "../escape") == Rows{"1"});
    CHECK(rows_at(directory.path("d"), "t\n") == Rows{"1"});
}

TEST_CASE("json target: a manifest that is damaged, of another version or points outside is refused",
          "[json][bad-input]") {
    const TemporaryDirectory directory;
    migrate_numbers(directory.path("d/"), "m1", "t", {1});
    const std::string sealed = directory.read("d/manifest.json");
    // As one that was edited on purpose: what it says then counts.
    std::string good = sealed;
    good.erase(good.rfind(",\n \"checksum\""), sealed.rfind('}') - sealed.rfind(",\n \"checksum\""));
    const auto error_with = [&](const std::string& from, const std::string& to) -> std::string {
        std::string bad = good;
        bad.replace(bad.find(from), from.size(), to);
        directory.write("d/manifest.json", bad);
        try {
            ManifestSource(directory.path("d"), Layout::tables);
        } catch (const Error& error) {
            return to_string(error.code()) + ": " + error.what();
        }
        return "accepted";
    };
    CHECK(error_with("t.ndjson", "x/../../t").find("outside its directory") != std::string::npos);
    CHECK(error_with("\"version\": 1", "\"version\": 99").find("later version") != std::string::npos);
    CHECK(error_with("\"int64\"", "\"int65\"").find("a type that is not known") != std::string::npos);
    CHECK(error_with(good, good.substr(0, good.size() / 2)).find("malformed: ") == 0);
    directory.write("d/manifest.json", good);
    directory.write("d/t.ndjson", "{\"id\":1}\n{\"id\":\"x\"}\n{\"no\":1}\n[]\n{\"id\":5}\n");
    ManifestSource source(directory.path("d"), Layout::tables);
    const Schema schema = source.read_schema({}).schema;
    std::vector<RejectedRow> rejects;
    CHECK(rows_of(source, schema.tables[0], {}, &rejects) == Rows{"1", "5"});
    REQUIRE(rejects.size() == 3);
    CHECK(rejects[0].column == "id");
    const std::vector<Finding> findings = source.check(schema);
    REQUIRE(findings.size() == 2);
    CHECK(findings[0].code == "rows-damaged");
    CHECK(findings[0].count == 3);
    CHECK(findings[1].code == "row-count-changed");
    CHECK(findings[1].count == 5);
}

#ifdef MIGRATE_FAULT_POINTS
TEST_CASE("json target: an exchange that is not offered leaves what was to be staged again shown",
          "[json][target][fault]") {
    for (const bool is_file : {false, true}) {
        const TwoMigrations two(is_file);
        JsonTarget target(json_endpoint(two.path), {});
        const backend::TargetPlan plan = plan_of(target, "m2", numbers("second", {2}).first);
        io::clear_faults();
        io::fail_nth(io::FaultPoint::rename, 2, {EINVAL, false});  // The first writes the state.
        CHECK(refusal_of(target, {"m2", {}, {true, false}, plan}) == ErrorCode::unsupported);
        io::clear_faults();
        CHECK(read_state(two.stage).value().migrations.front().state == "done");
        CHECK(rows_at(two.path, "second") == Rows{"2"});
        CHECK(rows_at(two.result, "first") == Rows{"1"});
        CHECK(target.rollback({"m2", {}, {true, false}, plan}).executed);
        CHECK(read_state(two.stage).value().migrations.front().state == "ready");
    }
}

TEST_CASE("json target: a failure at any write, sync or rename leaves the target as it was",
          "[json][target][fault]") {
    for (const char* name : {"d/", "f.json"}) {
        for (const io::FaultPoint point :
             {io::FaultPoint::write, io::FaultPoint::sync, io::FaultPoint::rename}) {
            int failures = 0;
            for (std::uint64_t nth = 1; nth < 60; ++nth) {
                const TemporaryDirectory directory;
                const std::string path = directory.path(name);
                migrate_numbers(path, "m1", "kept", {1});
                const auto [table, batch] = numbers("t", {2});
                io::clear_faults();
                io::fail_nth(point, nth, {ENOSPC, false});
                bool failed = false;
                try {
                    JsonTarget target(json_endpoint(path), {});
                    migrate_into(target, "m2", {table}, {batch});
                } catch (const Error&) {
                    failed = true;
                }
                io::clear_faults();
                CHECK(rows_at(path, "kept") == Rows{"1"});
                if (!failed) {
                    CHECK(rows_at(path, "t") == Rows{"2"});
                    break;
                }
                ++failures;
                JsonTarget target(json_endpoint(path), {});
                const bool is_shown = target.existing_tables().size() == 2;
                if (!is_shown) {
                    target.abandon("m2");
                    CHECK(names_in(directory.path()).size() == 1);
                }
            }
            CHECK(failures > 0);
            CHECK(failures < 59);
        }
    }
}
#endif
