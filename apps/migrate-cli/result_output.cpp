#include "result_output.hpp"

#include "error_report.hpp"
#include "json_render.hpp"
#include "printable.hpp"
#include "run.hpp"

namespace migrate::cli {

namespace {

std::string failure_text(Run& run, const MigrationResult& result) {
    const bool interrupted = result.error == ErrorCode::cancelled && run.interrupt().requested();
    std::string next_step = result.next_step;
    if (next_step.empty() && result.state == MigrationState::failed) {
        next_step = "the target is as it was before; mend the cause and run the command again";
    }
    return error_text((interrupted ? "interrupted: " : "") + result.failure, next_step);
}

}  // namespace

int print_result(Run& run, const MigrationResult& result, const MigrationPlan* plan) {
    if (run.json()) {
        run.print(json_of(result, plan, run.command(), run.settings().flag("show-values")));
    } else {
        // Why it failed is complained of below, with the way on.
        MigrationResult shown = result;
        if (!result.failure.empty()) {
            shown.failure.clear();
            shown.next_step.clear();
        }
        run.print(printable_lines(render_text(shown)));
        if (run.settings().flag("show-values")) {
            run.print(
                printable_lines(render_rows(result.verification.rows, result.verification.rows_truncated)));
        }
    }
    if (!result.failure.empty()) {
        run.complain(failure_text(run, result));
    }
    return result.exit_code();
}

}  // namespace migrate::cli
