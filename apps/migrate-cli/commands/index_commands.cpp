#include <chrono>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "command.hpp"
#include "json_document.hpp"
#include "json_render.hpp"
#include "printable.hpp"
#include "report_output.hpp"
#include "result_output.hpp"
#include "run.hpp"
#include "text_render.hpp"
#include "usage_error.hpp"

namespace migrate::cli {

namespace {

constexpr auto k_watch_interval = std::chrono::milliseconds(300);

/// A command on one migration: its target is in the index, or given.
struct OneMigration {
    explicit OneMigration(Run& run) : id(run.argument("the ID of a migration")) {
        if (run.settings().on_command_line("to")) {
            target = run.endpoints().require("to", true);
        }
        migrator.emplace(run.indexed_migrator());
        run.interrupt().changes_begin();
    }

    std::string id;
    std::optional<Endpoint> target;
    std::optional<CrossDatabaseMigrator> migrator;
};

/// The one that was named, else the newest.
std::optional<MigrationRecord> record_of(Run& run) {
    CrossDatabaseMigrator migrator = run.indexed_migrator();
    if (!run.arguments().empty()) {
        return migrator.status(run.arguments().front());
    }
    const auto records = migrator.history();
    return records.empty() ? std::nullopt : std::optional(migrator.status(records.front().id));
}

/// Prints what is new of a migration until it has ended, or the user has seen enough.
void watch(Run& run, MigrationRecord known) {
    CrossDatabaseMigrator migrator = run.indexed_migrator();
    while (known.finished_at.empty() && !run.interrupt().requested()) {
        std::this_thread::sleep_for(k_watch_interval);
        const MigrationRecord now = migrator.status(known.id);
        const bool changed = now.events.size() != known.events.size() || now.state != known.state ||
                             now.finished_at != known.finished_at;
        if (changed && run.json()) {
            run.print(json_of(std::optional(now)));
        } else if (changed) {
            std::string lines;
            for (std::size_t i = known.events.size(); i < now.events.size(); ++i) {
                lines += "  " + printable(now.events[i]) + "\n";
            }
            if (!now.finished_at.empty()) {
                lines += fmt::format("{}: {}{}\n", now.id, to_string(now.state),
                                     now.message.empty() ? "" : ", " + printable(now.message));
            }
            run.print(lines);
        }
        known = now;
    }
}

}  // namespace

int run_status(Run& run) {
    const auto record = record_of(run);
    run.print(run.json() ? json_of(record) : text_of(record));
    if (run.settings().flag("watch") && record) {
        watch(run, *record);
    }
    return 0;
}

int run_history(Run& run) {
    std::vector<MigrationRecord> records = run.indexed_migrator().history();
    if (records.size() > run.settings().count("max-rows")) {
        records.resize(run.settings().count("max-rows"));
    }
    run.print(run.json() ? json_of(records) : text_of(records));
    return 0;
}

int run_resume(Run& run) {
    const bool named = !run.arguments().empty();
    if (named == run.settings().flag("last") && (named || !run.settings().on_command_line("to"))) {
        usage_error(named ? "resume takes either the ID of a migration or --last"
                          : "resume needs the ID of a migration, --last or --to E");
    }
    ResumeOptions options;
    if (run.settings().on_command_line("from")) {
        options.from = run.endpoints().require("from", false);
    }
    if (run.settings().on_command_line("to")) {
        options.to = run.endpoints().require("to", true);
    }
    options.run.cut_over = !run.settings().flag("no-cutover");
    options.run.keep_staging = run.settings().flag("keep-staging");
    require_report(run, nullptr);
    CrossDatabaseMigrator migrator = run.indexed_migrator();
    run.interrupt().changes_begin();
    MigrationResult result =
        migrator.resume_migration(named ? run.arguments().front() : std::string(), options);
    write_report_of(run, result);
    return print_result(run, result, nullptr);
}

int run_cutover(Run& run) {
    OneMigration one(run);
    return print_result(run, one.migrator->cutover(one.id, one.target), nullptr);
}

int run_finalize(Run& run) {
    OneMigration one(run);
    const std::uint64_t freed = one.migrator->finalize(one.id, one.target);
    if (run.json()) {
        JsonDocument out(run.command(), 0);
        out.text("id", one.id);
        out.number("freed_bytes", freed);
        run.print(out.finish());
    } else {
        const std::string space = freed == 0 ? "" : fmt::format("; {} freed", human_bytes(freed));
        run.print(fmt::format("{} is final{}: it can no longer be undone\n", printable(one.id), space));
    }
    return 0;
}

int run_abandon(Run& run) {
    OneMigration one(run);
    one.migrator->abandon(one.id, one.target);
    if (run.json()) {
        JsonDocument out(run.command(), 0);
        out.text("id", one.id);
        run.print(out.finish());
    } else {
        run.print(fmt::format("{} is abandoned: its staging is gone, the target is as it was before\n",
                              printable(one.id)));
    }
    return 0;
}

}  // namespace migrate::cli
