#include "result_output.hpp"

#include "error_report.hpp"
#include "json_render.hpp"
#include "printable.hpp"
#include "run.hpp"

namespace migrate::cli {

int print_result(Run& run, const MigrationResult& result, const MigrationPlan* plan) {
    if (run.json()) {
        run.print(json_of(result, plan, run.command()));
    } else {
        run.print(printable_lines(render_text(result)));
    }
    if (!result.failure.empty()) {
        run.complain(error_text(result.failure, result.next_step));
    }
    return result.exit_code();
}

}  // namespace migrate::cli
