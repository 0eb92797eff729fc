#include <deque>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <migrate/audit.hpp>

#include "command.hpp"
#include "json_document.hpp"
#include "plan_settings.hpp"
#include "printable.hpp"
#include "run.hpp"
#include "text_render.hpp"
#include "usage_error.hpp"

namespace migrate::cli {

namespace {

constexpr const char* k_usage = "write audit show, audit show ID, or audit verify";

std::string require_trail(const Run& run) {
    const std::string path = audit_path(run.settings());
    if (path.empty()) {
        usage_error("no audit trail is kept here", "name one with --audit FILE");
    }
    return path;
}

/// The newest lines, as many as are asked for; all of them where a migration was named.
std::deque<AuditRecord> newest_lines(const Run& run, const std::string& id, std::uint64_t& all) {
    const std::uint64_t most = run.settings().count("max-rows");
    const bool limited = id.empty() || run.settings().on_command_line("max-rows");
    std::deque<AuditRecord> lines;
    read_audit(require_trail(run), [&](const AuditRecord& record) {
        if (!id.empty() && !record.migration.starts_with(id)) {
            return;
        }
        ++all;
        lines.push_back(record);
        if (limited && lines.size() > most) {
            lines.pop_front();
        }
    });
    return lines;
}

void write(JsonDocument& out, const AuditRecord& record) {
    out.begin_object();
    out.number("line", record.line);
    out.number("sequence", record.sequence);
    out.number("uid", record.uid);
    out.number("pid", record.pid);
    const std::pair<const char*, const std::string&> texts[]{{"trail", record.trail},
                                                             {"time", record.time},
                                                             {"user", record.user},
                                                             {"host", record.host},
                                                             {"application", record.application},
                                                             {"migration", record.migration},
                                                             {"operation", record.operation},
                                                             {"event", record.event},
                                                             {"phase", record.phase},
                                                             {"from", record.from},
                                                             {"from_role", record.from_role},
                                                             {"to", record.to},
                                                             {"to_role", record.to_role},
                                                             {"detail", record.detail},
                                                             {"algorithm", record.algorithm},
                                                             {"key", record.key},
                                                             {"hash", record.hash}};
    for (const auto& [name, text] : texts) {
        out.text(name, text);
    }
    out.end_object();
}

/// What happened, in one cell.
std::string account_of(const AuditRecord& record) {
    std::string text = record.phase.empty() ? "" : record.phase;
    if (record.event == "started") {
        text += record.from.empty() ? "into " + record.to : record.from + " -> " + record.to;
    }
    if (!record.detail.empty()) {
        text += (text.empty() ? "" : ": ") + record.detail;
    }
    return text;
}

std::string text_of(const std::deque<AuditRecord>& lines, std::uint64_t all) {
    if (lines.empty()) {
        return "nothing is recorded\n";
    }
    std::vector<std::vector<std::string>> rows{
        {"LINE", "TIME", "WHO", "MIGRATION", "OPERATION", "EVENT", ""}};
    for (const AuditRecord& record : lines) {
        const std::string user = record.user.empty() ? std::to_string(record.uid) : record.user;
        rows.push_back({std::to_string(record.line), record.time.empty() ? "-" : record.time,
                        record.host.empty() ? "-" : user + "@" + record.host,
                        record.migration.empty() ? "-" : record.migration,
                        record.operation.empty() ? "-" : record.operation, record.event, account_of(record)});
    }
    std::string out;
    if (all > lines.size()) {
        out = fmt::format("{} earlier lines: --max-rows shows more\n", all - lines.size());
    }
    return out + table_text(rows);
}

int show(Run& run) {
    const std::string id = run.arguments().size() > 1 ? run.arguments()[1] : "";
    std::uint64_t all = 0;
    const std::deque<AuditRecord> lines = newest_lines(run, id, all);
    if (!run.json()) {
        run.print(text_of(lines, all));
        return 0;
    }
    JsonDocument out(run.command(), 0);
    out.text("file", require_trail(run));
    out.number("count", all);
    out.begin_array("records");
    for (const AuditRecord& record : lines) {
        write(out, record);
    }
    out.end_array();
    run.print(out.finish());
    return 0;
}

AuditCheck check_of(Run& run) {
    AuditCheck check;
    check.path = require_trail(run);
    check.key = audit_key(run.settings());
    if (run.settings().is_set("head")) {
        const auto head = parse_audit_head(run.settings().text("head"));
        if (!head) {
            usage_error("--head is no head of an audit trail",
                        "give the 64 digits of a hash, or what a run has shown after `Audit:`");
        }
        check.heads.push_back({*head, ""});
    }
    if (run.settings().on_command_line("to")) {
        auto heads = run.reading_migrator().audit_heads(run.endpoints().require("to", true));
        if (heads.empty()) {
            ErrorFacts facts;
            facts.code = ErrorCode::not_found;
            facts.next_step = "leave --to out, or name a target that was migrated into with an audit trail";
            throw Error(std::move(facts), "the target remembers nothing of an audit trail");
        }
        check.heads.insert(check.heads.end(), heads.begin(), heads.end());
    }
    return check;
}

std::string json_of(const Run& run, const AuditReport& report) {
    JsonDocument out(run.command(), report.exit_code());
    out.text("file", require_trail(run));
    out.boolean("whole", report.damage.empty());
    out.number("lines", report.lines);
    out.number("keyed_lines", report.keyed_lines);
    out.number("heads_found", report.heads_found);
    out.text("head", report.head.text());
    out.text("first_time", report.first_time);
    out.text("last_time", report.last_time);
    out.begin_array("damage");
    for (const AuditDamage& damage : report.damage) {
        out.begin_object();
        out.number("line", damage.line);
        out.text("message", damage.message);
        out.end_object();
    }
    out.end_array();
    out.texts("notes", report.notes);
    return out.finish();
}

int verify(Run& run) {
    if (run.arguments().size() > 1) {
        usage_error("audit verify checks the whole trail and takes nothing more", k_usage);
    }
    const AuditReport report = verify_audit(check_of(run));
    run.print(run.json() ? json_of(run, report) : printable_lines(render_text(report)));
    return report.exit_code();
}

}  // namespace

int run_audit(Run& run) {
    const std::string what = run.arguments().empty() ? "" : run.arguments().front();
    if (what == "show") {
        return show(run);
    }
    if (what == "verify") {
        return verify(run);
    }
    usage_error(what.empty() ? std::string("audit needs to know what to do")
                             : fmt::format("audit does not know \"{}\"", printable(what)),
                k_usage);
}

}  // namespace migrate::cli
