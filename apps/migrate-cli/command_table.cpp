#include <algorithm>

#include "command.hpp"

namespace migrate::cli {

namespace {

using Names = std::vector<std::string_view>;

/// What shapes the reading of both sides, wherever two are compared or one is copied.
const Names k_comparison{
    "from",        "to",      "level",  "tables",         "exclude",         "skip",
    "type",        "mapping", "names",  "nested",         "layout",          "max-nesting",
    "max-columns", "key",     "keyed",  "duplicate-keys", "infer-keys",      "bad-text",
    "virtual",     "workers", "memory", "max-rate",       "max-connections", "allow-password-in-uri",
    "show-values"};

Names with(Names names, const Names& more) {
    names.insert(names.end(), more.begin(), more.end());
    return names;
}

Command migrate_command() {
    return {
        "migrate",
        "--from E --to E",
        0,
        "Migrate a whole database; a dry run that shows the plan unless --execute is given",
        "Plans the migration and checks everything that could stop it. With --execute it is then staged,\n"
        "verified by reading both sides back, and shown to others in one step; the source is never\n"
        "changed, and a run that fails leaves the target as it was.\n"
        "SIGUSR1 pauses a run once the chunks under way are committed, SIGUSR2 lets it go on.",
        with(k_comparison, {"execute",
                            "dry-run",
                            "preview",
                            "save-plan",
                            "plan",
                            "show-sql",
                            "no-cutover",
                            "keep-staging",
                            "rehearse-rollback",
                            "rehearsal-rows",
                            "source-backup",
                            "target-backup",
                            "backup-dir",
                            "encrypt-backup",
                            "backup-key-file",
                            "backup-passphrase-file",
                            "keep-backups",
                            "report",
                            "report-key",
                            "on-orphan",
                            "on-reject",
                            "on-existing",
                            "on-conflict",
                            "newest-column",
                            "ignore-column",
                            "disable-triggers",
                            "index-foreign-keys",
                            "with-code",
                            "nest",
                            "chunk-rows"}),
        {"migrate-cli migrate --from app.db --to postgresql://app@db.example/app",
         "migrate-cli migrate --from app.db --to json:export/ --execute",
         "migrate-cli migrate --from app.db --to json:documents/ --layout documents --execute",
         "migrate-cli migrate --from json:sessions/ --to sessions.db --nested json --execute",
         "migrate-cli migrate --from app.db --to warehouse --mapping app.mapping.yaml --execute",
         "migrate-cli migrate --from app.db --to app-production --on-existing load --on-conflict skip",
         "migrate-cli migrate --from app.db --to warehouse --save-plan app.plan",
         "migrate-cli migrate --plan app.plan --execute"},
        run_migrate};
}

Command verify_command() {
    return {
        "verify",
        "--from E --to E",
        0,
        "Compare two databases; changes nothing",
        "Reads both sides and compares them object by object, as a migration with the same options\n"
        "would have to leave them: rows, values and the schema (types, NOT NULL, defaults, keys, checks,\n"
        "foreign keys, indexes, next values, comments, views, triggers…). Exit code 4 where anything "
        "differs.\n"
        "Give it the options that the target was made with. --rows-only leaves the schema uncompared, as\n"
        "for tables that an application made for itself; --level basic counts rows and reads no values.",
        with(k_comparison, {"rows-only", "index-foreign-keys"}),
        {"migrate-cli verify --from app.db --to json:export/",
         "migrate-cli verify --from app.db --to app-production --rows-only",
         "migrate-cli verify --from app.db --to warehouse --level basic --json"},
        run_verify};
}

Command diff_command() {
    return {"diff",
            "--from E --to E",
            0,
            "List what differs between two databases",
            "Like verify, and lists the first rows that differ by their keys. The output holds values of\n"
            "these rows. Exit code 4 as verify's.",
            with(k_comparison, {"rows-only", "index-foreign-keys", "max-rows"}),
            {"migrate-cli diff --from app.db --to backup.db",
             "migrate-cli diff --from app.db --to warehouse --tables 'order*' --max-rows 20"},
            run_diff};
}

Command check_command() {
    return {"check",
            "[E]",
            1,
            "Check one database: readable, undamaged, ready to be migrated",
            "Runs the checks of the endpoint's own engine. Without an endpoint, the configured default is\n"
            "checked. Exit code 4 where it is damaged.",
            {"backend", "endpoint", "nested", "layout", "max-nesting", "max-columns", "key", "keyed",
             "duplicate-keys", "infer-keys", "allow-password-in-uri"},
            {"migrate-cli check app.db", "migrate-cli check --backend json export.txt",
             "migrate-cli check postgresql://app@db.example/app --json"},
            run_check};
}

Command on_one_migration(std::string_view name, std::string_view summary, std::string_view details,
                         int (*run)(Run&), const Names& examples) {
    return {name, "ID", 1, summary, details, {"to", "allow-password-in-uri"}, examples, run};
}

Command dead_letters_command() {
    return {"dead-letters",
            "list ID | export ID --output FILE | retry ID",
            2,
            "Show, save or retry the rows that a migration could not take along",
            "`list` shows where each row belongs and why it was left out, without its values unless\n"
            "--show-values is given. `export` writes the rows whole, one JSON object a line, to a new file\n"
            "that only its owner can read. `retry` tries the rows once more, after the target's constraint\n"
            "was changed, or as they were mended in an exported file: those that fit now go into their\n"
            "tables, in one step with the end of their dead letters; the others stay, with the reason that\n"
            "holds now. Without --execute it says what it would try, and writes nothing. With --from-file\n"
            "the letters of the file are tried, and no others. --endpoint names the target of a migration\n"
            "that the index does not know. Exit code 5 where dead letters are left.",
            {"output", "to", "format", "overwrite", "execute", "dry-run", "preview", "from-file", "only",
             "endpoint", "max-rows", "show-values", "allow-password-in-uri"},
            {"migrate-cli dead-letters list 3f1c09ab42de",
             "migrate-cli dead-letters list 3f1c09ab42de --show-values --json",
             "migrate-cli dead-letters export 3f1c09ab42de --output rejected.ndjson",
             "migrate-cli dead-letters retry 3f1c09ab42de",
             "migrate-cli dead-letters retry 3f1c09ab42de --from-file rejected.ndjson --execute"},
            run_dead_letters};
}

Command audit_command() {
    return {"audit",
            "show [ID] | verify",
            2,
            "Show who did what and when, or check that the record of it is whole",
            "Every command that changes something, or was refused to, adds to the audit trail: its start,\n"
            "phases, decisions and end. Each line holds the hash of the one before it. `show` prints the\n"
            "newest lines, of one migration where its ID is given. `verify` follows the chain and names the\n"
            "first line that is wrong; --head and --to find out whether lines were cut off at the end, by\n"
            "what a run has shown and by what a target remembers. Exit code 4 where the trail is damaged.",
            {"max-rows", "head", "to", "allow-password-in-uri"},
            {"migrate-cli audit show", "migrate-cli audit show 3f1c09ab42de --json",
             "migrate-cli audit verify --to postgresql://app@db.example/app",
             "migrate-cli audit verify --audit audit.jsonl --audit-key-file audit.key"},
            run_audit};
}

Command backup_command() {
    return {
        "backup",
        "create --from E | list | verify BACKUP | restore BACKUP --to E",
        2,
        "Make, look at, check and restore backups; those that migrations make as well",
        "`create` copies a SQLite file by SQLite's own way of copying, JSON file by file, and a PostgreSQL\n"
        "database as JSON that comes back exactly; compressed, encrypted where asked for, and read back to\n"
        "the last byte before it counts. `verify` does that again: exit code 4 where anything differs.\n"
        "`restore` puts the database back in one step, and over what is there only with --overwrite. BACKUP\n"
        "is a path, an id of `list` or its beginning, or a migration's id.",
        {"from", "to", "backup-dir", "encrypt-backup", "backup-key-file", "backup-passphrase-file",
         "keep-backups", "with-json", "overwrite", "max-connections", "allow-password-in-uri"},
        {"migrate-cli backup create --from app.db",
         "migrate-cli backup create --from app.db --encrypt-backup --backup-key-file app.key --keep-backups "
         "7",
         "migrate-cli backup list", "migrate-cli backup verify 3f1c09ab42de",
         "migrate-cli backup restore 3f1c09ab42de --to sqlite:restored.db"},
        run_backup};
}

Command report_command() {
    return {
        "report",
        "keygen FILE | verify FILE --public-key FILE",
        2,
        "Make a key for the reports of runs, or check that a report is whole",
        "`migrate --report FILE --report-key FILE` writes what was moved and how it was made sure of, and\n"
        "signs it. `keygen` makes the key that signs, and beside it, with .pub behind its name, the one\n"
        "that tells whether a report is what was signed. `verify` looks: exit code 4 where so much as a\n"
        "byte is another one, where somebody else has signed it, or nobody.",
        {"public-key"},
        {"migrate-cli report keygen report.key",
         "migrate-cli report verify app.report.json --public-key report.key.pub"},
        run_report};
}

std::vector<Command> make_commands() {
    std::vector<Command> commands{migrate_command(), verify_command(), diff_command(), check_command()};
    commands.push_back(
        {"status",
         "[ID]",
         1,
         "Show one migration, the newest without an ID",
         "With --watch what is new of it is printed as it comes, until it has ended or Ctrl-C. With\n"
         "--json that is one document for each change.",
         {"watch"},
         {"migrate-cli status", "migrate-cli status 3f1c09ab42de --json", "migrate-cli status --watch"},
         run_status});
    commands.push_back({"history",
                        "",
                        0,
                        "List the migrations that were run, newest first",
                        "",
                        {"max-rows"},
                        {"migrate-cli history", "migrate-cli history --max-rows 5 --json"},
                        run_history});
    commands.push_back(
        {"resume",
         "[ID]",
         1,
         "Go on with a migration that was stopped, killed or cut off",
         "Chunks that are in the target already stay; the rest is loaded, verified and shown as if nothing\n"
         "had happened. Without an ID it is the newest unfinished migration: --last of those that were run\n"
         "here, --to E of that target, where no index is needed. --from names a source that has moved, or\n"
         "whose way in is not recorded. Where the source has changed since, everything is loaded anew.",
         {"last", "from", "to", "no-cutover", "keep-staging", "report", "report-key", "max-rate",
          "max-connections", "allow-password-in-uri"},
         {"migrate-cli resume 3f1c09ab42de", "migrate-cli resume --last",
          "migrate-cli resume --to postgresql://app@db.example/app"},
         run_resume});
    commands.push_back(
        on_one_migration("cutover", "Do the last step of a migration that is staged and verified",
                         "For a migration that was run with --no-cutover, or could not get its lock.",
                         run_cutover, {"migrate-cli cutover 3f1c09ab42de"}));
    commands.push_back(
        on_one_migration("finalize", "Drop what a migration kept for its rollback; irreversible",
                         "Afterwards the migration can no longer be undone. Shows the space that was freed.",
                         run_finalize, {"migrate-cli finalize 3f1c09ab42de"}));
    commands.push_back(on_one_migration("abandon", "Drop the staging of a migration that did not finish",
                                        "The target is then as it was before that migration.", run_abandon,
                                        {"migrate-cli abandon 3f1c09ab42de"}));
    commands.push_back(dead_letters_command());
    commands.push_back(
        {"rollback",
         "ID",
         1,
         "Undo a migration, and prove it; a dry run unless --execute is given",
         "Tables that were created are dropped, tables that were replaced are put back, and rows that\n"
         "were loaded are taken out again, in one step, until finalize. It is refused where rows were\n"
         "changed since (see --discard-later-changes) or others depend on what would go. Digests from\n"
         "before the migration prove the result. Of one that is not done, what is staged is dropped. With\n"
         "--to-checkpoint what was staged by then is kept, or given back, for resume; --strategy names\n"
         "another way than the plan's.",
         {"to", "execute", "dry-run", "preview", "discard-later-changes", "strategy", "to-checkpoint",
          "backup-dir", "backup-key-file", "backup-passphrase-file", "allow-password-in-uri"},
         {"migrate-cli rollback 3f1c09ab42de", "migrate-cli rollback 3f1c09ab42de --execute",
          "migrate-cli rollback 3f1c09ab42de --to-checkpoint 8 --execute"},
         run_rollback});
    commands.push_back(audit_command());
    commands.push_back(backup_command());
    commands.push_back(report_command());
    commands.push_back(
        {"config",
         "generate | show | set-default [NAME] VALUE",
         3,
         "Print a configuration file to start from, show what applies, set a default",
         "`generate` prints a commented migrate.yaml. `show` prints every value with where it came\n"
         "from, secrets masked. `set-default VALUE` names the default endpoint, and `set-default\n"
         "NAME VALUE` the default of an option, in the configuration file.",
         {},
         {"migrate-cli config generate > migrate.yaml", "migrate-cli config show",
          "migrate-cli config set-default workers 4"},
         run_config});
    return commands;
}

}  // namespace

std::span<const Command> all_commands() {
    static const std::vector<Command> k_commands = make_commands();
    return k_commands;
}

const Command* find_command(std::string_view name) {
    const auto commands = all_commands();
    const auto at =
        std::find_if(commands.begin(), commands.end(), [&](const Command& c) { return c.name == name; });
    return at == commands.end() ? nullptr : &*at;
}

std::vector<std::string> option_names(const Command& command) {
    std::vector<std::string> names(command.options.begin(), command.options.end());
    for (const char* name : {"json", "progress", "quiet", "verbose", "log-level", "state", "audit",
                             "audit-key-file", "config", "help"}) {
        names.emplace_back(name);
    }
    return names;
}

}  // namespace migrate::cli
