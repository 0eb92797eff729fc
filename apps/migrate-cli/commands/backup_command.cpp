#include <string>
#include <vector>

#include <fmt/format.h>

#include "command.hpp"
#include "json_document.hpp"
#include "plan_settings.hpp"
#include "printable.hpp"
#include "run.hpp"
#include "text_render.hpp"
#include "usage_error.hpp"

namespace migrate::cli {

namespace {

constexpr const char* k_usage =
    "write backup create --from E, backup list, backup verify BACKUP, or backup restore BACKUP --to E";

void write_findings(JsonDocument& out, const std::string& name, const std::vector<Finding>& findings) {
    out.begin_array(name);
    for (const Finding& finding : findings) {
        out.begin_object();
        out.text("code", finding.code);
        out.text("object", finding.object);
        out.text("message", finding.message);
        out.end_object();
    }
    out.end_array();
}

void write(JsonDocument& out, const BackupInfo& backup) {
    out.text("id", backup.id);
    out.text("path", backup.path);
    out.text("state", to_string(backup.state));
    out.text("kind", backup.kind);
    out.text("migration", backup.migration);
    out.text("created_at", backup.created_at);
    out.text("engine", backup.engine);
    out.text("endpoint", backup.endpoint);
    out.text("form", backup.form);
    out.boolean("encrypted", backup.encrypted);
    out.number("files", backup.files);
    out.number("bytes", backup.bytes);
    out.number("stored_bytes", backup.stored_bytes);
    write_findings(out, "left_out", backup.left_out);
    out.text("problem", backup.problem);
}

std::string files_text(const BackupInfo& backup) {
    return fmt::format("{} file{}, {}, stored in {}{}", human_count(backup.files),
                       backup.files == 1 ? "" : "s", human_bytes(backup.bytes),
                       human_bytes(backup.stored_bytes), backup.encrypted ? ", encrypted" : "");
}

std::string line(const std::string& text) {
    return printable(text) + "\n";
}

/// The backup that is named after what to do with it.
std::string named_backup(const Run& run) {
    if (run.arguments().size() != 2) {
        usage_error("which backup is meant was not said", k_usage);
    }
    return run.arguments()[1];
}

void refuse_name(const Run& run) {
    if (run.arguments().size() != 1) {
        usage_error(fmt::format("backup {} takes no name", run.arguments().front()), k_usage);
    }
}

int create(Run& run) {
    refuse_name(run);
    const Settings& settings = run.settings();
    const Endpoint from = run.endpoints().require("from", false);
    BackupOptions options;
    options.directory = backup_directory(settings);
    options.key = encrypting_key(settings);
    options.keep = backups_to_keep(settings);
    options.with_json = settings.flag("with-json");
    const CreatedBackup made = run.reading_migrator().create_backup(from, options);
    if (run.json()) {
        JsonDocument out("backup create", made.exit_code());
        write(out, made.backup);
        out.texts("removed", made.removed);
        write_findings(out, "findings", made.findings);
        run.print(out.finish());
    } else {
        std::string text = line(fmt::format("Backup {}", made.backup.id)) +
                           line(fmt::format("  of      {}", made.backup.endpoint)) +
                           line(fmt::format("  in      {}", made.backup.path)) +
                           line(fmt::format("  holds   {}", files_text(made.backup)));
        text += "  every byte was read back and is what was written\n";
        for (const std::string& id : made.removed) {
            text += line(fmt::format("  removed {}: --keep-backups {}", id, options.keep));
        }
        run.print(text + text_of(made.backup.left_out));
    }
    run.complain(text_of(made.findings));
    return made.exit_code();
}

std::string list_text(const std::vector<BackupInfo>& backups, const std::string& directory) {
    if (backups.empty()) {
        return line("no backups in " + directory);
    }
    std::vector<std::vector<std::string>> rows{{"BACKUP", "STATE", "OF", "CONTENT", "STORED", ""}};
    for (const BackupInfo& one : backups) {
        const bool whole = one.state == BackupState::whole;
        rows.push_back({one.id, std::string(to_string(one.state)), whole ? one.endpoint : one.problem,
                        whole ? human_bytes(one.bytes) : "-", whole ? human_bytes(one.stored_bytes) : "-",
                        one.encrypted ? "encrypted" : ""});
    }
    return table_text(rows);
}

int list(Run& run) {
    refuse_name(run);
    const std::string directory = backup_directory(run.settings());
    const std::vector<BackupInfo> backups = run.reading_migrator().list_backups(directory);
    if (!run.json()) {
        run.print(list_text(backups, directory));
        return 0;
    }
    JsonDocument out("backup list", 0);
    out.text("directory", directory);
    out.begin_array("backups");
    for (const BackupInfo& one : backups) {
        out.begin_object();
        write(out, one);
        out.end_object();
    }
    out.end_array();
    run.print(out.finish());
    return 0;
}

std::string verification_text(const BackupVerification& found) {
    if (found.problems.empty()) {
        const std::string what = found.content_checked
                                     ? "every byte is as it was written"
                                     : "every stored byte is as it was written; what is in it was not looked "
                                       "at, as no key was given";
        return line(fmt::format("Backup {}: {}; {}", found.backup.id, files_text(found.backup), what));
    }
    std::string text;
    for (const std::string& problem : found.problems) {
        text += line("  " + problem);
    }
    return text + line(fmt::format("Backup {}: damaged; it cannot be restored", found.backup.id));
}

int verify(Run& run) {
    const std::string backup = named_backup(run);
    const BackupVerification found = run.reading_migrator().verify_backup(
        backup, backup_directory(run.settings()), opening_key(run.settings()));
    if (!run.json()) {
        run.print(verification_text(found));
        return found.exit_code();
    }
    JsonDocument out("backup verify", found.exit_code());
    write(out, found.backup);
    out.boolean("content_checked", found.content_checked);
    out.texts("problems", found.problems);
    run.print(out.finish());
    return found.exit_code();
}

/// Where what stood at the place is now.
std::string replaced_text(const RestoreResult& result) {
    if (!result.replaced.empty()) {
        return line(
            fmt::format("  what stood there is {} now; remove it when it is not needed", result.replaced));
    }
    if (!result.migration.empty()) {
        return line(
            fmt::format("  tables that stood there are kept; migrate-cli finalize {} --to {} drops them",
                        result.migration, result.endpoint));
    }
    return {};
}

int restore(Run& run) {
    const std::string backup = named_backup(run);
    const Endpoint to = run.endpoints().require("to", true);
    RestoreOptions options;
    options.directory = backup_directory(run.settings());
    options.key = opening_key(run.settings());
    options.overwrite = run.settings().flag("overwrite");
    const RestoreResult result = run.indexed_migrator().restore_backup(backup, to, options);
    if (run.json()) {
        JsonDocument out("backup restore", result.exit_code());
        write(out, result.backup);
        out.text("restored_to", result.endpoint);
        out.text("replaced", result.replaced);
        out.text("replaced_by_migration", result.migration);
        write_findings(out, "not_restored", result.left_out);
        run.print(out.finish());
    } else {
        run.print(line(fmt::format("Backup {} restored to {}: {}", result.backup.id, result.endpoint,
                                   files_text(result.backup))) +
                  replaced_text(result) + text_of(result.left_out));
    }
    return result.exit_code();
}

}  // namespace

int run_backup(Run& run) {
    const std::string what = run.arguments().empty() ? "" : run.arguments().front();
    if (what == "create") {
        return create(run);
    }
    if (what == "list") {
        return list(run);
    }
    if (what == "verify") {
        return verify(run);
    }
    if (what == "restore") {
        return restore(run);
    }
    usage_error(what.empty() ? std::string("backup needs to know what to do")
                             : fmt::format("backup does not know \"{}\"", printable(what)),
                k_usage);
}

}  // namespace migrate::cli
