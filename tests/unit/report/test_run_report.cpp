#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>
#include <migrate/run_report.hpp>

#include "io/fault.hpp"
#include "support/temporary_directory.hpp"

/// What a report is worth once somebody has had it in their hands.
namespace migrate::test {
namespace {

MigrationResult some_result() {
    MigrationResult result;
    result.id = "0123456789ab";
    result.state = MigrationState::done;
    result.verification.level = VerificationLevel::forensic;
    TableComparison& table = result.verification.tables.emplace_back();
    table.source = "album";
    table.target = "album";
    table.source_rows = table.target_rows = 1;
    table.equal = true;
    table.source_digest.algorithm = DigestAlgorithm::sha256;
    table.source_digest.add(1, 2);
    table.target_digest = table.source_digest;
    table.source_text_digest = table.source_digest;
    RowDifference row;
    row.table = "album";
    row.key = {"id=canary-7"};
    row.source_values = {"canary-8"};
    result.verification.rows.push_back(row);
    Checkpoint& chunk = result.record.checkpoints.emplace_back();
    chunk.table = {"", "album"};
    chunk.rows = 1;
    chunk.digest = table.source_digest;
    result.record.rules.push_back({"not null", 3});
    result.record.compared = true;
    return result;
}

unsigned mode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777U;
}

ErrorCode error_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::internal;
}

}  // namespace

TEST_CASE("report: one that was signed is whole, and each byte that is another one is found", "[report]") {
    const TemporaryDirectory directory;
    const std::string key = directory.path("report.key");
    const std::string public_key = create_report_key(key);
    CHECK(public_key.size() == 64);
    CHECK(mode_of(key) == 0600U);
    const std::string path = directory.path("report.json");
    const std::string whole = render_report(some_result(), key);
    write_report(path, whole);
    CHECK(mode_of(path) == 0600U);
    const ReportCheck check = verify_report(path, key + ".pub");
    CHECK(check.damage.empty());
    CHECK(check.signed_by == public_key);
    CHECK(check.exit_code() == 0);
    for (std::size_t i = 0; i < whole.size(); ++i) {
        for (const unsigned bit : {1U, 0x20U, 0x80U}) {
            std::string changed = whole;
            changed[i] = static_cast<char>(static_cast<unsigned char>(changed[i]) ^ bit);
            directory.write("report.json", changed);
            CAPTURE(i, bit);
            REQUIRE(verify_report(path, key + ".pub").exit_code() == 4);
        }
    }
    for (const std::string& other : {whole + "\n", whole + " ", whole.substr(0, whole.size() - 1),
                                     whole.substr(1), std::string(), std::string("\n")}) {
        directory.write("report.json", other);
        CHECK(verify_report(path, key + ".pub").exit_code() == 4);
    }
}

TEST_CASE("report: it has what was found and no row values", "[report]") {
    const std::string text = render_report(some_result());
    for (const char* const expected :
         {"\"level\": \"forensic\"", "\"migration\": \"0123456789ab\"", "\"differing_rows_listed\": 1",
          "\"rules\": 3", "\"read\": \"sha256:1:", "\"read_in_text\": \"sha256:1:", "\"chunks\": ["}) {
        CAPTURE(expected);
        CHECK(text.find(expected) != std::string::npos);
    }
    CHECK(text.find("read_back_in_text") == std::string::npos);
    CHECK(text.find("canary") == std::string::npos);
}

TEST_CASE("report: another's key, and none, are told", "[report]") {
    const TemporaryDirectory directory;
    const std::string key = directory.path("report.key");
    const std::string other = directory.path("other.key");
    create_report_key(key);
    create_report_key(other);
    const std::string path = directory.path("report.json");
    write_report(path, render_report(some_result(), key));
    CHECK(verify_report(path, other + ".pub").damage.find("another key") != std::string::npos);
    // Somebody else's line below what was signed.
    std::string text = directory.read("report.json");
    const std::string forged = render_report(some_result(), other);
    const auto last_line = [](const std::string& of) { return of.substr(of.rfind('\n', of.size() - 2) + 1); };
    text.resize(text.size() - last_line(text).size());
    directory.write("report.json", text + last_line(forged));
    CHECK(verify_report(path, key + ".pub").exit_code() == 4);

    const std::string plain = directory.path("plain.json");
    write_report(plain, render_report(some_result()));
    CHECK(directory.read("plain.json").ends_with("\"signature\": null}\n"));
    CHECK(verify_report(plain, key + ".pub").damage == "nobody has signed it");
}

TEST_CASE("report: a key that could not be written whole leaves nothing in the way of the next try",
          "[report][fault]") {
    const TemporaryDirectory directory;
    const std::string key = directory.path("key");
    for (const io::FaultPoint point : {io::FaultPoint::write, io::FaultPoint::sync}) {
        // Of the secret, and of the public half.
        for (const std::uint64_t nth : {1U, 2U}) {
            io::clear_faults();
            io::fail_nth(point, nth, {ENOSPC, false});
            CHECK_THROWS_AS(create_report_key(key), Error);
            io::clear_faults();
            CHECK(std::filesystem::is_empty(directory.path()));
        }
    }
    CHECK_NOTHROW(create_report_key(key));
}

TEST_CASE("report: keys that are no secret, or no key, are refused, and nothing is written over",
          "[report]") {
    const TemporaryDirectory directory;
    const std::string key = directory.path("report.key");
    create_report_key(key);
    const std::string before = directory.read("report.key");
    CHECK(error_of([&] { create_report_key(key); }) == ErrorCode::exists);
    CHECK(error_of([&] { create_report_key(directory.path("no/such/report.key")); }) != ErrorCode::internal);
    CHECK(directory.read("report.key") == before);
    CHECK(error_of([&] { require_report_key(key + ".pub"); }) == ErrorCode::malformed);
    CHECK(error_of([&] { verify_report(key, key); }) == ErrorCode::malformed);
    CHECK(error_of([&] { require_report_key(directory.path("none")); }) == ErrorCode::not_found);
    require_report_key(key);
    std::filesystem::permissions(key, std::filesystem::perms::group_read, std::filesystem::perm_options::add);
    CHECK(error_of([&] { require_report_key(key); }) == ErrorCode::refused);
    write_report(directory.path("report.json"), "{}");
    CHECK(error_of([&] { write_report(directory.path("report.json"), "{}"); }) == ErrorCode::exists);
}

}  // namespace migrate::test
