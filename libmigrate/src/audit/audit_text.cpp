#include <algorithm>
#include <charconv>

#include <migrate/audit.hpp>

#include "util/human.hpp"
#include "util/printable.hpp"

MIGRATE_NAMESPACE_BEGIN

namespace {

constexpr std::size_t k_hash_digits = 64;

bool is_hex(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    });
}

}  // namespace

std::string AuditHead::text() const {
    return hash.empty() ? "" : trail + ":" + std::to_string(sequence) + ":" + hash;
}

std::optional<AuditHead> parse_audit_head(const std::string& text) {
    AuditHead head;
    const std::size_t first = text.find(':');
    if (first == std::string::npos) {
        head.hash = text;
    } else {
        const std::size_t second = text.find(':', first + 1);
        if (second == std::string::npos) {
            return std::nullopt;
        }
        head.trail = text.substr(0, first);
        head.hash = text.substr(second + 1);
        const char* const end = text.data() + second;
        const auto read = std::from_chars(text.data() + first + 1, end, head.sequence);
        if (read.ec != std::errc() || read.ptr != end || !is_hex(head.trail)) {
            return std::nullopt;
        }
    }
    return head.hash.size() == k_hash_digits && is_hex(head.hash) ? std::optional(head) : std::nullopt;
}

std::string render_text(const AuditReport& report) {
    std::string out;
    for (const AuditDamage& damage : report.damage) {
        out += "Damaged: " + util::printable(damage.message) + "\n";
    }
    for (const std::string& note : report.notes) {
        out += "Note: " + util::printable(note) + "\n";
    }
    if (!report.head.hash.empty()) {
        out += (report.damage.empty() ? "Head: " : "Last good head: ") + report.head.text() + "\n";
    }
    if (!report.damage.empty()) {
        return out;
    }
    out += "The audit trail is whole: " + util::human_count(report.lines) +
           (report.lines == 1 ? " line" : " lines");
    if (!report.first_time.empty()) {
        out += ", " + report.first_time + " to " + report.last_time;
    }
    out += report.keyed_lines > 0 ? ", with its key" : ", without a key";
    if (report.heads_found > 0) {
        out += report.heads_found == 1
                   ? ", the head that is remembered is in it"
                   : ", the " + std::to_string(report.heads_found) + " heads that are remembered are in it";
    }
    return out + "\n";
}

MIGRATE_NAMESPACE_END
