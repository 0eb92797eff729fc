#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include <migrate/audit.hpp>
#include <migrate/error.hpp>

#include "audit/audit_key.hpp"
#include "audit/record_line.hpp"
#include "audit/trail_reader.hpp"

namespace migrate::audit {
namespace {

[[noreturn]] void ask_for_key(const std::string& path) {
    ErrorFacts facts;
    facts.code = ErrorCode::usage;
    facts.next_step = "give it with --audit-key-file";
    throw Error(std::move(facts),
                "the audit trail " + path + " is kept with a key, and cannot be checked without it");
}

/// Follows one trail, line by line.
class Follower {
  public:
    explicit Follower(const AuditCheck& check) : m_check(check), m_sealer(check.key) {
        for (const ExpectedAuditHead& expected : check.heads) {
            m_looked_for.emplace(expected.head.hash, false);
        }
    }

    /// False once something is wrong.
    bool take(std::string_view line, bool finished) {
        ++m_report.lines;
        if (!finished) {
            return damaged(m_report.lines, "is not finished (" + std::to_string(line.size()) +
                                               " bytes): a process was killed while it wrote it, or the file "
                                               "was cut off");
        }
        const auto record = parse_line(line);
        if (!record) {
            m_unread += (m_unread_lines++ == 0 ? "" : "\n") + std::string(line);
            return m_unread_lines <= k_most_torn ||
                   damaged(m_report.lines + 1 - m_unread_lines, "is no record");
        }
        if (!close_unread(*record) || !check(*record, line)) {
            return false;
        }
        note_time(*record);
        m_report.head = {record->trail, record->sequence, record->hash};
        if (const auto found = m_looked_for.find(record->hash); found != m_looked_for.end()) {
            found->second = true;
        }
        return true;
    }

    AuditReport finish() {
        if (m_report.damage.empty() && m_unread_lines > 0) {
            damaged(m_report.lines + 1 - m_unread_lines, "is no record");
        }
        if (m_report.lines == 0) {
            m_report.notes.emplace_back("the file holds nothing");
        }
        if (m_report.damage.empty()) {
            judge_key();
            judge_heads();
        }
        return std::move(m_report);
    }

  private:
    bool damaged(std::uint64_t line, const std::string& what) {
        m_report.damage.push_back({line, "line " + std::to_string(line) + " " + what});
        return false;
    }
    bool close_unread(const AuditRecord& record) {
        const bool is_torn = record.event == "torn";
        if (m_unread_lines == 0 && !is_torn) {
            return true;
        }
        const std::uint64_t first = m_report.lines - m_unread_lines;
        if (!is_torn) {
            return damaged(first, "is no record");
        }
        if (record.detail != torn_detail(m_unread)) {
            return damaged(m_report.lines, "says that other bytes stand before it than do");
        }
        m_report.notes.push_back("line " + std::to_string(first) +
                                 " was not finished by a process that was killed; line " +
                                 std::to_string(m_report.lines) + " says so");
        m_unread.clear();
        m_unread_lines = 0;
        return true;
    }

    bool check(const AuditRecord& record, std::string_view line) {
        const AuditHead& before = m_report.head;
        const bool is_first = before.hash.empty();
        if (record.sequence != before.sequence + 1) {
            return damaged(m_report.lines, "has number " + std::to_string(record.sequence) +
                                               " in the trail, not " + std::to_string(before.sequence + 1) +
                                               ": lines were taken out, put in or moved");
        }
        if (record.previous != (is_first ? k_no_hash : before.hash)) {
            return damaged(m_report.lines, "does not follow the line before it");
        }
        if (!is_first && record.trail != before.trail) {
            return damaged(m_report.lines, "is of another trail");
        }
        return check_seal(record, line);
    }

    bool check_seal(const AuditRecord& record, std::string_view line) {
        const bool is_keyed = record.algorithm == k_keyed;
        if (!is_keyed && record.algorithm != k_plain) {
            return damaged(m_report.lines, "was hashed in a way that is not known");
        }
        if (is_keyed && !m_sealer.has_key()) {
            ask_for_key(m_check.path);
        }
        if (is_keyed && record.key != m_sealer.key_id()) {
            return damaged(m_report.lines, "was made with another key");
        }
        if (!is_keyed && m_report.keyed_lines > 0) {
            return damaged(m_report.lines, "was made without the key that the lines before it have");
        }
        m_report.keyed_lines += is_keyed ? 1 : 0;
        m_unkeyed += is_keyed ? 0 : 1;
        const std::string hash =
            is_keyed ? m_sealer.seal(sealed_part(line)) : Sealer().seal(sealed_part(line));
        return hash == record.hash || damaged(m_report.lines, "is not what it was: its hash is another");
    }

    /// Clocks are set back now and then, and several machines may share a file.
    void note_time(const AuditRecord& record) {
        if (m_report.first_time.empty()) {
            m_report.first_time = record.time;
        }
        if (record.time < m_report.last_time) {
            m_report.notes.push_back("line " + std::to_string(m_report.lines) +
                                     ": the clock was set back, from " + m_report.last_time + " to " +
                                     record.time);
        }
        m_report.last_time = record.time;
    }

    void judge_key() {
        if (m_sealer.has_key() && m_report.keyed_lines == 0) {
            m_report.damage.push_back({0, "no line of the trail was made with the key"});
        }
        // A key may be given later, and then the lines before it prove nothing.
        if (m_report.keyed_lines > 0 && m_unkeyed > 0) {
            m_report.notes.push_back(
                "the first " + std::to_string(m_unkeyed) +
                " lines were made without the key: whoever could write the file could have "
                "made them");
        }
    }

    void judge_heads() {
        std::uint64_t elsewhere = 0;
        for (const ExpectedAuditHead& expected : m_check.heads) {
            if (m_looked_for[expected.head.hash]) {
                ++m_report.heads_found;
            } else if (!expected.migration.empty() && expected.head.trail != m_report.head.trail) {
                ++elsewhere;
                m_report.notes.push_back("migration " + expected.migration + " is in another trail, " +
                                         expected.head.trail);
            } else {
                miss(expected);
            }
        }
        if (elsewhere > 0 && elsewhere == m_check.heads.size()) {
            m_report.damage.push_back({0, "the target remembers nothing of this trail"});
        }
    }

    void miss(const ExpectedAuditHead& expected) {
        const std::string who = expected.migration.empty()
                                    ? "the head that was given"
                                    : "the head that the target remembers of migration " + expected.migration;
        const bool is_cut = expected.head.sequence > m_report.head.sequence;
        m_report.damage.push_back(
            {0, who + " is not in the trail" +
                    (is_cut ? ", which ends before it: lines were cut off at its end"
                            : ": it was written anew, or lines were cut off at its end")});
    }

    const AuditCheck& m_check;
    Sealer m_sealer;
    std::uint64_t m_unkeyed = 0;  ///< Records made without a key, which come before all others.
    AuditReport m_report;
    std::map<std::string, bool> m_looked_for;  ///< By hash; true once seen.
    std::string m_unread;                      ///< Lines that are no records, until one says what they are.
    std::uint64_t m_unread_lines = 0;
};

}  // namespace

/// See verify_audit().
static AuditReport follow(const AuditCheck& check) {
    Follower follower(check);
    TrailReader reader(check.path);
    std::string line;
    while (reader.next(line)) {
        if (!follower.take(line, reader.finished())) {
            break;
        }
    }
    return follower.finish();
}

}  // namespace migrate::audit

MIGRATE_NAMESPACE_BEGIN

AuditReport verify_audit(const AuditCheck& check) {
    return audit::follow(check);
}

int AuditReport::exit_code() const noexcept {
    return damage.empty() ? 0 : 4;
}

MIGRATE_NAMESPACE_END
