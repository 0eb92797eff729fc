#include "backends/json/value_hashes.hpp"

#define XXH_INLINE_ALL
#include <algorithm>
#include <queue>
#include <utility>

#include <xxhash.h>

#include <migrate/error.hpp>

namespace migrate::backends::json {

/// One sorted run in the file, read in blocks.
class ValueHashes::Run {
  public:
    Run(const io::File& file, std::uint64_t begin, std::uint64_t end)
        : m_file(&file), m_at(begin), m_end(end) {}

    bool next(Hash& out) {
        if (m_next == m_block.size() && !fill()) {
            return false;
        }
        out = m_block[m_next++];
        return true;
    }

  private:
    static constexpr std::size_t k_block = 1024;

    bool fill() {
        m_block.resize(static_cast<std::size_t>(std::min<std::uint64_t>(k_block, m_end - m_at)));
        m_next = 0;
        std::size_t filled = 0;
        const std::size_t wanted = m_block.size() * sizeof(Hash);
        while (filled < wanted) {
            filled += m_file->read_at(m_at * sizeof(Hash) + filled,
                                      reinterpret_cast<char*>(m_block.data()) + filled, wanted - filled);
        }
        m_at += m_block.size();
        return !m_block.empty();
    }

    const io::File* m_file;
    std::uint64_t m_at;
    std::uint64_t m_end;
    std::vector<Hash> m_block;
    std::size_t m_next = 0;
};

/// All hashes in order: those of the runs in the file, or of the only one, which is in memory.
class ValueHashes::Merge {
  public:
    explicit Merge(const ValueHashes& hashes) : m_hashes(hashes) {
        std::uint64_t begin = 0;
        for (const std::uint64_t end : hashes.m_run_ends) {
            m_runs.emplace_back(*hashes.m_file, begin, end);
            begin = end;
            push(m_runs.size() - 1);
        }
    }

    bool next(Hash& out) {
        if (m_hashes.m_run_ends.empty()) {
            if (m_in_memory == m_hashes.m_run.size()) {
                return false;
            }
            out = m_hashes.m_run[m_in_memory++];
            return true;
        }
        if (m_heads.empty()) {
            return false;
        }
        const auto [least, run] = m_heads.top();
        m_heads.pop();
        out = least;
        push(run);
        return true;
    }

  private:
    void push(std::size_t run) {
        Hash hash{};
        if (m_runs[run].next(hash)) {
            m_heads.emplace(hash, run);
        }
    }

    using Head = std::pair<Hash, std::size_t>;
    const ValueHashes& m_hashes;
    std::vector<Run> m_runs;
    std::priority_queue<Head, std::vector<Head>, std::greater<>> m_heads;
    std::size_t m_in_memory = 0;
};

ValueHashes::ValueHashes(Use use, std::size_t run_length, std::size_t first_run)
    : m_use(use), m_run_length(run_length), m_first_run(std::min(first_run, run_length)) {}

void ValueHashes::add(std::string_view value) {
    ++m_count;
    if (m_has_equal && m_use == Use::uniqueness) {
        return;
    }
    const XXH128_hash_t hash = XXH3_128bits(value.data(), value.size());
    add_hash({hash.high64, hash.low64});
}

void ValueHashes::add(const ValueHashes& other) {
    if (!other.m_run_ends.empty()) {
        throw Error(ErrorCode::internal, "hashes that went to a file cannot be added to others");
    }
    m_count += other.m_count;
    m_has_equal = m_has_equal || other.m_has_equal;
    if (m_has_equal && m_use == Use::uniqueness) {
        return;
    }
    for (const Hash& hash : other.m_run) {
        add_hash(hash);
    }
}

void ValueHashes::add_hash(const Hash& hash) {
    m_run.push_back(hash);
    const std::size_t limit = m_run_ends.empty() ? m_first_run : m_run_length;
    if (m_run.size() >= limit) {
        sort_run();
        // Few different values need no file, however many there are.
        if (m_use == Use::uniqueness || m_run.size() > limit / 2) {
            spill();
        }
    }
}

void ValueHashes::sort_run() {
    std::sort(m_run.begin(), m_run.end());
    const auto last = std::unique(m_run.begin(), m_run.end());
    m_has_equal = m_has_equal || last != m_run.end();
    m_run.erase(last, m_run.end());
}

void ValueHashes::spill() {
    if (!m_file) {
        m_file = io::File::temporary();
    }
    m_file->write({reinterpret_cast<const char*>(m_run.data()), m_run.size() * sizeof(Hash)});
    m_run_ends.push_back((m_run_ends.empty() ? 0 : m_run_ends.back()) + m_run.size());
    m_run.clear();
}

void ValueHashes::finish() {
    if (std::exchange(m_is_finished, true)) {
        return;
    }
    sort_run();
    if (!m_run_ends.empty()) {
        spill();
        m_run.shrink_to_fit();
    }
}

bool ValueHashes::all_differ() {
    finish();
    if (m_has_equal || m_run_ends.empty()) {
        return !m_has_equal;
    }
    Merge merge(*this);
    std::optional<Hash> last;
    for (Hash hash{}; merge.next(hash); last = hash) {
        if (last == hash) {
            m_has_equal = true;
            return false;
        }
    }
    return true;
}

std::uint64_t ValueHashes::count_missing(ValueHashes& other) {
    finish();
    other.finish();
    Merge ours(*this);
    Merge theirs(other);
    std::uint64_t missing = 0;
    std::optional<Hash> last;
    Hash own{};
    bool has_own = ours.next(own);
    for (Hash hash{}; theirs.next(hash); last = hash) {
        if (last == hash) {
            continue;
        }
        while (has_own && own < hash) {
            has_own = ours.next(own);
        }
        missing += has_own && own == hash ? 0 : 1;
    }
    return missing;
}

}  // namespace migrate::backends::json
