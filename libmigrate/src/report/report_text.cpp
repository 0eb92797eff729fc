#include "report/report_text.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

namespace migrate::report {
namespace {

/// Of the format, not of the program; raised when a member changes its meaning.
constexpr std::uint64_t k_version = 1;

class ReportText {
  public:
    explicit ReportText(const MigrationResult& result) : m_result(result) { m_writer.SetIndent(' ', 2); }

    std::string run() {
        m_writer.StartObject();
        add_run();
        add_side("source", m_result.record.from, m_result.record.source_fingerprint);
        add_side("target", m_result.record.to, {});
        add_tables();
        add_schema();
        add_findings();
        add_times();
        m_writer.EndObject();
        return {m_buffer.GetString(), m_buffer.GetSize()};
    }

  private:
    void key(std::string_view name) {
        m_writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    }
    void text(std::string_view name, std::string_view value) {
        key(name);
        m_writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
    }
    void number(std::string_view name, std::uint64_t value) {
        key(name);
        m_writer.Uint64(value);
    }
    void boolean(std::string_view name, bool value) {
        key(name);
        m_writer.Bool(value);
    }
    void milliseconds(std::string_view name, std::chrono::milliseconds value) {
        number(name, static_cast<std::uint64_t>(value.count()));
    }
    void digest(std::string_view name, const std::optional<Digest>& value) {
        if (value) {
            text(name, to_string(*value));
        }
    }
    template <class List, class Add>
    void list(std::string_view name, const List& values, Add add) {
        key(name);
        m_writer.StartArray();
        for (const auto& value : values) {
            m_writer.StartObject();
            add(value);
            m_writer.EndObject();
        }
        m_writer.EndArray();
    }

    void add_run() {
        const RunRecord& record = m_result.record;
        text("format", "migrate-run-report");
        number("version", k_version);
        text("tool_version", record.tool_version);
        text("migration", m_result.id);
        text("state", to_string(m_result.state));
        number("exit_code", static_cast<std::uint64_t>(m_result.exit_code()));
        text("failure", m_result.failure);
        text("level", to_string(m_result.verification.level));
        boolean("compared", record.compared);
        key("equal");
        // Nothing is said of what was not looked at.
        if (record.compared) {
            m_writer.Bool(m_result.verification.equal());
        } else {
            m_writer.Null();
        }
        text("started_at", record.started_at);
        text("ended_at", record.ended_at);
        text("plan_sha256", record.plan_sha256);
        text("audit_head", m_result.audit_head);
    }

    void add_side(std::string_view name, const EndpointSummary& side, const std::string& fingerprint) {
        key(name);
        m_writer.StartObject();
        text("engine", side.engine);
        text("engine_version", side.engine_version);
        text("endpoint", side.display);
        number("bytes", side.byte_size);
        if (name == "source") {
            text("snapshot", side.snapshot_kind);
            text("state", fingerprint);
        }
        m_writer.EndObject();
    }

    void add_tables() {
        const bool digested = m_result.verification.level >= VerificationLevel::standard;
        list("tables", m_result.verification.tables, [&](const TableComparison& table) {
            text("source", table.source);
            text("target", table.target);
            number("source_rows", table.source_rows);
            number("target_rows", table.target_rows);
            boolean("equal", table.equal);
            text("difference", table.note);
            if (digested) {
                digest("read", table.source_digest);
                digest("read_back", table.target_digest);
            }
            digest("read_in_text", table.source_text_digest);
            digest("read_back_in_text", table.target_text_digest);
            add_chunks(table.target);
        });
        list("rows", m_result.tables, [&](const TableResult& table) {
            text("source", table.source);
            text("target", table.target);
            number("source_rows", table.source_rows);
            number("committed", table.committed);
            number("rejected", table.rejected);
            number("nulled", table.nulled);
            number("filtered", table.filtered);
            number("skipped", table.skipped);
            number("overwritten", table.overwritten);
        });
        number("differing_rows_listed", m_result.verification.rows.size());
        boolean("more_rows_differ", m_result.verification.rows_truncated);
    }

    void add_chunks(const std::string& table) {
        std::vector<const Checkpoint*> chunks;
        for (const Checkpoint& checkpoint : m_result.record.checkpoints) {
            if (checkpoint.table.display() == table) {
                chunks.push_back(&checkpoint);
            }
        }
        list("chunks", chunks, [&](const Checkpoint* chunk) {
            number("index", chunk->chunk.index);
            number("rows", chunk->rows);
            number("rejected", chunk->rejects);
            number("nulled", chunk->nulled);
            number("filtered", chunk->filtered);
            text("digest", to_string(chunk->digest));
        });
    }

    void add_schema() {
        list("rules_counted", m_result.record.rules, [&](const RuleCount& rule) {
            text("kind", rule.kind);
            number("rules", rule.rules);
        });
        list("differences", m_result.verification.schema, [&](const SchemaDifference& difference) {
            text("object", difference.object);
            text("expected", difference.expected);
            text("found", difference.found);
        });
    }

    void add_findings() {
        for (const auto* findings : {&m_result.findings, &m_result.verification.findings}) {
            list(findings == &m_result.findings ? "findings" : "not_compared", *findings,
                 [&](const Finding& finding) {
                     text("severity", to_string(finding.severity));
                     text("code", finding.code);
                     text("object", finding.object);
                     text("message", finding.message);
                     number("count", finding.count);
                 });
        }
        text("source_backup", m_result.source_backup);
        text("target_backup", m_result.target_backup);
    }

    void add_times() {
        list("phases", m_result.phases, [&](const auto& phase) {
            text("phase", to_string(phase.first));
            milliseconds("ms", phase.second);
        });
        list("query_timings", m_result.verification.timings, [&](const QueryTiming& timing) {
            text("table", timing.table);
            text("query", to_string(timing.query));
            number("queries", timing.queries);
            number("source_us", static_cast<std::uint64_t>(timing.source.count()));
            number("target_us", static_cast<std::uint64_t>(timing.target.count()));
        });
        milliseconds("verification_ms", m_result.verification.duration);
        milliseconds("duration_ms", m_result.duration);
    }

    const MigrationResult& m_result;
    rapidjson::StringBuffer m_buffer;
    rapidjson::PrettyWriter<rapidjson::StringBuffer> m_writer{m_buffer};
};

}  // namespace

std::string describe(const MigrationResult& result) {
    return ReportText(result).run();
}

}  // namespace migrate::report
