#include "plan_settings.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include <boost/filesystem.hpp>
#include <fmt/format.h>

#include "files.hpp"
#include "mapping_file.hpp"
#include "option.hpp"
#include "printable.hpp"
#include "suggestion.hpp"
#include "usage_error.hpp"

namespace migrate::cli {

namespace {

constexpr std::uint64_t k_most_workers = 64;
constexpr std::uint64_t k_most_connections = 1'000'000;  // no server has more
constexpr std::uint64_t k_least_memory = 16ULL << 20;

void check_kinds(const std::vector<std::string>& kinds) {
    const std::vector<std::string> known = choices_of(*find_option("skip"));
    for (const std::string& kind : kinds) {
        if (std::find(known.begin(), known.end(), kind) == known.end()) {
            const std::string hint = did_you_mean(kind, known);
            usage_error(fmt::format("--skip: there is no kind of object \"{}\"", printable(kind)),
                        hint.empty() ? "`migrate-cli migrate --help` lists the kinds" : hint);
        }
    }
}

[[noreturn]] void bad_override(const std::string& text) {
    usage_error(fmt::format("--type: \"{}\" is not of the form table.column=type", printable(text)),
                "as in --type orders.total=numeric(12,2); names with . or = go in double quotes");
}

/// The dotted parts before "=", quotes undone; `at` is left on the "=".
std::vector<std::string> dotted_parts(const std::string& text, std::size_t& at) {
    std::vector<std::string> parts(1);
    bool quoted = false;
    for (at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '"' && quoted && at + 1 < text.size() && text[at + 1] == '"') {
            parts.back() += text[++at];
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == '.' && !quoted) {
            parts.emplace_back();
        } else if (c == '=' && !quoted) {
            return parts;
        } else {
            parts.back() += c;
        }
    }
    bad_override(text);
}

/// What becomes of tables that are at the target.
void existing_tables(const Settings& settings, PlanOptions& options) {
    const std::string existing = settings.text("on-existing");
    options.on_existing = existing == "load"      ? ExistingTables::load
                          : existing == "replace" ? ExistingTables::replace
                                                  : ExistingTables::refuse;
    const std::string conflict = settings.text("on-conflict");
    options.on_conflict = conflict == "stop"          ? ConflictHandling::stop
                          : conflict == "skip"        ? ConflictHandling::skip
                          : conflict == "overwrite"   ? ConflictHandling::overwrite
                          : conflict == "keep-newest" ? ConflictHandling::keep_newest
                                                      : ConflictHandling::refuse;
    options.newest_column = settings.text("newest-column");
    options.ignore_columns = settings.list("ignore-column");
    options.disable_triggers = settings.flag("disable-triggers");
    if (!conflict.empty() && options.on_existing != ExistingTables::load) {
        usage_error("--on-conflict is about loading into tables that exist", "add --on-existing load");
    }
    if (options.on_conflict == ConflictHandling::keep_newest && options.newest_column.empty()) {
        usage_error("--on-conflict keep-newest needs the column that tells which row is newer",
                    "name it with --newest-column");
    }
}

BackupPolicy backup_policy(const std::string& text) {
    return text == "always"  ? BackupPolicy::always
           : text == "never" ? BackupPolicy::never
                             : BackupPolicy::automatic;
}

/// Absolute, so that a saved plan finds it from anywhere.
std::string file_of(const Settings& settings, const std::string& option) {
    const std::string path = expand_home(settings.text(option));
    return path.empty() ? path : boost::filesystem::absolute(path).string();
}

}  // namespace

BackupKey opening_key(const Settings& settings) {
    return {file_of(settings, "backup-key-file"), file_of(settings, "backup-passphrase-file")};
}

BackupKey encrypting_key(const Settings& settings) {
    BackupKey key = opening_key(settings);
    if (!settings.flag("encrypt-backup")) {
        for (const char* option : {"backup-key-file", "backup-passphrase-file"}) {
            if (settings.on_command_line(option)) {
                usage_error(fmt::format("--{} is given, but backups are not encrypted", option),
                            "add --encrypt-backup");
            }
        }
        return {};
    }
    if (key.key_file.empty() == key.passphrase_file.empty()) {
        usage_error(key.given() ? "--encrypt-backup was given both a key and a passphrase"
                                : "--encrypt-backup needs a key or a passphrase",
                    "name one file: --backup-key-file FILE or --backup-passphrase-file FILE");
    }
    return key;
}

std::uint64_t backups_to_keep(const Settings& settings) {
    const std::string text = settings.text("keep-backups");
    if (text == "all") {
        return 0;
    }
    constexpr std::size_t k_most_digits = 9;
    const bool is_number = !text.empty() && text.size() <= k_most_digits &&
                           text.find_first_not_of("0123456789") == std::string::npos;
    if (!is_number || std::stoul(text) == 0) {
        usage_error(fmt::format("--keep-backups: \"{}\" is neither a number from 1 nor all", printable(text)),
                    "as in --keep-backups 7");
    }
    return std::stoul(text);
}

std::string backup_directory(const Settings& settings) {
    if (settings.is_set("backup-dir")) {
        // A plan that is saved finds it from anywhere.
        return boost::filesystem::absolute(expand_home(settings.text("backup-dir"))).string();
    }
    const boost::filesystem::path state = state_path(settings);
    return (state.parent_path() / "backups").string();
}

TypeOverride parse_type_override(const std::string& text) {
    std::size_t equals = 0;
    const std::vector<std::string> parts = dotted_parts(text, equals);
    const bool empty_part = std::any_of(parts.begin(), parts.end(), [](const auto& p) { return p.empty(); });
    if (parts.size() < 2 || empty_part) {
        bad_override(text);
    }
    TypeOverride out;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
        out.table += (i == 0 ? "" : ".") + parts[i];
    }
    out.column = parts.back();
    std::string type = text.substr(equals + 1);
    if (const std::size_t colon = type.find(':'); colon != std::string::npos) {
        out.format = type.substr(colon + 1);
        type.resize(colon);
    }
    const auto parsed = parse_logical_type(type);
    if (!parsed) {
        usage_error(fmt::format("--type: there is no type \"{}\"", printable(type)),
                    "types are boolean, int64, float64, decimal(p,s), text, bytes, date, time, timestamp, "
                    "timestamp_tz, uuid, json and others in the documentation");
    }
    out.type = *parsed;
    return out;
}

PlanOptions plan_options(const Settings& settings) {
    PlanOptions options;
    const std::string level = settings.text("level");
    options.level = level == "basic"      ? VerificationLevel::basic
                    : level == "rigorous" ? VerificationLevel::rigorous
                    : level == "forensic" ? VerificationLevel::forensic
                                          : VerificationLevel::standard;
    const std::string names = settings.text("names");
    options.names = names == "lower"   ? NamePolicy::lower
                    : names == "snake" ? NamePolicy::snake
                                       : NamePolicy::preserve;
    options.tables = settings.list("tables");
    options.exclude = settings.list("exclude");
    options.skip = settings.list("skip");
    check_kinds(options.skip);
    for (const std::string& text : settings.list("type")) {
        options.types.push_back(parse_type_override(text));
    }
    if (settings.is_set("mapping")) {
        options.mapping = read_mapping(expand_home(settings.text("mapping")));
    }
    const std::string on_orphan = settings.text("on-orphan");
    options.on_orphan = on_orphan == "stop"          ? OrphanHandling::stop
                        : on_orphan == "dead-letter" ? OrphanHandling::dead_letter
                                                     : OrphanHandling::not_valid;
    const std::string on_reject = settings.text("on-reject");
    options.on_reject = on_reject == "dead-letter"  ? RejectHandling::dead_letter
                        : on_reject == "null-value" ? RejectHandling::null_value
                                                    : RejectHandling::stop;
    existing_tables(settings, options);
    options.bad_text = settings.text("bad-text");
    options.virtual_tables = settings.text("virtual") == "data" ? VirtualTables::data : VirtualTables::skip;
    options.index_foreign_keys = settings.flag("index-foreign-keys");
    options.with_code = settings.flag("with-code");
    options.source_backup = backup_policy(settings.text("source-backup"));
    options.target_backup = backup_policy(settings.text("target-backup"));
    options.backup_directory = settings.text("backup-dir");
    options.backup_key = encrypting_key(settings);
    options.keep_backups = backups_to_keep(settings);
    options.workers = static_cast<unsigned>(std::min(settings.count("workers"), k_most_workers + 1));
    options.memory_bytes = settings.count("memory");
    options.chunk_rows = settings.count("chunk-rows");
    if (options.workers > k_most_workers) {
        usage_error(fmt::format("--workers: more than {} sessions a side are not opened", k_most_workers));
    }
    if (options.memory_bytes < k_least_memory) {
        usage_error("--memory: less than 16M is not enough to work in", "give at least 16M");
    }
    if (options.chunk_rows == 0) {
        usage_error("--chunk-rows: a chunk has at least one row");
    }
    return options;
}

RunLimits run_limits(const Settings& settings) {
    RunLimits limits;
    if (settings.is_set("max-rate")) {
        const Rate rate = read_rate(settings.text("max-rate"), "--max-rate");
        limits.rows_per_second = rate.rows_per_second;
        limits.bytes_per_second = rate.bytes_per_second;
    }
    limits.max_connections =
        static_cast<unsigned>(std::min(settings.count("max-connections"), k_most_connections));
    return limits;
}

std::string state_path(const Settings& settings) {
    if (settings.is_set("state")) {
        return expand_home(settings.text("state"));
    }
    const std::string directory = state_directory();
    if (directory.empty()) {
        usage_error("the index of migrations has no place: neither XDG_STATE_HOME nor HOME is set",
                    "give --state FILE");
    }
    return directory + "/state.db";
}

std::string audit_path(const Settings& settings) {
    const std::string given = settings.text("audit");
    if (given == "none") {
        return {};
    }
    if (!given.empty()) {
        return expand_home(given);
    }
    const boost::filesystem::path state = state_path(settings);
    return (state.parent_path() / "audit.jsonl").string();
}

AuditKeySource audit_key(const Settings& settings) {
    return settings.is_set("audit-key-file")
               ? audit_key_from_file(expand_home(settings.text("audit-key-file")))
               : AuditKeySource();
}

}  // namespace migrate::cli
