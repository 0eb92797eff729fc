#include "json_render.hpp"

#include "json_document.hpp"

namespace migrate::cli {

namespace {

void write(JsonDocument& out, const std::vector<Finding>& findings) {
    out.begin_array("findings");
    for (const Finding& finding : findings) {
        out.begin_object();
        out.text("severity", to_string(finding.severity));
        out.text("code", finding.code);
        out.text("object", finding.object);
        out.text("message", finding.message);
        out.text("next_step", finding.next_step);
        out.number("count", finding.count);
        out.end_object();
    }
    out.end_array();
}

void write(JsonDocument& out, std::string_view name, const EndpointSummary& endpoint) {
    out.begin_object(name);
    out.text("engine", endpoint.engine);
    out.text("engine_version", endpoint.engine_version);
    out.text("location", endpoint.display);
    out.text("snapshot_kind", endpoint.snapshot_kind);
    out.number("bytes", endpoint.byte_size);
    out.begin_object("facts");
    for (const auto& [fact, value] : endpoint.facts) {
        out.text(fact, value);
    }
    out.end_object();
    out.end_object();
}

/// Of a RowDifference or SchemaDifference.
template <class Kind>
std::string_view kind_text(Kind kind) {
    switch (kind) {
        case Kind::only_in_source:
            return "only_in_source";
        case Kind::only_in_target:
            return "only_in_target";
        case Kind::changed:
            break;
    }
    return "changed";
}

/// `values`: with their keys and values.
void write_rows(JsonDocument& out, const std::string& name, const std::vector<RowDifference>& rows,
                bool values) {
    out.begin_array(name);
    for (const RowDifference& row : rows) {
        out.begin_object();
        out.text("kind", kind_text(row.kind));
        out.text("table", row.table);
        if (values) {
            out.texts("key", row.key);
        }
        out.texts("columns", row.columns);
        if (values) {
            out.texts("source_values", row.source_values);
            out.texts("target_values", row.target_values);
        }
        out.end_object();
    }
    out.end_array();
}

/// The members of a comparison, into the object that is open.
void write(JsonDocument& out, const VerificationReport& report, bool values) {
    out.boolean("equal", report.equal());
    out.text("level", to_string(report.level));
    out.milliseconds("duration_ms", report.duration);
    const bool digests = report.level >= VerificationLevel::standard;
    out.begin_array("tables");
    for (const TableComparison& table : report.tables) {
        out.begin_object();
        out.text("source", table.source);
        out.text("target", table.target);
        out.boolean("equal", table.equal);
        out.number("source_rows", table.source_rows);
        out.number("target_rows", table.target_rows);
        if (digests) {
            out.text("source_digest", to_string(table.source_digest));
            out.text("target_digest", to_string(table.target_digest));
        }
        if (table.source_text_digest) {
            out.text("source_text_digest", to_string(*table.source_text_digest));
        }
        if (table.target_text_digest) {
            out.text("target_text_digest", to_string(*table.target_text_digest));
        }
        out.text("note", table.note);
        out.end_object();
    }
    out.end_array();
    out.begin_array("schema");
    for (const SchemaDifference& difference : report.schema) {
        out.begin_object();
        out.text("kind", kind_text(difference.kind));
        out.text("object", difference.object);
        out.text("expected", difference.expected);
        out.text("found", difference.found);
        out.end_object();
    }
    out.end_array();
    write(out, report.findings);
    write_rows(out, "differing_rows", report.rows, values);
    out.boolean("differing_rows_truncated", report.rows_truncated);
    out.begin_array("query_timings");
    for (const QueryTiming& timing : report.timings) {
        out.begin_object();
        out.text("table", timing.table);
        out.text("query", to_string(timing.query));
        out.number("queries", timing.queries);
        out.number("source_us", static_cast<std::uint64_t>(timing.source.count()));
        out.number("target_us", static_cast<std::uint64_t>(timing.target.count()));
        out.end_object();
    }
    out.end_array();
}

void write(JsonDocument& out, const MigrationRecord& record) {
    out.text("id", record.id);
    out.text("state", to_string(record.state));
    out.text("from", record.from);
    out.text("to", record.to);
    out.text("started_at", record.started_at);
    out.text("finished_at", record.finished_at);
    out.number("rows", record.rows);
    out.integer("migration_exit_code", record.exit_code);
    out.text("message", record.message);
}

void write(JsonDocument& out, std::string_view name, const std::vector<RejectReason>& reasons) {
    out.begin_array(name);
    for (const RejectReason& reason : reasons) {
        out.begin_object();
        out.text("column", reason.column);
        out.text("reason", reason.reason);
        out.number("rows", reason.rows);
        out.boolean("nulled", reason.kept);
        out.end_object();
    }
    out.end_array();
}

void write_counts(JsonDocument& out, const RetriedTable& table) {
    out.number("letters", table.letters);
    out.number("tried", table.tried);
    out.number("inserted", table.inserted);
    out.number("filled", table.filled);
    out.number("left", table.left);
}

void write_tables(JsonDocument& out, const std::vector<TableResult>& tables) {
    out.begin_array("tables");
    for (const TableResult& table : tables) {
        out.begin_object();
        out.text("source", table.source);
        out.text("target", table.target);
        out.number("source_rows", table.source_rows);
        out.number("committed", table.committed);
        out.number("rejected", table.rejected);
        out.number("nulled", table.nulled);
        out.number("skipped", table.skipped);
        out.number("overwritten", table.overwritten);
        out.number("bytes", table.bytes);
        out.milliseconds("load_ms", table.load_time);
        write(out, "rejects", table.reasons);
        out.end_object();
    }
    out.end_array();
}

void write_stages(JsonDocument& out, const MigrationResult& result) {
    out.begin_array("stages");
    for (const StageTime& time : result.stages) {
        out.begin_object();
        out.text("stage", to_string(time.stage));
        out.number("threads", time.threads);
        out.milliseconds("busy_ms", time.busy);
        out.milliseconds("waiting_ms", time.waiting);
        out.end_object();
    }
    out.end_array();
    if (!result.bottleneck) {
        out.null("bottleneck");
        return;
    }
    out.begin_object("bottleneck");
    out.text("where", result.bottleneck->where);
    out.text("message", result.bottleneck->message);
    out.text("next_step", result.bottleneck->next_step);
    out.end_object();
}

void write_proofs(JsonDocument& out, const RollbackResult& result) {
    out.begin_array("tables");
    for (const RolledBackTable& table : result.tables) {
        out.begin_object();
        out.text("table", table.table);
        out.text("placement", to_string(table.placement));
        out.number("rows_before", table.rows_before);
        out.number("rows_after", table.rows_after);
        out.number("rows_now", table.rows_now);
        out.boolean("changed_since", table.changed_since);
        out.text("digest_before", table.digest_before);
        out.text("digest_restored", table.digest_restored);
        out.boolean("proven", table.proven);
        out.end_object();
    }
    out.end_array();
    out.begin_array("proofs");
    for (const RollbackProof& proof : result.proofs) {
        out.begin_object();
        out.text("what", proof.what);
        out.number("objects", proof.objects);
        out.text("digest_before", proof.digest_before);
        out.text("digest_restored", proof.digest_restored);
        out.boolean("proven", proof.proven);
        out.end_object();
    }
    out.end_array();
}

void write_members(JsonDocument& out, const RollbackRehearsal& rehearsal) {
    out.boolean("passed", rehearsal.passed());
    out.text("place", rehearsal.place);
    out.number("rows_there", rehearsal.rows_there);
    out.number("rows_migrated", rehearsal.rows_migrated);
    out.text("strategy", rehearsal.rollback.strategy);
    write_proofs(out, rehearsal.rollback);
    out.text("failure", rehearsal.failure);
    out.text("next_step", rehearsal.next_step);
    std::vector<Finding> findings = rehearsal.findings;
    findings.insert(findings.end(), rehearsal.rollback.findings.begin(), rehearsal.rollback.findings.end());
    write(out, findings);
    out.milliseconds("duration_ms", rehearsal.duration);
}

}  // namespace

std::string json_of(const MigrationResult& result, const MigrationPlan* plan, const std::string& command,
                    bool values) {
    JsonDocument out(command, result.exit_code());
    out.text("id", result.id);
    out.text("state", to_string(result.state));
    if (plan != nullptr) {
        write(out, "from", plan->from_summary);
        write(out, "to", plan->to_summary);
    }
    write_tables(out, result.tables);
    write(out, result.findings);
    const bool reached = result.state == MigrationState::ready || result.state == MigrationState::done ||
                         !result.verification.tables.empty();
    if (reached) {
        out.begin_object("verification");
        write(out, result.verification, values);
        out.end_object();
    } else {
        out.null("verification");
    }
    out.begin_array("phases");
    for (const auto& [phase, time] : result.phases) {
        out.begin_object();
        out.text("phase", to_string(phase));
        out.milliseconds("duration_ms", time);
        for (const PhaseEstimate& estimate : result.estimates.phases) {
            if (estimate.phase == phase) {
                out.milliseconds("estimated_ms", estimate.duration);
            }
        }
        out.end_object();
    }
    out.end_array();
    write_stages(out, result);
    out.milliseconds("duration_ms", result.duration);
    out.text("dead_letters", result.dead_letters);
    out.milliseconds("estimated_duration_ms", result.estimates.duration);
    out.text("estimate_basis", result.estimates.basis);
    out.text("source_backup", result.source_backup);
    out.text("target_backup", result.target_backup);
    out.text("rollback", result.rollback);
    if (result.rehearsal) {
        out.begin_object("rehearsal");
        write_members(out, *result.rehearsal);
        out.end_object();
    }
    out.text("audit_head", result.audit_head);
    out.text("failure", result.failure);
    out.text("error_code", result.error ? to_string(*result.error) : "");
    out.text("next_step", result.next_step);
    return out.finish();
}

std::string json_of(const RollbackResult& result) {
    JsonDocument out("rollback", result.exit_code());
    out.text("id", result.id);
    out.boolean("executed", result.executed);
    out.boolean("was_rolled_back", result.was_rolled_back);
    out.text("state", result.state);
    if (result.checkpoint) {
        out.number("checkpoint", *result.checkpoint);
    } else {
        out.null("checkpoint");
    }
    out.text("strategy", result.strategy);
    out.text("strategy_reason", result.strategy_reason);
    write_proofs(out, result);
    out.texts("steps", result.steps);
    write(out, result.findings);
    out.text("audit_head", result.audit_head);
    return out.finish();
}

std::string json_of(const RollbackRehearsal& rehearsal) {
    JsonDocument out("rehearsal", rehearsal.exit_code());
    write_members(out, rehearsal);
    return out.finish();
}

std::string json_of(const VerificationReport& report, bool values) {
    JsonDocument out("verify", report.exit_code());
    write(out, report, values);
    return out.finish();
}

std::string json_of(const DiffReport& report) {
    JsonDocument out("diff", report.verification.exit_code());
    write(out, report.verification, true);
    write_rows(out, "rows", report.rows, true);
    out.boolean("truncated", report.truncated);
    return out.finish();
}

std::string json_of(const DeadLetterRetry& retry) {
    JsonDocument out("dead-letters", retry.exit_code());
    const RetriedTable all = retry.total();
    out.text("id", retry.id);
    out.boolean("executed", retry.executed);
    write_counts(out, all);
    out.begin_array("tables");
    for (const RetriedTable& table : retry.tables) {
        out.begin_object();
        out.text("table", table.table);
        write_counts(out, table);
        write(out, "rejects", table.reasons);
        out.end_object();
    }
    out.end_array();
    write(out, retry.findings);
    return out.finish();
}

std::string json_of(const CheckReport& report) {
    JsonDocument out("check", report.exit_code());
    write(out, "endpoint", report.endpoint);
    out.number("tables", report.tables);
    out.number("rows", report.rows);
    write(out, report.findings);
    return out.finish();
}

std::string json_of(const std::optional<MigrationRecord>& record) {
    JsonDocument out("status", 0);
    if (!record) {
        out.null("migration");
        return out.finish();
    }
    out.begin_object("migration");
    write(out, *record);
    out.begin_array("checkpoints");
    for (const MigrationCheckpoint& checkpoint : record->checkpoints) {
        out.begin_object();
        out.number("number", checkpoint.number);
        out.text("phase", to_string(checkpoint.phase));
        out.text("begun_at", checkpoint.begun_at);
        out.text("ended_at", checkpoint.ended_at);
        out.end_object();
    }
    out.end_array();
    out.texts("events", record->events);
    out.end_object();
    return out.finish();
}

std::string json_of(const std::vector<MigrationRecord>& records) {
    JsonDocument out("history", 0);
    out.begin_array("migrations");
    for (const MigrationRecord& record : records) {
        out.begin_object();
        write(out, record);
        out.end_object();
    }
    out.end_array();
    return out.finish();
}

std::string json_of(const Error& error, int exit_code, const std::string& command,
                    const std::vector<Finding>& findings) {
    const ErrorFacts& facts = error.facts();
    JsonDocument out(command, exit_code);
    out.begin_object("error");
    out.text("code", to_string(facts.code));
    out.text("message", error.what());
    out.text("next_step", facts.next_step);
    out.text("backend", facts.backend);
    out.integer("native_code", facts.native_code);
    out.text("sqlstate", facts.sqlstate);
    out.text("table", facts.table);
    out.text("column", facts.column);
    if (facts.row) {
        out.number("row", *facts.row);
    } else {
        out.null("row");
    }
    out.end_object();
    write(out, findings);
    return out.finish();
}

}  // namespace migrate::cli
