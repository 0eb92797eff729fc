#include "audit/trail_file.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include <migrate/error.hpp>

#include "audit/record_line.hpp"
#include "io/directory.hpp"
#include "io/lock.hpp"
#include "util/hex.hpp"
#include "util/kill_point.hpp"
#include "util/random_id.hpp"

namespace migrate::audit {
namespace {

/// What stands at the end of the file.
struct Tail {
    std::optional<AuditRecord> last;  ///< Nullopt in a file without any.
    std::string torn;                 ///< What a killed process did not finish, after the last.
    bool closed = true;               ///< The file ends with a line feed.
};

[[noreturn]] void refuse_damaged(const std::string& path) {
    ErrorFacts facts;
    facts.code = ErrorCode::corrupt;
    facts.next_step = "look at it with audit verify, and keep it under another name: a new one is begun then";
    throw Error(std::move(facts), "the end of the audit trail " + path + " is damaged");
}

std::string read_end(const io::File& file, std::uint64_t size) {
    std::string block(static_cast<std::size_t>(std::min<std::uint64_t>(size, 4 * k_longest_line)), '\0');
    const std::uint64_t offset = size - block.size();
    for (std::size_t done = 0; done < block.size();) {
        const std::size_t got = file.read_at(offset + done, block.data() + done, block.size() - done);
        if (got == 0) {
            refuse_damaged(file.path());  // cut off meanwhile, by who does not take the lock
        }
        done += got;
    }
    return block;
}

/// Where the line begins that ends before `end`.
std::size_t begin_of_line(std::string_view text, std::size_t end) {
    const std::size_t before = end == 0 ? std::string_view::npos : text.rfind('\n', end - 1);
    return before == std::string_view::npos ? 0 : before + 1;
}

/// Reads the end only. A line that is not finished may stand there, and before it one more, where the process
/// that was to close that was killed in turn.
Tail read_tail(const io::File& file, std::uint64_t size) {
    const std::string text = read_end(file, size);
    Tail tail;
    tail.closed = text.empty() || text.back() == '\n';
    std::size_t end = tail.closed && !text.empty() ? text.size() - 1 : text.size();
    for (std::uint64_t lines = 0; end > 0 && lines <= k_most_torn; ++lines) {
        const std::size_t begin = begin_of_line(text, end);
        tail.last = parse_line(std::string_view(text).substr(begin, end - begin));
        if (tail.last || tail.closed) {
            break;
        }
        tail.torn = text.substr(begin);
        end = begin == 0 ? 0 : begin - 1;
    }
    const bool all_torn = tail.torn.size() == size;
    if ((!tail.last && !all_torn) || tail.torn.size() >= k_longest_line) {
        refuse_damaged(file.path());
    }
    return tail;
}

/// Who closes a torn line is the one that writes the next.
AuditRecord torn_record(const AuditRecord& next, std::string_view torn) {
    AuditRecord record = next;
    record.operation = "audit";
    record.event = "torn";
    for (std::string* text :
         {&record.migration, &record.phase, &record.from, &record.from_role, &record.to, &record.to_role}) {
        text->clear();
    }
    record.detail = torn_detail(torn);
    return record;
}

}  // namespace

TrailFile::TrailFile(std::string path, Sealer sealer, std::chrono::milliseconds patience)
    : m_path(std::move(path)), m_sealer(std::move(sealer)), m_patience(patience) {}

void TrailFile::append(std::vector<AuditRecord>& records, bool durable) {
    io::make_directories(io::parent_of(m_path));
    for (;;) {
        bool made = false;
        io::File file = io::File::open_append(m_path, made);
        if (made) {
            io::sync_directory(io::parent_of(m_path));
        }
        const io::WriteLock lock(file, m_patience);
        if (lock.is_named()) {  // else it was moved away just now
            append_locked(file, records, durable);
            return;
        }
    }
}

void TrailFile::append_locked(io::File& file, std::vector<AuditRecord>& records, bool durable) {
    const std::uint64_t size = file.stamp().size;
    const Tail tail = read_tail(file, size);
    AuditHead head{util::to_hex(util::random_bytes(8)), 0, k_no_hash};
    if (tail.last) {
        require_key_of(*tail.last);
        head = {tail.last->trail, tail.last->sequence, tail.last->hash};
    }
    // Whoever closes a torn line says so in the next one.
    std::string text = tail.closed || records.empty() ? "" : "\n";
    const auto add = [&](AuditRecord& record) {
        make_fit(record);
        record.trail = head.trail;
        record.sequence = head.sequence + 1;
        record.previous = head.hash;
        text += render_line(record, m_sealer);
        head = {record.trail, record.sequence, record.hash};
    };
    if (!tail.torn.empty() && !records.empty()) {
        AuditRecord torn = torn_record(records.front(), tail.torn);
        add(torn);
    }
    for (AuditRecord& record : records) {
        add(record);
    }
    util::pass_kill_point("audit-write");
    try {
        file.write(text);
    } catch (const Error&) {
        // Whatever part of it is there is of this process, which has the lock.
        file.truncate(size);
        throw;
    }
    m_head = head;
    util::pass_kill_point("audit-written");
    if (durable) {
        file.sync();
        util::pass_kill_point("audit-synced");
    }
}

void TrailFile::require_key_of(const AuditRecord& last) const {
    if (last.algorithm == k_plain || last.key == m_sealer.key_id()) {
        return;  // a trail may be given a key later
    }
    ErrorFacts facts;
    facts.code = ErrorCode::refused;
    facts.next_step = m_sealer.has_key() ? "give the key that it was begun with, or name another file"
                                         : "give its key (--audit-key-file), or name another file (--audit)";
    throw Error(std::move(facts), "the audit trail " + m_path + " is kept with " +
                                      (m_sealer.has_key() ? "another key" : "a key"));
}

}  // namespace migrate::audit
