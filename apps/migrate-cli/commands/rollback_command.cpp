#include <optional>

#include "command.hpp"
#include "json_render.hpp"
#include "plan_settings.hpp"
#include "printable.hpp"
#include "run.hpp"

namespace migrate::cli {

int run_rollback(Run& run) {
    const std::string id = run.argument("the ID of a migration");
    std::optional<Endpoint> target;
    if (run.settings().on_command_line("to")) {
        target = run.endpoints().require("to", true);
    }
    RollbackOptions options;
    options.execute = asked_to_execute(run.settings());
    options.discard_later_changes = run.settings().flag("discard-later-changes");
    if (run.settings().on_command_line("to-checkpoint")) {
        options.to_checkpoint = static_cast<unsigned>(run.settings().count("to-checkpoint"));
    }
    options.strategy = parse_rollback_strategy(run.settings().text("strategy"));
    options.backup_directory = backup_directory(run.settings());
    options.backup_key = opening_key(run.settings());
    CrossDatabaseMigrator migrator = run.indexed_migrator();
    if (options.execute) {
        run.interrupt().changes_begin();
    }
    const RollbackResult result = migrator.rollback_migration(id, options, target);
    run.print(run.json() ? json_of(result) : printable_lines(render_text(result)));
    if (!result.executed && !result.was_rolled_back) {
        run.note("dry run: nothing was written; --execute rolls the migration back");
    }
    return result.exit_code();
}

}  // namespace migrate::cli
