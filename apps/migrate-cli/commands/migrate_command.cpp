#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "command.hpp"
#include "error_report.hpp"
#include "files.hpp"
#include "json_render.hpp"
#include "option.hpp"
#include "plan_settings.hpp"
#include "printable.hpp"
#include "report_output.hpp"
#include "result_output.hpp"
#include "run.hpp"
#include "text_render.hpp"
#include "usage_error.hpp"

namespace migrate::cli {

namespace {

/// A saved plan has decided all this already.
void refuse_beside_saved_plan(const Settings& settings) {
    for (const OptionSpec& option : all_options()) {
        const std::string name(option.name);
        const bool decided = option.group == OptionGroup::sides || option.group == OptionGroup::content ||
                             option.group == OptionGroup::json || option.group == OptionGroup::resource ||
                             name == "level" || name == "save-plan" ||
                             name.find("backup") != std::string::npos;
        if (decided && name != "show-values" && settings.on_command_line(name)) {
            usage_error(fmt::format("--{} cannot be changed in a plan that was saved", name),
                        "leave it out, or plan anew without --plan");
        }
    }
}

MigrationPlan new_plan(Run& run, CrossDatabaseMigrator& migrator) {
    const Settings& settings = run.settings();
    PlanOptions options = plan_options(settings);
    options.backup_directory = backup_directory(settings);
    // A rehearsal is of the plan that is run.
    const bool is_read =
        !asked_to_execute(settings) || settings.is_set("save-plan") || settings.flag("rehearse-rollback");
    options.foresee_orphans = is_read;
    options.profile_ahead = is_read;
    const auto [from, to] = run.endpoints().sides(true);
    return migrator.plan_migration({from}, {to}, options);
}

MigrationPlan read_plan(const std::string& path) {
    const std::string text = read_file(path, "plan");
    try {
        return parse_plan(text);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::malformed) {
            throw;
        }
        usage_error(fmt::format("--plan: {} is no plan: {}", printable(path), error.what()),
                    "give a file that --save-plan has written");
    }
}

/// The index is only read: what earlier runs took is what this one is estimated by.
MigrationPlan make_plan(Run& run, CrossDatabaseMigrator& migrator) {
    const Settings& settings = run.settings();
    if (settings.is_set("plan")) {
        refuse_beside_saved_plan(settings);
        return read_plan(settings.text("plan"));
    }
    return new_plan(run, migrator);
}

void save_plan(Run& run, const MigrationPlan& plan) {
    const std::string path = run.settings().text("save-plan");
    if (file_exists(path)) {
        try {
            parse_plan(read_file(path, "plan"));
        } catch (const Error&) {
            usage_error(fmt::format("--save-plan: {} exists and is no plan", printable(path)),
                        "name a file that does not exist");
        }
    }
    write_file(path, render_json(plan), "plan");
}

void print_plan(Run& run, const MigrationPlan& plan) {
    if (run.json()) {
        run.print(printable_json(render_json(plan)) + "\n");
    } else if (run.settings().flag("show-sql")) {
        run.print(printable_lines(render_sql(plan)) + "\n");
    } else {
        run.print(printable_lines(render_text(plan)));
    }
}

std::vector<Finding> blockers_of(const MigrationPlan& plan) {
    std::vector<Finding> blockers;
    std::copy_if(plan.findings.begin(), plan.findings.end(), std::back_inserter(blockers),
                 [](const Finding& finding) { return finding.severity == Severity::blocker; });
    return blockers;
}

void complain_of(Run& run, const std::vector<Finding>& blockers, bool shown_above = false) {
    run.close_progress();
    run.complain(error_text(
        fmt::format("preflight found {} in the way; nothing was changed",
                    blockers.size() == 1 ? "something" : fmt::format("{} things", blockers.size())),
        ""));
    if (!shown_above) {
        run.complain(text_of(blockers));
    }
}

int refuse(Run& run, CrossDatabaseMigrator& migrator, const MigrationPlan& plan) {
    const std::vector<Finding> blockers = blockers_of(plan);
    migrator.record_refusal(plan);
    if (run.json()) {
        ErrorFacts facts;
        facts.code = ErrorCode::refused;
        facts.next_step = blockers.empty() ? "" : blockers.front().next_step;
        const Error error(facts, blockers.empty()
                                     ? "preflight refused the plan"
                                     : blockers.front().object + ": " + blockers.front().message);
        run.print(json_of(error, plan.exit_code(), run.command(), plan.findings));
    }
    complain_of(run, blockers);
    return plan.exit_code();
}

RehearsalOptions rehearsal_options(const Settings& settings) {
    RehearsalOptions options;
    options.rows = settings.count("rehearsal-rows");
    if (options.rows == 0) {
        usage_error("--rehearsal-rows: nothing can be rehearsed with no rows", "give 1 or more");
    }
    return options;
}

/// Of the plan that was shown just now; as JSON it is a document of its own.
int rehearse(Run& run, CrossDatabaseMigrator& migrator, const MigrationPlan& plan) {
    const RollbackRehearsal rehearsal = migrator.rehearse_rollback(plan, rehearsal_options(run.settings()));
    run.close_progress();
    run.print(run.json() ? json_of(rehearsal) : "\n" + printable_lines(render_text(rehearsal)));
    return rehearsal.exit_code();
}

int show(Run& run, CrossDatabaseMigrator& migrator, const MigrationPlan& plan) {
    print_plan(run, plan);
    if (run.settings().on_command_line("report")) {
        run.note("--report: nothing is run, so that there is nothing to report");
    }
    if (!plan.executable()) {
        complain_of(run, blockers_of(plan), !run.json() && !run.settings().flag("show-sql"));
        return plan.exit_code();
    }
    if (run.settings().flag("rehearse-rollback")) {
        if (const int failed = rehearse(run, migrator, plan); failed != 0) {
            return failed;
        }
    }
    run.note(run.settings().flag("rehearse-rollback")
                 ? "dry run: nothing was written to the target; --execute runs this plan"
                 : "dry run: nothing was written; --execute runs this plan");
    return plan.exit_code();
}

int execute(Run& run, CrossDatabaseMigrator& migrator, const MigrationPlan& plan) {
    MigrationOptions options;
    options.cut_over = !run.settings().flag("no-cutover");
    options.keep_staging = run.settings().flag("keep-staging");
    if (run.settings().flag("rehearse-rollback")) {
        options.rehearse_rollback = rehearsal_options(run.settings());
    }
    MigrationResult result = migrator.execute_migration(plan, options);
    write_report_of(run, result);
    return print_result(run, result, &plan);
}

}  // namespace

int run_migrate(Run& run) {
    const bool executing = asked_to_execute(run.settings());
    // One for both: what a plan has found out of the source, its run need not find out again.
    CrossDatabaseMigrator migrator = run.indexed_migrator(executing);
    if (executing) {
        require_report(run, nullptr);
    }
    const MigrationPlan plan = make_plan(run, migrator);
    if (executing) {
        require_report(run, &plan.options.level);
    }
    if (run.settings().is_set("save-plan")) {
        save_plan(run, plan);
    }
    if (!executing) {
        return show(run, migrator, plan);
    }
    return plan.executable() ? execute(run, migrator, plan) : refuse(run, migrator, plan);
}

}  // namespace migrate::cli
