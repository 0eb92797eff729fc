#include "audit/trail_reader.hpp"

#include <algorithm>

#include <migrate/audit.hpp>
#include <migrate/error.hpp>

#include "audit/record_line.hpp"

namespace migrate::audit {
namespace {

io::File open_trail(const std::string& path) {
    try {
        return io::File::open_read(path);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::not_found) {
            throw;
        }
        ErrorFacts facts = error.facts();
        facts.next_step =
            "name it with --audit; a trail is begun by the first command that changes something";
        throw Error(facts, "there is no audit trail at " + path);
    }
}

}  // namespace

TrailReader::TrailReader(const std::string& path) : m_file(open_trail(path)) {}

bool TrailReader::fill() {
    constexpr std::size_t k_block = 1U << 16U;
    m_block.resize(k_block);
    m_block.resize(m_file.read(m_block.data(), k_block));
    m_at = 0;
    return !m_block.empty();
}

bool TrailReader::next(std::string& line) {
    line.clear();
    bool any = false;
    m_finished = false;
    while (!m_finished && (m_at < m_block.size() || fill())) {
        any = true;
        const std::size_t end = std::min(m_block.find('\n', m_at), m_block.size());
        // Two bytes more than fit are enough to tell.
        const std::size_t room = k_longest_line + 2 - std::min(line.size(), k_longest_line + 2);
        line.append(m_block, m_at, std::min(end - m_at, room));
        m_finished = end < m_block.size();
        m_at = end + 1;
    }
    return any;
}

}  // namespace migrate::audit

MIGRATE_NAMESPACE_BEGIN

void read_audit(const std::string& path, const std::function<void(const AuditRecord&)>& take) {
    audit::TrailReader reader(path);
    std::string line;
    for (std::uint64_t number = 1; reader.next(line); ++number) {
        AuditRecord record;
        auto parsed = audit::parse_line(line);
        if (parsed && reader.finished()) {
            record = std::move(*parsed);
        } else {
            record.event = "unreadable";
            record.detail = std::to_string(line.size()) + " bytes that are no record";
        }
        record.line = number;
        take(record);
    }
}

MIGRATE_NAMESPACE_END
