#include <tuple>

#include "command.hpp"
#include "json_render.hpp"
#include "plan_settings.hpp"
#include "printable.hpp"
#include "run.hpp"

namespace migrate::cli {

namespace {

VerifyRequest request_of(Run& run) {
    VerifyRequest request;
    request.options = plan_options(run.settings());
    request.rows_only = run.settings().flag("rows-only");
    std::tie(request.from, request.to) = run.endpoints().sides(false);
    return request;
}

}  // namespace

int run_verify(Run& run) {
    const VerificationReport report = run.reading_migrator().verify(request_of(run));
    const bool values = run.settings().flag("show-values");
    run.print(run.json() ? json_of(report, values) : printable_lines(render_text(report)));
    if (values && !run.json()) {
        run.print(printable_lines(render_rows(report.rows, report.rows_truncated)));
    }
    return report.exit_code();
}

int run_diff(Run& run) {
    DiffRequest request;
    request.compare = request_of(run);
    request.max_rows = run.settings().count("max-rows");
    const DiffReport report = run.reading_migrator().diff(request);
    run.print(run.json() ? json_of(report) : printable_lines(render_text(report)));
    return report.verification.exit_code();
}

}  // namespace migrate::cli
