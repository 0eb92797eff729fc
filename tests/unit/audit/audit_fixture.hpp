#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <migrate/audit.hpp>
#include <migrate/error.hpp>

#include "audit/record_line.hpp"
#include "audit/trail_file.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test {

using audit::Sealer;
using audit::TrailFile;

inline constexpr auto k_patience = std::chrono::milliseconds(10'000);
inline const std::string k_secret = "a key of sufficient length";

inline AuditKeySource key(const std::string& text = k_secret) {
    return [text] { return text; };
}

inline AuditRecord record_of(const std::string& event, const std::string& detail = {}) {
    AuditRecord record;
    record.time = "2026-11-30T12:00:00.000000Z";
    record.user = "ann";
    record.uid = 1000;
    record.host = "büro";
    record.pid = 7;
    record.application = "test";
    record.migration = "0123456789ab";
    record.operation = "migrate";
    record.event = event;
    record.from = "a.db";
    record.to = "json:out/";
    record.detail = detail;
    return record;
}

inline AuditHead append(const std::string& path, const std::vector<std::string>& events,
                        const AuditKeySource& with = {}, bool durable = true) {
    TrailFile file(path, Sealer(with), k_patience);
    std::vector<AuditRecord> records;
    for (const std::string& event : events) {
        records.push_back(record_of(event));
    }
    file.append(records, durable);
    return file.head();
}

inline AuditReport report_of(const std::string& path, const AuditKeySource& with = {},
                             const std::vector<ExpectedAuditHead>& heads = {}) {
    return verify_audit({path, with, heads});
}

inline void require_whole(const AuditReport& report, std::uint64_t lines) {
    INFO(render_text(report));
    REQUIRE(report.damage.empty());
    CHECK(report.exit_code() == 0);
    CHECK(report.lines == lines);
}

inline void require_damaged(const AuditReport& report, std::uint64_t line, const std::string& said) {
    INFO(render_text(report));
    REQUIRE(report.damage.size() == 1);
    CHECK(report.exit_code() == 4);
    CHECK(report.damage[0].line == line);
    CHECK(report.damage[0].message.find(said) != std::string::npos);
}

template <class Function>
ErrorCode code_of(const Function& function) {
    try {
        function();
    } catch (const Error& error) {
        UNSCOPED_INFO(error.what());
        return error.code();
    }
    FAIL("no error");
    return ErrorCode::internal;
}

inline std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

}  // namespace migrate::test
