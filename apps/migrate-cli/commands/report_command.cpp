#include <string>

#include <fmt/format.h>

#include <migrate/run_report.hpp>

#include "command.hpp"
#include "files.hpp"
#include "json_document.hpp"
#include "printable.hpp"
#include "run.hpp"
#include "usage_error.hpp"

namespace migrate::cli {

namespace {

constexpr const char* k_usage = "write report keygen FILE, or report verify FILE --public-key FILE";

std::string file_of(const Run& run) {
    if (run.arguments().size() < 2) {
        usage_error(fmt::format("report {} needs a file", run.arguments().front()), k_usage);
    }
    return run.arguments()[1];
}

int keygen(Run& run) {
    const std::string path = file_of(run);
    const std::string public_key = create_report_key(path);
    if (run.json()) {
        JsonDocument out(run.command(), 0);
        out.text("key_file", path);
        out.text("public_key_file", path + ".pub");
        out.text("public_key", public_key);
        run.print(out.finish());
        return 0;
    }
    run.print(
        fmt::format("{} is the key that reports are signed with: keep it to yourself\n"
                    "{}.pub tells whether a report was: give it to whoever is to know\n"
                    "public key {}\n",
                    printable(path), printable(path), public_key));
    return 0;
}

int verify(Run& run) {
    const std::string path = file_of(run);
    if (!run.settings().is_set("public-key")) {
        usage_error("report verify needs to know whose signature is looked for", k_usage);
    }
    const ReportCheck check = verify_report(path, expand_home(run.settings().text("public-key")));
    if (run.json()) {
        JsonDocument out(run.command(), check.exit_code());
        out.text("file", path);
        out.boolean("whole", check.damage.empty());
        out.text("signed_by", check.signed_by);
        out.text("damage", check.damage);
        run.print(out.finish());
    } else {
        run.print(printable_lines(render_text(check)));
    }
    return check.exit_code();
}

}  // namespace

int run_report(Run& run) {
    const std::string what = run.arguments().empty() ? "" : run.arguments().front();
    if (what == "keygen") {
        return keygen(run);
    }
    if (what == "verify") {
        return verify(run);
    }
    usage_error(what.empty() ? std::string("report needs to know what to do")
                             : fmt::format("report does not know \"{}\"", printable(what)),
                k_usage);
}

}  // namespace migrate::cli
