#include <algorithm>
#include <cerrno>
#include <exception>
#include <filesystem>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "backends/json/key_places.hpp"
#include "backends/json/letter_spill.hpp"
#include "backends/json/row_spans.hpp"
#include "io/fault.hpp"
#include "model/canonical.hpp"
#include "support/file_tree.hpp"
#include "support/json_rows.hpp"
#include "support/temporary_directory.hpp"
#include "unit/json/json_fixture.hpp"

using namespace migrate;
using namespace migrate::backends::json;
using namespace migrate::test;
namespace fs = std::filesystem;

namespace {

using Rows = std::vector<std::string>;

Rows columns_of(const std::vector<DeadLetter>& letters) {
    Rows out;
    for (const DeadLetter& letter : letters) {
        out.push_back(std::to_string(letter.chunk) + "." + std::to_string(letter.ordinal) + " " +
                      letter.reason);
    }
    return out;
}

DeadLetter letter_at(std::int64_t chunk, std::uint64_t ordinal, const std::string& reason = "r") {
    return {"t", chunk, ordinal, "", "id", reason, "{}", false};
}

Rows spans_of(const RowRange& range) {
    Rows out;
    RowSpans spans(range);
    const std::string text = content_of(range.path);
    while (spans.next()) {
        out.push_back(text.substr(spans.begin(), spans.end() - spans.begin()));
    }
    return out;
}

Table numbers() {
    Table table = make_table("t", {{"id", TypeKind::int64}, {"n", TypeKind::int64}});
    table.columns[0].nullable = false;
    table.primary_key.emplace().columns = {"id"};
    return table;
}

RowBatch row_of(std::int64_t id, std::optional<std::int64_t> n) {
    RowBatch row = make_batch(numbers());
    row.columns[0].append_fixed(id);
    if (n) {
        row.columns[1].append_fixed(*n);
    } else {
        row.columns[1].append_null();
    }
    return row;
}

/// A target with rows 1, 2 and 3, where 2 has NULL, and letters for that and for rows 4 and 5.
struct Migrated {
    explicit Migrated(bool is_file)
        : path(directory.path(is_file ? "f.json" : "d")),
          endpoint(json_endpoint(path + (is_file ? "" : "/"))) {
        JsonTarget target(endpoint, {});
        Schema source;
        source.engine = "sqlite";
        source.tables = {numbers()};
        plan.migration = "m1";
        plan.schema = target.adopt(source, {}).schema;
        target.lock("m1");
        target.begin(plan);
        const auto transaction = target.open_writer()->begin({"m1", "owner", 1, 0, {}}, WriteMode::append);
        Checkpoint checkpoint{"m1", {"", "t"}, {}, 3, 2, {}};
        for (const RowBatch& row : {row_of(1, 10), row_of(2, std::nullopt), row_of(3, 30)}) {
            transaction->write(row);
            model::digest_rows(row, checkpoint.digest);
        }
        for (const std::uint64_t ordinal : {1U, 3U, 4U}) {
            RejectedRow reject;
            reject.ordinal = ordinal;
            reject.reason = "no";
            reject.row = "{}";
            reject.kept = ordinal == 1;
            transaction->write_dead_letter({"", "t"}, reject);
        }
        transaction->record(checkpoint);
        transaction->commit();
        target.open_staging();
        target.mark_ready("account 1");
        target.cutover({});
    }

    /// All letters but the last.
    void retry() const {
        JsonTarget target(endpoint, {});
        target.lock("m1");
        const auto retry = target.retry_letters(plan);
        for (const DeadLetter& letter : retry->letters(0, std::nullopt, 2)) {
            if (letter.kept) {
                retry->fill(0, row_of(2, 20), {1});
            } else {
                retry->insert(0, row_of(4, 40));
            }
            retry->remove(0, letter);
        }
        retry->commit("account 2");
    }
    [[nodiscard]] std::size_t letters() const {
        std::size_t count = 0;
        JsonTarget(endpoint, {}).dead_letters("m1", [&](const DeadLetter&) { ++count; });
        return count;
    }
    [[nodiscard]] std::string account() const {
        return JsonTarget(endpoint, {}).recorded_migrations().at(0).plan_json;
    }
    /// True for the new state, false for the old; anything else fails.
    [[nodiscard]] bool is_new() const {
        const Rows rows = json_rows(path, "t");
        const bool is_new = rows.size() == 4;
        const Rows expected =
            is_new ? Rows{R"({"id":"1","n":"10"})", R"({"id":"2","n":"20"})", R"({"id":"3","n":"30"})",
                          R"({"id":"4","n":"40"})"}
                   : Rows{R"({"id":"1","n":"10"})", R"({"id":"2","n":null})", R"({"id":"3","n":"30"})"};
        CHECK(rows == expected);
        CHECK(letters() == (is_new ? 1 : 3));
        CHECK(json_account(path, "t").starts_with(is_new ? "4 xxh3:4:" : "3 xxh3:3:"));
        return is_new;
    }
    [[nodiscard]] bool is_tidy() const {
        const auto files = file_tree(path + ".migrate-m1");
        return std::none_of(files.begin(), files.end(), [](const auto& one) {
            return one.first.starts_with("retry") || one.first.find("dead_letters-") != std::string::npos ||
                   one.first.find("migration-") != std::string::npos;
        });
    }

    TemporaryDirectory directory;
    std::string path;
    Endpoint endpoint;
    backend::TargetPlan plan;
};

}  // namespace

TEST_CASE("json key places: keys are found in memory and in runs, the last of equal ones", "[json][retry]") {
    for (const std::size_t run : {4U, 1000U}) {
        KeyPlaces places("/tmp", run, 3);
        for (std::uint64_t i = 0; i < 50; ++i) {
            places.add("k" + std::to_string(i), i);
        }
        CHECK(places.find("k0") == 0U);
        CHECK(places.find("k49") == 49U);
        CHECK_FALSE(places.find("k50"));
        for (std::uint64_t i = 40; i < 60; ++i) {
            places.add("k" + std::to_string(i), i + 100);
        }
        for (std::uint64_t i = 0; i < 60; ++i) {
            CHECK(places.find("k" + std::to_string(i)) == (i < 40 ? i : i + 100));
        }
        CHECK_FALSE(places.find(""));
    }
}

TEST_CASE("json letter spill: letters are gone through again and again, without those taken out",
          "[json][retry]") {
    LetterSpill letters("/tmp");
    for (const DeadLetter& letter : {letter_at(1, 0), letter_at(0, 7), letter_at(0, 300), letter_at(-1, 2)}) {
        letters.add(letter);
    }
    const auto first = letters.page(std::nullopt, 3);
    CHECK(columns_of(first) == Rows{"-1.2 r", "0.7 r", "0.300 r"});
    letters.refuse(letter_at(0, 7, "other"));
    letters.remove(letter_at(0, 300));
    CHECK(columns_of(letters.page(LetterSpill::Place{0, 300}, 3)) == Rows{"1.0 r"});
    CHECK(letters.page(LetterSpill::Place{1, 0}, 3).empty());
    CHECK(columns_of(letters.page(std::nullopt, 9)) == Rows{"-1.2 r", "0.7 other", "1.0 r"});
    // Begun again before it was at the end.
    CHECK(columns_of(letters.page(std::nullopt, 1)) == Rows{"-1.2 r"});
    CHECK(columns_of(letters.page(LetterSpill::Place{-1, 2}, 1)) == Rows{"0.7 other"});
    CHECK_THROWS_AS(letters.page(LetterSpill::Place{-1, 2}, 1), Error);
    Rows lines;
    letters.take([&](const std::string& line) { lines.push_back(line); });
    CHECK(lines.size() == 3);
    CHECK(lines[1].find("\"reason\":\"other\"") != std::string::npos);
    CHECK(lines[1].back() == '\n');
}

TEST_CASE("json row spans: rows stand where they say, in lines and in arrays", "[json][retry]") {
    const TemporaryDirectory directory;
    RowRange lines;
    lines.path = directory.write("a.ndjson", "{\"a\":1}\n\n  {\"a\": 2}  \r\n{\"a\":3}");
    CHECK(spans_of(lines) == Rows{"{\"a\":1}", "{\"a\": 2}", "{\"a\":3}"});
    RowSpans all(lines);
    while (all.next()) {
    }
    CHECK_FALSE(all.ends_line());
    lines.path = directory.write("b.ndjson", "{\"a\":1} {\"a\":2}\n");
    CHECK_THROWS_AS(spans_of(lines), Error);
    lines.path = directory.write("c.ndjson", "{\"a\":\n1}\n");
    CHECK_THROWS_AS(spans_of(lines), Error);
    std::string many;
    Rows expected;
    for (int i = 0; i < 40000; ++i) {
        expected.push_back("{\"a\":" + std::to_string(i) + "}");
        many += expected.back() + "\n";
    }
    lines.path = directory.write("d.ndjson", many);
    CHECK(spans_of(lines) == expected);
    const std::string text = "{\"x\": [\n{\"a\":1},\n  {\"a\":\n2}\n ]}";
    CHECK(spans_of({directory.write("e.json", text), 6, text.size() - 1, 1, {}, true}) ==
          Rows{"{\"a\":1}", "{\"a\":\n2}"});
}

TEST_CASE("json letter retry: rows, letters, account and digest change together", "[json][retry]") {
    for (const bool is_file : {false, true}) {
        CAPTURE(is_file);
        const Migrated migrated(is_file);
        REQUIRE_FALSE(migrated.is_new());
        migrated.retry();
        CHECK(migrated.is_new());
        CHECK(migrated.is_tidy());
        CHECK(migrated.account() == "account 2");
        JsonTarget target(migrated.endpoint, {});
        target.lock("m1");
        const backend::RollbackRequest undo{"m1", {}, {true, false}, {}};
        CHECK(target.rollback(undo).executed);
        CHECK_FALSE(fs::exists(migrated.path));
    }
}

TEST_CASE("json letter retry: a row is filled twice, each column once, and one that is gone is refused",
          "[json][retry]") {
    for (const bool is_file : {false, true}) {
        CAPTURE(is_file);
        const Migrated migrated(is_file);
        JsonTarget target(migrated.endpoint, {});
        target.lock("m1");
        const auto retry = target.retry_letters(migrated.plan);
        CHECK_THROWS_AS(retry->fill(0, row_of(9, 90), {1}), Error);
        CHECK_THROWS_AS(retry->fill(0, row_of(1, 90), {1}), Error);
        const auto letter = retry->letters(0, std::nullopt, 1).at(0);
        retry->fill(0, row_of(2, std::nullopt), {1});
        retry->fill(0, row_of(2, 20), {1});
        CHECK_THROWS_AS(retry->fill(0, row_of(2, 21), {1}), Error);
        retry->insert(0, row_of(6, std::nullopt));
        CHECK_THROWS_AS(retry->fill(0, row_of(6, 60), {1}), Error);  // no row that was kept
        CHECK_THROWS_AS(retry->insert(0, row_of(6, 60)), Error);
        retry->remove(0, letter);
        retry->commit("account 2");
        CHECK(json_rows(migrated.path, "t") == Rows{R"({"id":"1","n":"10"})", R"({"id":"2","n":"20"})",
                                                    R"({"id":"3","n":"30"})", R"({"id":"6","n":null})"});
        CHECK(json_account(migrated.path, "t").starts_with("4 xxh3:4:"));
        CHECK(migrated.letters() == 2);
    }
}

TEST_CASE("json letter retry: what is changed meanwhile is not written over", "[json][retry]") {
    for (const bool is_file : {false, true}) {
        CAPTURE(is_file);
        const Migrated migrated(is_file);
        JsonTarget target(migrated.endpoint, {});
        target.lock("m1");
        {
            const auto retry = target.retry_letters(migrated.plan);
            const auto letters = retry->letters(0, std::nullopt, 9);
            retry->insert(0, row_of(4, 40));
            retry->remove(0, letters.at(1));
            const std::string file = is_file ? migrated.path : migrated.path + "/t.ndjson";
            std::ofstream(file, std::ios::app) << (is_file ? "\n" : "{\"id\":7,\"n\":7}\n");
            try {
                retry->commit("account 2");
                CHECK(false);
            } catch (const Error& error) {
                CHECK(error.code() == ErrorCode::locked);
            }
        }
        CHECK(json_rows(migrated.path, "t").size() >= 3);
        CHECK(migrated.letters() == 3);
        CHECK(migrated.account() == "account 1");
        CHECK(migrated.is_tidy());
    }
}

#ifdef MIGRATE_FAULT_POINTS
TEST_CASE("json letter retry: a failure at any write, sync or rename leaves rows and letters of one state",
          "[json][retry][fault]") {
    for (const bool is_file : {false, true}) {
        for (const io::FaultPoint point :
             {io::FaultPoint::write, io::FaultPoint::sync, io::FaultPoint::rename}) {
            int failures = 0;
            for (std::uint64_t nth = 1; nth < 60; ++nth) {
                CAPTURE(is_file, static_cast<int>(point), nth);
                const Migrated migrated(is_file);
                io::clear_faults();
                io::fail_nth(point, nth, {ENOSPC, false});
                bool failed = false;
                try {
                    migrated.retry();
                } catch (const Error&) {
                    failed = true;
                }
                io::clear_faults();
                failures += failed ? 1 : 0;
                const bool is_new = migrated.is_new();
                CHECK(migrated.account() == (is_new ? "account 2" : "account 1"));
                CHECK((is_new || failed));
                JsonTarget(migrated.endpoint, {}).lock("m1");
                CHECK(migrated.is_new() == is_new);
                CHECK(migrated.is_tidy());
                if (!failed) {
                    break;
                }
            }
            CHECK(failures > 2);
        }
    }
}

TEST_CASE("json letter retry: killed at any write, sync or rename, rows and letters are of one state",
          "[json][retry][fault]") {
    for (const bool is_file : {false, true}) {
        for (const io::FaultPoint point :
             {io::FaultPoint::write, io::FaultPoint::sync, io::FaultPoint::rename}) {
            int kills = 0;
            int shown = 0;
            for (std::uint64_t nth = 1; nth < 60; ++nth) {
                CAPTURE(is_file, static_cast<int>(point), nth);
                const Migrated migrated(is_file);
                const pid_t child = ::fork();
                REQUIRE(child >= 0);
                if (child == 0) {
                    // What is thrown into this ends the process where it is thrown: nothing is cleaned up.
                    std::set_terminate([] { ::_exit(9); });
                    io::clear_faults();
                    io::fail_nth(point, nth, {EIO, false});
                    const auto run = [&]() noexcept { migrated.retry(); };
                    run();
                    ::_exit(0);
                }
                int status = 0;
                REQUIRE(::waitpid(child, &status, 0) == child);
                const bool is_new = migrated.is_new();
                CHECK(migrated.account() == (is_new ? "account 2" : "account 1"));
                JsonTarget(migrated.endpoint, {}).lock("m1");
                CHECK(migrated.is_new() == is_new);
                CHECK(migrated.account() == (is_new ? "account 2" : "account 1"));
                CHECK(migrated.is_tidy());
                shown += is_new ? 1 : 0;
                if (WEXITSTATUS(status) == 0) {
                    CHECK(is_new);
                    break;
                }
                ++kills;
            }
            CHECK(kills > 2);
            CHECK(shown > 0);
        }
    }
}

TEST_CASE("json letter retry: without the exchange rows are shown by two renames, or come back",
          "[json][retry][fault]") {
    for (const bool is_file : {false, true}) {
        CAPTURE(is_file);
        std::uint64_t exchange = 0;
        {
            const Migrated counted(is_file);
            JsonTarget target(counted.endpoint, {});
            target.lock("m1");
            const auto retry = target.retry_letters(counted.plan);
            const auto letters = retry->letters(0, std::nullopt, 2);
            retry->insert(0, row_of(4, 40));
            retry->remove(0, letters.at(1));
            io::clear_faults();
            retry->commit("account 2");
            // After it come the names of the record and the letters.
            exchange = io::calls_of(io::FaultPoint::rename) - 2;
            io::clear_faults();
        }
        const Migrated migrated(is_file);
        io::clear_faults();
        io::fail_nth(io::FaultPoint::rename, exchange, {EINVAL, false});
        migrated.retry();
        CHECK(io::calls_of(io::FaultPoint::rename) == exchange + 4);
        io::clear_faults();
        CHECK(migrated.is_new());
        CHECK(migrated.is_tidy());
    }
}
#endif
