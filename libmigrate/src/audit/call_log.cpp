#include "audit/call_log.hpp"

#include <utility>

#include "io/machine.hpp"
#include "util/clock.hpp"

namespace migrate::audit {
namespace {

/// Nothing was changed: what the disk or the file has is in the way.
ErrorCode code_of(const Error& error) {
    switch (error.code()) {
        case ErrorCode::permission:
        case ErrorCode::locked:
        case ErrorCode::not_found:
            return error.code();
        default:
            return ErrorCode::refused;
    }
}

/// Of what looks before it changes anything.
bool is_refusal(ErrorCode code) {
    switch (code) {
        case ErrorCode::refused:
        case ErrorCode::not_found:
        case ErrorCode::exists:
        case ErrorCode::unsupported:
        case ErrorCode::usage:
        case ErrorCode::locked:
        case ErrorCode::permission:
            return true;
        default:
            return false;
    }
}

Error not_written(const Error& error, const std::string& path) {
    ErrorFacts facts = error.facts();
    facts.code = code_of(error);
    facts.next_step += std::string(facts.next_step.empty() ? "" : " ") +
                       "Or name another file with --audit, or do without one: --audit none.";
    return {std::move(facts),
            "nothing was changed, because the audit trail " + path + " cannot be written: " + error.what()};
}

}  // namespace

CallLog::CallLog(CallLogOptions options) : m_options(std::move(options)) {}

void CallLog::begin(const std::string& operation, const std::string& migration) {
    m_who.operation = operation;
    m_who.migration = migration;
    m_begun = true;
    if (m_options.path.empty()) {
        return;
    }
    const io::ProcessUser user = io::process_user();
    m_who.user = user.name;
    m_who.uid = user.uid;
    m_who.pid = user.pid;
    m_who.host = io::machine_name();
    m_who.application = m_options.application;
    m_file.emplace(m_options.path, Sealer(m_options.key), m_options.patience);
}

void CallLog::set_sides(const std::string& from, const std::string& to) {
    m_who.from = from;
    m_who.to = to;
}

void CallLog::set_roles(const std::string& from, const std::string& to) {
    m_who.from_role = from;
    m_who.to_role = to;
}

void CallLog::started(const std::string& detail) {
    add("started", detail);
    flush(true);
    m_started = true;
}

void CallLog::phase_begun(Phase phase) {
    if (!m_started) {
        return;
    }
    m_who.phase = to_string(phase);
    add("phase_begun", {});
    if (m_written) {
        flush(true);
    }
}

void CallLog::phase_ended(Phase phase) {
    if (!m_started) {
        return;
    }
    m_who.phase = to_string(phase);
    add("phase_ended", {});
    m_who.phase.clear();
}

void CallLog::forget_attempt() {
    m_waiting.clear();
}

void CallLog::decide(const std::string& what) {
    add("decision", what);
}

void CallLog::target_is_written(bool or_refuses) {
    flush(true);
    m_written = true;
    m_may_refuse = or_refuses;
}

void CallLog::end(const std::string& what, const std::string& detail) {
    add(what, detail);
    flush(true);
}

std::optional<Error> CallLog::end(const Error& error) {
    if (!active() || m_refused) {
        return std::nullopt;
    }
    try {
        const bool refused = m_may_refuse && (!m_written || is_refusal(error.code()));
        end(refused ? "refused" : "failed", to_string(error.code()) + ": " + error.what());
    } catch (const Error& lost) {
        return Error(error.facts(),
                     std::string(error.what()) + " (and this could not be recorded: " + lost.what() + ")");
    }
    if (m_failure) {
        return Error(error.facts(), std::string(error.what()) +
                                        " (and the audit trail lacks what was done: " + m_failure->what() +
                                        ")");
    }
    return std::nullopt;
}

std::string CallLog::head() const {
    return m_file ? m_file->head().text() : "";
}

void CallLog::add(const std::string& event, const std::string& detail) {
    if (!active()) {
        return;
    }
    AuditRecord record = m_who;
    record.time = util::iso_utc(m_options.clock ? m_options.clock() : std::chrono::system_clock::now());
    record.event = event;
    record.detail = detail;
    m_waiting.push_back(std::move(record));
}

void CallLog::flush(bool durable) {
    if (!active()) {
        return;
    }
    try {
        write(durable);
    } catch (const Error& error) {
        if (!m_written) {
            m_refused = true;
            throw not_written(error, m_options.path);
        }
        if (!m_failure) {
            m_failure = error;
        }
    }
}

void CallLog::write(bool durable) {
    std::vector<AuditRecord> records;
    records.swap(m_waiting);
    m_file->append(records, durable);
}

}  // namespace migrate::audit
