#include "backends/json/unique_check.hpp"

#define XXH_INLINE_ALL
#include <algorithm>
#include <queue>

#include <xxhash.h>

namespace migrate::backends::json {

/// One sorted run in the file, read in blocks.
class UniqueCheck::Run {
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

void UniqueCheck::add(std::string_view value) {
    ++m_count;
    if (m_has_equal) {
        return;
    }
    const XXH128_hash_t hash = XXH3_128bits(value.data(), value.size());
    m_run.push_back({hash.high64, hash.low64});
    if (m_run.size() == m_run_length) {
        sort_run();
        spill();
    }
}

void UniqueCheck::sort_run() {
    std::sort(m_run.begin(), m_run.end());
    m_has_equal = m_has_equal || std::adjacent_find(m_run.begin(), m_run.end()) != m_run.end();
}

void UniqueCheck::spill() {
    if (!m_file) {
        m_file = io::File::temporary();
    }
    m_file->write({reinterpret_cast<const char*>(m_run.data()), m_run.size() * sizeof(Hash)});
    m_run_ends.push_back((m_run_ends.empty() ? 0 : m_run_ends.back()) + m_run.size());
    m_run.clear();
}

bool UniqueCheck::all_differ() {
    sort_run();
    if (m_has_equal || m_run_ends.empty()) {
        return !m_has_equal;
    }
    spill();
    std::vector<Run> runs;
    using Head = std::pair<Hash, std::size_t>;
    std::priority_queue<Head, std::vector<Head>, std::greater<>> heads;
    Hash hash{};
    std::uint64_t begin = 0;
    for (const std::uint64_t end : m_run_ends) {
        runs.emplace_back(*m_file, begin, end);
        begin = end;
        if (runs.back().next(hash)) {
            heads.emplace(hash, runs.size() - 1);
        }
    }
    std::optional<Hash> last;
    while (!heads.empty()) {
        const auto [least, run] = heads.top();
        heads.pop();
        if (last == least) {
            return false;
        }
        last = least;
        if (runs[run].next(hash)) {
            heads.emplace(hash, run);
        }
    }
    return true;
}

}  // namespace migrate::backends::json
