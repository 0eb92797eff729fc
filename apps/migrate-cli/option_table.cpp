#include <array>

#include "option.hpp"

namespace migrate::cli {

namespace {

using Kind = OptionKind;
using Group = OptionGroup;

constexpr auto k_options = std::to_array<OptionSpec>({
    {"from", Kind::text, Group::sides, "E", "", "", false, "The database that is read"},
    {"to", Kind::text, Group::sides, "E", "", "", false, "The database that is written, or compared with"},
    {"backend", Kind::choice, Group::sides, "KIND", "", "sqlite|postgresql|json", false,
     "Take the endpoint as this kind, whatever its content looks like"},
    {"allow-password-in-uri", Kind::flag, Group::sides, "", "false", "", true,
     "Accept a password in a URI (others can see it in the process list)"},

    {"execute", Kind::flag, Group::run, "", "false", "", true,
     "Migrate; without it nothing is written anywhere"},
    {"dry-run", Kind::flag, Group::run, "BOOL", "true", "", true,
     "Show the plan only (the default); --dry-run=false is --execute"},
    {"preview", Kind::flag, Group::run, "", "false", "", true, "Another name for the dry run"},
    {"save-plan", Kind::text, Group::run, "FILE", "", "", true, "Write the plan to a file, to be run later"},
    {"plan", Kind::text, Group::run, "FILE", "", "", true, "Run, or show, a plan that was saved"},
    {"show-sql", Kind::flag, Group::run, "", "false", "", true, "Print the plan as the SQL it will run"},
    {"no-cutover", Kind::flag, Group::run, "", "false", "", false,
     "Stop when staged and verified; `cutover ID` does the last step"},
    {"keep-staging", Kind::flag, Group::run, "", "false", "", false,
     "Keep what a failed run had loaded, for a look; `abandon ID` drops it"},
    {"rehearse-rollback", Kind::flag, Group::run, "", "false", "", false,
     "Try the way back first: migrate a sample in a place of its own (a database on the target's server, a "
     "directory below $TMPDIR), roll it back and prove that everything is as before; where it is not, "
     "nothing "
     "is migrated"},
    {"rehearsal-rows", Kind::count, Group::run, "N", "1000", "", false,
     "Rows of each table on either side that a rehearsal takes, at most"},
    {"watch", Kind::flag, Group::run, "", "false", "", true, "Go on showing what is new until it has ended"},
    {"last", Kind::flag, Group::run, "", "false", "", true, "The newest migration that did not finish"},
    {"level", Kind::choice, Group::run, "LEVEL", "standard", "basic|standard|rigorous|forensic", false,
     "How thoroughly both sides are compared: basic (counts, schema), standard (and every row), rigorous "
     "(and "
     "the source again, keys and checks by query, rows that differ by key, the same queries timed), forensic "
     "(and SHA-256 digests, and all values once more as the engines spell them in text)"},
    {"report", Kind::text, Group::run, "FILE", "", "", true,
     "Write what was moved and how it was made sure of to a new file that only its owner can read"},
    {"report-key", Kind::text, Group::run, "FILE", "", "", false,
     "The key that the report is signed with, as report keygen makes it; needed at level forensic"},
    {"public-key", Kind::text, Group::run, "FILE", "", "", false,
     "Whose signature a report has to have: the .pub file that report keygen made"},
    {"max-rate", Kind::rate, Group::run, "RATE", "", "", false,
     "Read so much a second at most, as 5000rows or 20MB (of values): what is loaded, read back, compared or "
     "profiled (SQLite and JSON, rows only), by all workers together. Counts by the engines, keys and "
     "indexes "
     "and the backup are not slowed"},
    {"max-connections", Kind::count, Group::run, "N", "0", "", false,
     "Sessions open on one PostgreSQL server at once, at most; 0 = as many as --workers need. A run needs 2 "
     "to "
     "read from a server, 3 to write to one, 5 where both sides are on one"},
    {"source-backup", Kind::choice, Group::run, "WHEN", "auto", "auto|always|never", false,
     "Back the source up first: auto does so for files up to 1 GiB"},
    {"target-backup", Kind::choice, Group::run, "WHEN", "auto", "auto|always|never", false,
     "Back the target up first: auto does so up to 1 GiB where tables that exist are replaced or loaded "
     "into"},
    {"backup-dir", Kind::text, Group::run, "DIR", "", "", false,
     "Where backups go; default: `backups` beside the state file"},
    {"encrypt-backup", Kind::flag, Group::run, "", "false", "", false,
     "Encrypt backups with a key file or a passphrase"},
    {"backup-key-file", Kind::text, Group::run, "FILE", "", "", false,
     "The key of encrypted backups: a file of 32 bytes, or their 64 hexadecimal digits"},
    {"backup-passphrase-file", Kind::text, Group::run, "FILE", "", "", false,
     "A file that holds the passphrase of encrypted backups"},
    {"keep-backups", Kind::text, Group::run, "N", "all", "", false,
     "Backups kept of one database and kind, the newest ones; older ones go once a new one is verified"},
    {"with-json", Kind::flag, Group::run, "", "false", "", true,
     "Back a SQLite database up as JSON too, which comes back exactly as well"},
    {"overwrite", Kind::flag, Group::run, "", "false", "", true, "Restore over what is there, in one step"},

    {"tables", Kind::list, Group::content, "NAMES", "", "", false,
     "Only these tables (names, or globs with * and ?)"},
    {"exclude", Kind::list, Group::content, "NAMES", "", "", false, "Not these tables"},
    {"skip", Kind::list, Group::content, "KINDS", "",
     "views|materialized-views|triggers|functions|procedures|aggregates|indexes|foreign-keys|checks|"
     "sequences|comments|virtual-tables|foreign-tables|partitions|enums|domains|range-types|"
     "composite-types|collations|extensions|policies|privileges|rules|publications|statistics|"
     "large-objects|exclusion-constraints|owners|settings|operators|casts|servers|user-mappings|"
     "event-triggers|tablespaces|partition-indexes|partition-constraints|materialized-view-indexes|"
     "default-privileges|database-settings",
     false, "Leave these kinds of objects out"},
    {"type", Kind::repeat, Group::content, "T.C=TYPE", "", "", false,
     "Read column C of table T as TYPE, or as TYPE:FORMAT (orders.paid=timestamp:epoch_ms)"},
    {"mapping", Kind::text, Group::content, "FILE", "", "", false,
     "Rename, filter, compute, split and merge as this YAML file says (doc/mapping.md)"},
    {"names", Kind::choice, Group::content, "HOW", "preserve", "preserve|lower|snake", false,
     "How names are spelled at the target"},
    {"on-orphan", Kind::choice, Group::content, "WHAT", "not-valid", "stop|dead-letter|not-valid", false,
     "A foreign key that rows violate: stop, leave these rows out (each is kept as a dead letter), or make "
     "it "
     "without checking the rows that are there"},
    {"on-reject", Kind::choice, Group::content, "WHAT", "stop", "stop|dead-letter|null-value", false,
     "A row that does not fit (a value, a key, NOT NULL, CHECK): stop, leave it out (it is kept as a dead "
     "letter), or put NULL in the value's place where its column allows it"},
    {"on-existing", Kind::choice, Group::content, "WHAT", "refuse", "refuse|load|replace", false,
     "Tables that are at the target already: refuse, load rows into them as they are, or keep them aside and "
     "put new ones in their place"},
    {"on-conflict", Kind::choice, Group::content, "WHAT", "", "stop|skip|overwrite|keep-newest", false,
     "A row whose key an existing table has: stop, skip it, overwrite the one that is there, or keep the "
     "newer "
     "one; needed where such a table has rows"},
    {"newest-column", Kind::text, Group::content, "COLUMN", "", "", false,
     "For --on-conflict keep-newest: the column whose higher value is newer"},
    {"ignore-column", Kind::repeat, Group::content, "T.C", "", "", false,
     "Column C of the source's table T has no place in the existing table: leave it out (globs)"},
    {"disable-triggers", Kind::flag, Group::content, "", "false", "", false,
     "The triggers of existing tables do not fire for the rows that are loaded"},
    {"discard-later-changes", Kind::flag, Group::run, "", "false", "", true,
     "Roll back although rows were changed since; the rollback says what stays and what goes"},
    {"strategy", Kind::choice, Group::run, "NAME", "", "swap|revert|restore|schema-only", true,
     "Roll back by another strategy than the plan's, where that is possible"},
    {"to-checkpoint", Kind::count, Group::run, "N", "", "", true,
     "Roll back to where phase N of `status ID` had ended: 5 to 8 keep what was staged for `resume`"},
    {"output", Kind::text, Group::output, "FILE", "", "", true,
     "Where exported rows go: a new file that only its owner can read; - is standard output"},
    {"format", Kind::choice, Group::output, "FORMAT", "ndjson", "ndjson|json", true,
     "How exported rows are written: an object a line, or one array of them"},
    {"overwrite", Kind::flag, Group::output, "", "false", "", true,
     "The exported file may take the place of one that is there"},
    {"from-file", Kind::text, Group::run, "FILE", "", "", true,
     "Retry the dead letters of an exported file, with their rows as they are there"},
    {"only", Kind::repeat, Group::content, "TABLE", "", "", true,
     "Retry the dead letters of this table only, named as at the target"},
    {"bad-text", Kind::choice, Group::content, "WHAT", "stop", "stop|replace|bytes", false,
     "Text that is not UTF-8: stop, replace what is wrong, or carry it as bytes"},
    {"virtual", Kind::choice, Group::content, "WHAT", "skip", "skip|data", false,
     "SQLite's virtual tables (full-text, R-tree…): leave them out by name, or take their rows along as "
     "plain "
     "tables"},
    {"index-foreign-keys", Kind::flag, Group::content, "", "false", "", false,
     "Make an index for each foreign key that has none"},
    {"with-code", Kind::flag, Group::content, "", "false", "", false,
     "Take views, triggers and functions along, between databases of one kind: the source's code will run "
     "at the target; JSON keeps their definitions as text, for the way back"},
    {"rows-only", Kind::flag, Group::content, "", "false", "", true,
     "Compare rows and values only: keys, types, defaults, indexes, views… may differ"},
    {"max-rows", Kind::count, Group::content, "N", "100", "", false, "Rows listed at most"},
    {"show-values", Kind::flag, Group::content, "", "false", "", true,
     "Show the values of rows as well (they may be secret)"},

    {"nested", Kind::choice, Group::json, "HOW", "", "normalize|json", false,
     "Nested JSON becomes tables of its own (normalize), or one JSON column"},
    {"layout", Kind::choice, Group::json, "HOW", "", "tables|file|documents", false,
     "Written as one file per table, as one file, or as documents: those that the data was read from, or "
     "tables nested by their foreign keys; documents reads files as rows of one table"},
    {"nest", Kind::text, Group::json, "T:P,...", "", "", false,
     "Of tables nested by foreign keys: the rows of T stand in those of P, or of their own (T:-)"},
    {"max-nesting", Kind::count, Group::json, "N", "", "", false, "Levels that become tables"},
    {"max-columns", Kind::count, Group::json, "N", "", "", false, "Columns that one JSON table may have"},
    {"key", Kind::text, Group::json, "MEMBER", "", "", false, "The member that identifies an object"},
    {"keyed", Kind::flag, Group::json, "", "", "", false, "An object of objects is a table, keyed by member"},
    {"infer-keys", Kind::flag, Group::json, "", "", "", false,
     "Make primary keys, and references between tables, of the members whose names and all of whose values "
     "say that they are; the plan names each"},
    {"duplicate-keys", Kind::choice, Group::json, "WHAT", "", "refuse|keep", false,
     "An object that has a member twice: refuse it, or keep it as JSON text"},

    {"workers", Kind::count, Group::resource, "N", "0", "", false,
     "Readers, writers and builders of keys; 0 = one per core, at most 8"},
    {"memory", Kind::size, Group::resource, "SIZE", "256M", "", false,
     "Memory to keep to, about; more speeds up wide rows"},
    {"chunk-rows", Kind::count, Group::resource, "N", "150000", "", false,
     "Rows a chunk, about: the unit of commit and of progress"},

    {"json", Kind::flag, Group::output, "", "false", "", false, "One JSON document on standard output"},
    {"progress", Kind::choice, Group::output, "HOW", "auto", "auto|live|lines|json|none", false,
     "How far a run is, on standard error: redrawn, a line every few seconds, each event as a line of JSON; "
     "auto = redrawn on a terminal"},
    {"quiet", Kind::flag, Group::output, "", "false", "", false, "No progress and no logs, only errors"},
    {"verbose", Kind::flag, Group::output, "", "false", "", false, "Say what is done: --log-level info"},
    {"log-level", Kind::choice, Group::output, "LEVEL", "warning", "debug|info|warning|error|off", false,
     "What is logged to standard error"},

    {"endpoint", Kind::text, Group::general, "E", "", "", false,
     "The endpoint of a command that was given none"},
    {"state", Kind::text, Group::general, "FILE", "", "", false,
     "The index of migrations; default: $XDG_STATE_HOME/migrate/state.db"},
    {"audit", Kind::text, Group::general, "FILE", "", "", false,
     "The audit trail, to which every change is added; none = keep none. Default: `audit.jsonl` beside the "
     "state file"},
    {"audit-key-file", Kind::text, Group::general, "FILE", "", "", false,
     "The key that the audit trail is kept with, so that nobody without it can forge one"},
    {"head", Kind::text, Group::general, "HASH", "", "", true,
     "A line that the audit trail has to hold: its hash, or the head that a run has shown"},
    {"config", Kind::text, Group::general, "FILE", "", "", true,
     "Configuration file; default: ./migrate.yaml, then the one in $XDG_CONFIG_HOME/migrate/"},
    {"help", Kind::flag, Group::general, "", "false", "", true, "This text"},
});

}  // namespace

std::span<const OptionSpec> all_options() {
    return k_options;
}

}  // namespace migrate::cli
