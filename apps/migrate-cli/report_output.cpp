#include "report_output.hpp"

#include <boost/filesystem/path.hpp>
#include <fmt/format.h>

#include <migrate/run_report.hpp>

#include "files.hpp"
#include "printable.hpp"
#include "run.hpp"
#include "usage_error.hpp"

namespace migrate::cli {

namespace {

std::string key_of(const Run& run) {
    return run.settings().is_set("report-key") ? expand_home(run.settings().text("report-key")) : "";
}

}  // namespace

void require_report(Run& run, const VerificationLevel* level) {
    const bool forensic = level != nullptr && *level >= VerificationLevel::forensic;
    if (!run.settings().is_set("report")) {
        if (forensic) {
            run.note("level forensic without --report FILE: nothing of it will be recorded");
        }
        return;
    }
    const std::string path = run.settings().text("report");
    const std::string key = key_of(run);
    if (key.empty() && forensic) {
        usage_error("--report: at level forensic a report is signed, and no key is given",
                    "make one with report keygen FILE, and give --report-key FILE");
    }
    if (file_exists(path)) {
        usage_error(fmt::format("--report: {} is there already", printable(path)),
                    "name a file that does not exist");
    }
    const std::string parent = boost::filesystem::path(path).parent_path().string();
    if (!parent.empty() && !file_exists(parent)) {
        usage_error(fmt::format("--report: there is no directory {}", printable(parent)),
                    "make it, or name another file");
    }
    if (!key.empty()) {
        require_report_key(key);
    }
}

void write_report_of(Run& run, MigrationResult& result) {
    if (!run.settings().is_set("report")) {
        return;
    }
    const std::string path = run.settings().text("report");
    const std::string key = key_of(run);
    try {
        write_report(path, render_report(result, key));
        run.note(
            fmt::format("the report is in {}{}", printable(path), key.empty() ? ", unsigned" : ", signed"));
    } catch (const Error& error) {
        result.findings.push_back({Severity::left_out, "report-not-written", "the report",
                                   std::string("could not be written: ") + error.what(),
                                   "Verify once more, or migrate to another target with another --report.",
                                   0});
    }
}

}  // namespace migrate::cli
