#include <string>
#include <sys/stat.h>
#include <vector>

#include <catch2/catch.hpp>

#include "unit/audit/audit_fixture.hpp"

/// What a trail holds, and what is found out of one that somebody has changed.
namespace migrate::test {

TEST_CASE("audit: lines follow each other from one writer to the next", "[audit]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("new/audit.jsonl");
    append(path, {"started", "phase_begun"});
    const AuditHead head = append(path, {"finished"});

    const AuditReport report = report_of(path);
    require_whole(report, 3);
    CHECK(report.head.text() == head.text());
    CHECK(head.sequence == 3);
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777U) == 0600U);
    REQUIRE(::stat(directory.path("new").c_str(), &status) == 0);
    CHECK((status.st_mode & 07777U) == 0700U);

    std::vector<AuditRecord> read;
    read_audit(path, [&](const AuditRecord& record) { read.push_back(record); });
    REQUIRE(read.size() == 3);
    CHECK(read[0].previous == std::string(64, '0'));
    CHECK(read[1].previous == read[0].hash);
    CHECK(read[2].line == 3);
    CHECK(read[2].event == "finished");
    CHECK(read[2].host == "büro");
    CHECK(read[2].algorithm == "sha256");
    CHECK(read[0].trail == read[2].trail);
}

TEST_CASE("audit: any byte that is changed is found, with and without a key", "[audit]") {
    for (const AuditKeySource& with : {AuditKeySource(), key()}) {
        const TemporaryDirectory directory;
        const std::string path = directory.path("audit.jsonl");
        append(path, {"started", "finished"}, with);
        const std::string whole = directory.read("audit.jsonl");
        require_whole(report_of(path, with), 2);
        for (std::size_t i = 0; i < whole.size(); ++i) {
            const unsigned bit = 1U << (i % 7);
            std::string changed = whole;
            changed[i] = static_cast<char>(static_cast<unsigned char>(changed[i]) ^ bit);
            directory.write("audit.jsonl", changed);
            CAPTURE(i, bit);
            REQUIRE(report_of(path, with).exit_code() == 4);
        }
    }
}

TEST_CASE("audit: lines that are taken out, doubled or moved are found, and the first is named", "[audit]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("audit.jsonl");
    append(path, {"started", "phase_begun", "decision", "finished"});
    const auto lines = lines_of(directory.read("audit.jsonl"));
    const auto with = [&](const std::vector<std::size_t>& which) {
        std::string text;
        for (const std::size_t i : which) {
            text += lines[i] + "\n";
        }
        directory.write("audit.jsonl", text);
        return report_of(path);
    };
    require_damaged(with({0, 2, 3}), 2, "number 3");
    require_damaged(with({1, 2, 3}), 1, "number 2");
    require_damaged(with({0, 1, 1, 2, 3}), 3, "number 2");
    require_damaged(with({0, 2, 1, 3}), 2, "number 3");
    require_whole(with({0, 1, 2, 3}), 4);
}

TEST_CASE("audit: whoever can write the file can make a new chain, but not with a key or past a head",
          "[audit]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("audit.jsonl");
    const AuditHead head = append(path, {"started", "finished"}, key());
    // The forger keeps the trail's name and hashes all lines anew.
    std::string forged;
    AuditRecord last = record_of("finished", "nothing happened");
    last.previous = audit::k_no_hash;
    last.trail = head.trail;
    last.sequence = 1;
    forged = audit::render_line(last, Sealer());
    directory.write("audit.jsonl", forged);
    require_whole(report_of(path), 1);
    require_damaged(report_of(path, key()), 0, "made with the key");
    require_damaged(report_of(path, {}, {{head, ""}}), 0, "cut off");
    require_damaged(report_of(path, {}, {{head, "0123456789ab"}}), 0, "migration 0123456789ab");
    last.previous = audit::k_no_hash;
    directory.write("audit.jsonl", audit::render_line(last, Sealer(key("some other key that is long"))));
    require_damaged(report_of(path, key()), 1, "another key");
}

TEST_CASE("audit: lines cut off at the end are found by a head that is remembered", "[audit]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("audit.jsonl");
    const AuditHead first = append(path, {"started", "finished"});
    const AuditHead second = append(path, {"started", "finished"});
    const AuditReport whole =
        report_of(path, {}, {{first, "0123456789ab"}, {second, ""}, {{"", 0, first.hash}, ""}});
    require_whole(whole, 4);
    CHECK(whole.heads_found == 3);

    const auto lines = lines_of(directory.read("audit.jsonl"));
    directory.write("audit.jsonl", lines[0] + "\n" + lines[1] + "\n" + lines[2] + "\n");
    require_whole(report_of(path), 3);  // the chain alone cannot tell
    require_whole(report_of(path, {}, {{first, ""}}), 3);
    require_damaged(report_of(path, {}, {{second, "0123456789ab"}}), 0, "cut off at its end");
}

TEST_CASE("audit: a target may remember other trails, but not only others", "[audit]") {
    const TemporaryDirectory directory;
    const AuditHead here = append(directory.path("here"), {"finished"});
    const AuditHead there = append(directory.path("there"), {"finished"});
    const AuditReport both =
        report_of(directory.path("here"), {}, {{here, "aaaaaaaaaaaa"}, {there, "bbbbbbbbbbbb"}});
    require_whole(both, 1);
    REQUIRE(both.notes.size() == 1);
    CHECK(both.notes[0].find("bbbbbbbbbbbb") != std::string::npos);
    require_damaged(report_of(directory.path("here"), {}, {{there, "bbbbbbbbbbbb"}}), 0,
                    "nothing of this trail");
    require_damaged(report_of(directory.path("here"), {}, {{there, ""}}), 0, "the head that was given");
}

TEST_CASE("audit: heads are read as they are written", "[audit]") {
    const std::string hash(64, 'a');
    CHECK(parse_audit_head("0f:12:" + hash)->text() == "0f:12:" + hash);
    CHECK(parse_audit_head(hash)->hash == hash);
    for (const std::string& bad : {std::string(), std::string("12"), "0f:" + hash, "0f:x:" + hash,
                                   "zz:1:" + hash, "0f:1:" + hash + "a", std::string(64, 'A')}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_audit_head(bad).has_value());
    }
}

TEST_CASE("audit: a key is a file that only its owner reads", "[audit]") {
    const TemporaryDirectory directory;
    const std::string path = directory.write("key", k_secret + "\n");
    ::chmod(path.c_str(), 0644);
    CHECK(code_of([&] { audit_key_from_file(path)(); }) == ErrorCode::refused);
    ::chmod(path.c_str(), 0600);
    CHECK(audit_key_from_file(path)() == k_secret);
    directory.write("key", "short\n");
    CHECK(code_of([&] { audit_key_from_file(path)(); }) == ErrorCode::refused);
    CHECK(code_of([&] { audit_key_from_file(directory.path("none"))(); }) == ErrorCode::not_found);
}

TEST_CASE("audit: a clock that was set back is no damage", "[audit]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("audit.jsonl");
    TrailFile file(path, Sealer(), k_patience);
    std::vector<AuditRecord> records{record_of("started"), record_of("finished")};
    records[1].time = "2026-11-30T11:00:00.000000Z";
    file.append(records, true);
    const AuditReport report = report_of(path);
    require_whole(report, 2);
    REQUIRE(report.notes.size() == 1);
    CHECK(report.notes[0].find("line 2") == 0);
    CHECK(report.notes[0].find("clock") != std::string::npos);
}

TEST_CASE("audit: texts are redacted, made printable and cut", "[audit][security]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("audit.jsonl");
    TrailFile file(path, Sealer(), k_patience);
    std::vector<AuditRecord> records{record_of("started", "postgresql://ann:hunter2@db/x"),
                                     record_of("failed", "a\n{\"v\":1}\x1b[2J\xff"),
                                     record_of("finished", std::string(100'000, '\n'))};
    records[0].to = "host=db password=hunter2";
    records[1].migration = "\xc3";
    file.append(records, true);
    const std::string text = directory.read("audit.jsonl");
    CHECK(text.find("hunter2") == std::string::npos);
    CHECK(text.find('\x1b') == std::string::npos);
    const AuditReport report = report_of(path);
    require_whole(report, 3);
    CHECK(text.size() < 3 * audit::k_longest_line);
}

TEST_CASE("audit: a line is what was written or no line at all", "[audit]") {
    AuditRecord record = record_of("started", "x");
    record.trail = "00";
    record.sequence = 1;
    record.previous = audit::k_no_hash;
    std::string line = audit::render_line(record, Sealer());
    line.pop_back();
    REQUIRE(audit::parse_line(line).has_value());
    CHECK(audit::parse_line(line)->detail == "x");
    for (const std::string& other : {line + " ", " " + line, line.substr(0, line.size() - 1),
                                     "{" + line + "}", line.substr(0, 1) + " " + line.substr(1),
                                     std::string("{}"), std::string("[]"), std::string(70'000, '[')}) {
        CHECK_FALSE(audit::parse_line(other).has_value());
    }
}

}  // namespace migrate::test
