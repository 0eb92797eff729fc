#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <migrate/audit.hpp>
#include <migrate/error.hpp>

#include "audit/call_log.hpp"
#include "support/temporary_directory.hpp"

namespace migrate {
namespace {

namespace fs = std::filesystem;

using audit::CallLog;
using test::TemporaryDirectory;

CallLog log_into(const std::string& path) {
    audit::CallLogOptions options;
    options.path = path;
    options.application = "test";
    return CallLog(std::move(options));
}

/// "started", "phase_begun load"…
std::vector<std::string> events_of(const std::string& path) {
    std::vector<std::string> events;
    read_audit(path, [&](const AuditRecord& record) {
        events.push_back(record.event + (record.phase.empty() ? "" : " " + record.phase));
    });
    return events;
}

using Events = std::vector<std::string>;

}  // namespace

TEST_CASE("audit: a call is recorded with its phases, what comes before the first write once", "[audit]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("audit.jsonl");
    CallLog log = log_into(path);
    CHECK(log.head().empty());
    log.begin("migrate", "0123456789ab");
    log.started("11 tables");
    CHECK(events_of(path) == Events{"started"});
    log.phase_begun(Phase::open);
    log.forget_attempt();
    log.phase_begun(Phase::open);
    log.phase_ended(Phase::open);
    CHECK(events_of(path) == Events{"started"});
    log.target_is_written();
    log.phase_begun(Phase::load);
    CHECK(events_of(path) == Events{"started", "phase_begun open", "phase_ended open", "phase_begun load"});
    log.phase_ended(Phase::load);
    log.decide("verified");
    log.end("finished", "done");
    CHECK(events_of(path) == Events{"started", "phase_begun open", "phase_ended open", "phase_begun load",
                                    "phase_ended load", "decision", "finished"});
    const AuditReport report = verify_audit({path, {}, {}});
    CHECK(report.exit_code() == 0);
    CHECK(report.head.text() == log.head());
    CHECK_FALSE(log.failure().has_value());
}

TEST_CASE("audit: what ends before the first write is refused, what ends later has failed", "[audit]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("audit.jsonl");
    CallLog refused = log_into(path);
    refused.begin("migrate", "0123456789ab");
    CHECK_FALSE(refused.end(Error(ErrorCode::locked, "the target is locked")).has_value());
    CallLog failed = log_into(path);
    failed.begin("migrate", "0123456789ab");
    failed.started("");
    failed.target_is_written();
    CHECK_FALSE(failed.end(Error(ErrorCode::io, "the disk is gone")).has_value());
    for (const ErrorCode code : {ErrorCode::refused, ErrorCode::io}) {
        CallLog looks = log_into(path);
        looks.begin("rollback", "0123456789ab");
        looks.target_is_written(true);
        CHECK_FALSE(looks.end(Error(code, "rows were changed since")).has_value());
    }
    CHECK(events_of(path) == Events{"refused", "started", "failed", "refused", "failed"});
    std::vector<std::string> details;
    read_audit(path, [&](const AuditRecord& record) { details.push_back(record.detail); });
    CHECK(details[0] == "locked: the target is locked");
}

TEST_CASE("audit: nothing is begun that cannot be recorded; what was begun is not given up",
          "[audit][fault]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path("audit.jsonl");
    fs::create_directory(path);  // no file can be there
    CallLog log = log_into(path);
    log.begin("migrate", "0123456789ab");
    try {
        log.started("");
        FAIL("it was begun");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::refused);
        CHECK(std::string(error.what()).find("nothing was changed") != std::string::npos);
        CHECK(error.facts().next_step.find("--audit none") != std::string::npos);
        CHECK_FALSE(log.end(error).has_value());  // it says so itself
    }
    fs::remove(path);

    CallLog later = log_into(path);
    later.begin("migrate", "0123456789ab");
    later.started("");
    later.target_is_written();
    const std::string head = later.head();
    fs::remove(path);
    fs::create_directory(path);
    later.phase_begun(Phase::load);
    later.end("finished", "done");
    CHECK(later.failure().has_value());
    CHECK(later.head() == head);
}

TEST_CASE("audit: a refusal that cannot be recorded says so", "[audit]") {
    const TemporaryDirectory directory;
    fs::create_directory(directory.path("audit.jsonl"));
    CallLog log = log_into(directory.path("audit.jsonl"));
    log.begin("rollback", "0123456789ab");
    const auto told = log.end(Error(ErrorCode::not_found, "it is not known"));
    REQUIRE(told.has_value());
    CHECK(told->code() == ErrorCode::not_found);
    CHECK(std::string(told->what()).find("could not be recorded") != std::string::npos);
}

TEST_CASE("audit: without a file nothing is recorded", "[audit]") {
    CallLog log = log_into("");
    log.begin("migrate", "0123456789ab");
    log.started("");
    log.target_is_written();
    log.phase_begun(Phase::load);
    log.end("finished", "");
    CHECK(log.head().empty());
    CHECK_FALSE(log.active());
}

}  // namespace migrate
