#include <algorithm>

#include <migrate/migration_plan.hpp>

#include "plan/mapping_fields.hpp"
#include "plan/phase_name.hpp"
#include "plan/provenance.hpp"
#include "plan/schema_fields.hpp"
#include "util/json_seal.hpp"

MIGRATE_NAMESPACE_BEGIN
namespace {

constexpr std::int64_t k_plan_version = 1;

template <class T>
struct Spelling {
    T value;
    std::string_view text;
};

template <class T, std::size_t N>
std::string_view spelling_among(const Spelling<T> (&table)[N], T value) {
    for (const auto& entry : table) {
        if (entry.value == value) {
            return entry.text;
        }
    }
    return {};
}

template <class T, std::size_t N>
bool parse_among(const Spelling<T> (&table)[N], std::string_view text, T& value) {
    for (const auto& entry : table) {
        if (entry.text == text) {
            value = entry.value;
            return true;
        }
    }
    return false;
}

constexpr Spelling<MigrationMode> k_modes[] = {{MigrationMode::full, "full"}};
constexpr Spelling<VerificationLevel> k_levels[] = {{VerificationLevel::basic, "basic"},
                                                    {VerificationLevel::standard, "standard"},
                                                    {VerificationLevel::rigorous, "rigorous"},
                                                    {VerificationLevel::forensic, "forensic"}};
constexpr Spelling<NamePolicy> k_policies[] = {
    {NamePolicy::preserve, "preserve"}, {NamePolicy::lower, "lower"}, {NamePolicy::snake, "snake"}};
constexpr Spelling<OrphanHandling> k_orphans[] = {{OrphanHandling::stop, "stop"},
                                                  {OrphanHandling::not_valid, "not-valid"},
                                                  {OrphanHandling::dead_letter, "dead-letter"}};
constexpr Spelling<RejectHandling> k_rejects[] = {{RejectHandling::stop, "stop"},
                                                  {RejectHandling::dead_letter, "dead-letter"},
                                                  {RejectHandling::null_value, "null-value"}};
constexpr Spelling<ExistingTables> k_existing[] = {
    {ExistingTables::refuse, "refuse"}, {ExistingTables::load, "load"}, {ExistingTables::replace, "replace"}};
constexpr Spelling<ConflictHandling> k_conflicts[] = {{ConflictHandling::refuse, "refuse"},
                                                      {ConflictHandling::stop, "stop"},
                                                      {ConflictHandling::skip, "skip"},
                                                      {ConflictHandling::overwrite, "overwrite"},
                                                      {ConflictHandling::keep_newest, "keep-newest"}};
constexpr Spelling<VirtualTables> k_virtual[] = {{VirtualTables::skip, "skip"},
                                                 {VirtualTables::data, "data"}};
constexpr Spelling<BackupPolicy> k_backups[] = {
    {BackupPolicy::automatic, "auto"}, {BackupPolicy::always, "always"}, {BackupPolicy::never, "never"}};
constexpr Spelling<Severity> k_severities[] = {{Severity::note, "note"},
                                               {Severity::risk, "risk"},
                                               {Severity::excluded, "excluded"},
                                               {Severity::left_out, "left_out"},
                                               {Severity::blocker, "blocker"}};

}  // namespace

std::string_view to_string(VerificationLevel level) noexcept {
    return spelling_among(k_levels, level);
}
DigestAlgorithm digest_algorithm_of(VerificationLevel level) noexcept {
    return level >= VerificationLevel::forensic ? DigestAlgorithm::sha256 : DigestAlgorithm::xxh3;
}
std::string_view to_string(NamePolicy policy) noexcept {
    return spelling_among(k_policies, policy);
}
std::string_view to_string(OrphanHandling handling) noexcept {
    return spelling_among(k_orphans, handling);
}
std::string_view to_string(RejectHandling handling) noexcept {
    return spelling_among(k_rejects, handling);
}
std::string_view to_string(ExistingTables handling) noexcept {
    return spelling_among(k_existing, handling);
}
std::string_view to_string(ConflictHandling handling) noexcept {
    return spelling_among(k_conflicts, handling);
}
std::string_view to_string(VirtualTables handling) noexcept {
    return spelling_among(k_virtual, handling);
}

inline std::string_view spelling_of(MigrationMode v) {
    return spelling_among(k_modes, v);
}
inline bool parse_spelling(std::string_view text, MigrationMode& v) {
    return parse_among(k_modes, text, v);
}
inline std::string_view spelling_of(VerificationLevel v) {
    return spelling_among(k_levels, v);
}
inline bool parse_spelling(std::string_view text, VerificationLevel& v) {
    return parse_among(k_levels, text, v);
}
inline std::string_view spelling_of(NamePolicy v) {
    return spelling_among(k_policies, v);
}
inline bool parse_spelling(std::string_view text, NamePolicy& v) {
    return parse_among(k_policies, text, v);
}
inline std::string_view spelling_of(OrphanHandling v) {
    return spelling_among(k_orphans, v);
}
inline bool parse_spelling(std::string_view text, OrphanHandling& v) {
    return parse_among(k_orphans, text, v);
}
inline std::string_view spelling_of(RejectHandling v) {
    return spelling_among(k_rejects, v);
}
inline bool parse_spelling(std::string_view text, RejectHandling& v) {
    return parse_among(k_rejects, text, v);
}
inline std::string_view spelling_of(ExistingTables v) {
    return spelling_among(k_existing, v);
}
inline bool parse_spelling(std::string_view text, ExistingTables& v) {
    return parse_among(k_existing, text, v);
}
inline std::string_view spelling_of(ConflictHandling v) {
    return spelling_among(k_conflicts, v);
}
inline bool parse_spelling(std::string_view text, ConflictHandling& v) {
    return parse_among(k_conflicts, text, v);
}
inline std::string_view spelling_of(VirtualTables v) {
    return spelling_among(k_virtual, v);
}
inline bool parse_spelling(std::string_view text, VirtualTables& v) {
    return parse_among(k_virtual, text, v);
}
inline std::string_view spelling_of(BackupPolicy v) {
    return spelling_among(k_backups, v);
}
inline bool parse_spelling(std::string_view text, BackupPolicy& v) {
    return parse_among(k_backups, text, v);
}
inline std::string_view spelling_of(RollbackStrategy v) {
    return to_string(v);
}
inline bool parse_spelling(std::string_view text, RollbackStrategy& v) {
    const auto found = parse_rollback_strategy(text);
    v = found.value_or(v);
    return found.has_value();
}
inline std::string_view spelling_of(Severity v) {
    return spelling_among(k_severities, v);
}
inline bool parse_spelling(std::string_view text, Severity& v) {
    return parse_among(k_severities, text, v);
}
inline std::string_view spelling_of(Phase v) {
    return to_string(v);
}
inline bool parse_spelling(std::string_view text, Phase& v) {
    const auto parsed = plan::parse_phase(text);
    v = parsed.value_or(v);
    return parsed.has_value();
}

template <class Archive>
void fields(Archive& a, Endpoint& v) {
    a.field("engine", v.engine);
    a.field("location", v.location);
    a.field("options", v.options);
}

template <class Archive>
void fields(Archive& a, EndpointSummary& v) {
    a.field("engine", v.engine);
    a.field("engine_version", v.engine_version);
    a.field("display", v.display);
    a.field("snapshot_kind", v.snapshot_kind);
    a.field("byte_size", v.byte_size);
    a.field("facts", v.facts);
}

template <class Archive>
void fields(Archive& a, TypeOverride& v) {
    a.field("table", v.table);
    a.field("column", v.column);
    a.field("type", v.type);
    a.field("format", v.format);
}

template <class Archive>
void fields(Archive& a, PlanOptions& v) {
    a.field("mode", v.mode);
    a.field("level", v.level);
    a.field("names", v.names);
    a.field("tables", v.tables);
    a.field("exclude", v.exclude);
    a.field("skip", v.skip);
    a.field("types", v.types);
    a.field("mapping", v.mapping);
    a.field("on_orphan", v.on_orphan);
    a.field("on_reject", v.on_reject);
    a.field("on_existing", v.on_existing);
    a.field("on_conflict", v.on_conflict);
    a.field("newest_column", v.newest_column);
    a.field("ignore_columns", v.ignore_columns);
    a.field("disable_triggers", v.disable_triggers);
    a.field("virtual_tables", v.virtual_tables);
    a.field("bad_text", v.bad_text);
    a.field("index_foreign_keys", v.index_foreign_keys);
    a.field("with_code", v.with_code);
    a.field("profile_ahead", v.profile_ahead);
    a.field("source_backup", v.source_backup);
    a.field("target_backup", v.target_backup);
    a.field("backup_directory", v.backup_directory);
    a.field("backup_key_file", v.backup_key.key_file);
    a.field("backup_passphrase_file", v.backup_key.passphrase_file);
    a.field("keep_backups", v.keep_backups);
    a.field("workers", v.workers);
    a.field("memory_bytes", v.memory_bytes);
    a.field("chunk_rows", v.chunk_rows);
}

template <class Archive>
void fields(Archive& a, ColumnPlan& v) {
    a.field("source", v.source);
    a.field("target", v.target);
    a.field("compare", v.compare);
    a.field("note", v.note);
    a.field("expression", v.expression);
}

template <class Archive>
void fields(Archive& a, TablePlan& v) {
    a.field("source", v.source);
    a.field("target", v.target);
    a.field("columns", v.columns);
    a.field("rows", v.rows);
    a.field("bytes", v.bytes);
    a.field("chunks", v.chunks);
    a.field("where", v.where);
}

template <class Archive>
void fields(Archive& a, Finding& v) {
    a.field("severity", v.severity);
    a.field("code", v.code);
    a.field("object", v.object);
    a.field("message", v.message);
    a.field("next_step", v.next_step);
    a.field("count", v.count);
    a.field("definition_of", v.definition_of);
}

template <class Archive>
void fields(Archive& a, PhaseEstimate& v) {
    a.field("phase", v.phase);
    std::int64_t milliseconds = v.duration.count();
    a.field("milliseconds", milliseconds);
    v.duration = std::chrono::milliseconds(milliseconds);
}

template <class Archive>
void fields(Archive& a, Estimates& v) {
    a.field("rows", v.rows);
    a.field("bytes", v.bytes);
    a.field("target_bytes", v.target_bytes);
    std::int64_t milliseconds = v.duration.count();
    a.field("milliseconds", milliseconds);
    v.duration = std::chrono::milliseconds(milliseconds);
    a.field("basis", v.basis);
    a.field("phases", v.phases);
    a.field("read_rows_per_second", v.read_rows_per_second);
    a.field("read_bytes_per_second", v.read_bytes_per_second);
}

template <class Archive>
void fields(Archive& a, MigrationPlan& v) {
    std::int64_t version = k_plan_version;
    a.field("plan_version", version);
    if (version != k_plan_version) {
        throw Error(ErrorCode::unsupported, "the plan is of format " + std::to_string(version) +
                                                ", this version reads format " +
                                                std::to_string(k_plan_version));
    }
    a.field("id", v.id);
    a.field("created_at", v.created_at);
    a.field("tool_version", v.tool_version);
    a.field("from", v.from);
    a.field("to", v.to);
    a.field("from_summary", v.from_summary);
    a.field("to_summary", v.to_summary);
    a.field("options", v.options);
    a.field("estimates", v.estimates);
    a.field("undo_strategy", v.strategy);
    a.field("undo_reason", v.strategy_reason);
    a.field("rollback_strategy", v.rollback_strategy);
    a.field("source_fingerprint", v.source_fingerprint);
    a.field("provisional", v.provisional);
    a.field("cut_over", v.cut_over);
    a.field("audit_head", v.audit_head);
    a.field("verified", v.verified);
    a.field("source_provenance", v.source_provenance);
    a.field("findings", v.findings);
    a.field("steps", v.steps);
    a.field("tables", v.tables);
    a.field("source", v.source);
    a.field("target", v.target);
    a.field("sql", v.sql);
}

namespace {

void require_sound(bool sound) {
    if (!sound) {
        throw Error(ErrorCode::malformed, "the plan does not fit together: make it anew with --save-plan");
    }
}

/// What a plan says of its tables is looked up by index: all of it has to be in range before that.
void check_way(const MigrationPlan& plan, const TablePlan& table) {
    require_sound(table.source < plan.source.tables.size() && table.target < plan.target.tables.size());
    for (const ColumnPlan& column : table.columns) {
        const bool computed = !column.expression.empty();
        require_sound((computed ? column.source == ColumnPlan::k_computed
                                : column.source < plan.source.tables[table.source].columns.size()) &&
                      column.target < plan.target.tables[table.target].columns.size());
    }
}

/// Indexes come from a file: nothing may be looked up with them before they are known to be in range.
void check_indexes(const MigrationPlan& plan) {
    std::vector<char> filled(plan.target.tables.size(), 0);
    for (const TablePlan& table : plan.tables) {
        check_way(plan, table);
        filled[table.target] = 1;
    }
    require_sound(std::find(filled.begin(), filled.end(), 0) == filled.end());
    require_sound(plan.id.size() == 12 && plan.id.find_first_not_of("0123456789abcdef") == std::string::npos);
}

}  // namespace

std::string render_json(const MigrationPlan& plan) {
    return util::sealed_json(plan::JsonWriter().document(plan));
}

MigrationPlan parse_plan(const std::string& json) {
    rapidjson::Document document;
    plan::parse_object(json, "the plan", document);
    if (!document.HasMember("plan_version")) {
        throw Error(ErrorCode::malformed, "the file is no migration plan: it has no plan_version");
    }
    MigrationPlan plan;
    plan::JsonReader reader(document);
    fields(reader, plan);
    check_indexes(plan);
    if (!util::seal_holds(json)) {
        ErrorFacts facts{.code = ErrorCode::malformed};
        facts.next_step = "Plan again; after an edit on purpose, take its last member, checksum, away.";
        throw Error(std::move(facts), "the plan is not what was saved: something in it was changed");
    }
    if (!plan.source_provenance.empty()) {
        plan::attach_origins(plan::parse_provenance(plan.source_provenance), plan.source);
    }
    return plan;
}

std::string render_sql(const MigrationPlan& plan) {
    std::string out;
    for (const std::string& statement : plan.sql) {
        out += statement;
        const bool comment_or_ended = statement.starts_with("--") || statement.ends_with(';');
        out += comment_or_ended ? "\n" : ";\n";
    }
    return out;
}

bool MigrationPlan::executable() const noexcept {
    for (const Finding& finding : findings) {
        if (finding.severity == Severity::blocker) {
            return false;
        }
    }
    return true;
}

int MigrationPlan::exit_code() const noexcept {
    if (!executable()) {
        return 3;
    }
    for (const Finding& finding : findings) {
        if (finding.severity == Severity::left_out) {
            return 5;
        }
    }
    return 0;
}

MIGRATE_NAMESPACE_END
