#include "backends/json/sorted_spill.hpp"

#include <algorithm>
#include <utility>

#include <migrate/error.hpp>

#include "util/byte_order.hpp"

namespace migrate::backends::json {

namespace {

constexpr std::size_t k_item_overhead = 2 * sizeof(std::string);
constexpr std::size_t k_write_block = std::size_t{1} << 18U;
constexpr std::size_t k_read_block = std::size_t{1} << 16U;

void append_sized(std::string_view text, std::string& out) {
    util::append_big(out, static_cast<std::uint64_t>(text.size()));
    out += text;
}

}  // namespace

/// One sorted run of the file.
class SortedSpill::Run {
  public:
    Run(const io::File& file, std::uint64_t begin, std::uint64_t end)
        : m_file(file), m_at(begin), m_end(end) {}

    bool next() {
        if (m_at == m_end && m_used == m_block.size()) {
            return false;
        }
        read_sized(item.key);
        read_sized(item.text);
        return true;
    }

    Item item;

  private:
    void read_sized(std::string& out) {
        std::string size;
        take(sizeof(std::uint64_t), size);
        out.clear();
        take(static_cast<std::size_t>(util::load_big<std::uint64_t>(size.data())), out);
    }

    void take(std::size_t count, std::string& out) {
        while (count > 0) {
            if (m_used == m_block.size()) {
                fill();
            }
            const std::size_t part = std::min(count, m_block.size() - m_used);
            out.append(m_block, m_used, part);
            m_used += part;
            count -= part;
        }
    }

    void fill() {
        m_block.resize(static_cast<std::size_t>(std::min<std::uint64_t>(k_read_block, m_end - m_at)));
        m_used = 0;
        const std::size_t got = m_file.read_at(m_at, m_block.data(), m_block.size());
        if (got == 0) {
            throw Error(ErrorCode::io, "a temporary file ended too early");
        }
        m_block.resize(got);
        m_at += got;
    }

    const io::File& m_file;
    std::uint64_t m_at;
    std::uint64_t m_end;
    std::string m_block;
    std::size_t m_used = 0;
};

SortedSpill::SortedSpill(std::string directory, std::size_t memory_bytes)
    : m_directory(std::move(directory)), m_memory_bytes(memory_bytes) {}
SortedSpill::~SortedSpill() = default;
SortedSpill::SortedSpill(SortedSpill&&) noexcept = default;
SortedSpill& SortedSpill::operator=(SortedSpill&&) noexcept = default;

void SortedSpill::add(std::string key, std::string text) {
    ++m_count;
    m_bytes += key.size() + text.size() + k_item_overhead;
    m_items.push_back({std::move(key), std::move(text)});
    if (m_bytes > m_memory_bytes) {
        spill();
    }
}

void SortedSpill::spill() {
    std::stable_sort(m_items.begin(), m_items.end(),
                     [](const Item& a, const Item& b) { return a.key < b.key; });
    if (!m_file) {
        m_file = std::make_unique<io::File>(io::File::temporary(m_directory));
    }
    const std::uint64_t begin = m_file_size;
    std::string block;
    for (const Item& item : m_items) {
        append_sized(item.key, block);
        append_sized(item.text, block);
        if (block.size() > k_write_block || &item == &m_items.back()) {
            m_file->write(block);
            m_file_size += block.size();
            block.clear();
        }
    }
    m_bounds.emplace_back(begin, m_file_size);
    m_items.clear();
    m_items.shrink_to_fit();
    m_bytes = 0;
}

void SortedSpill::finish() {
    if (!m_file) {
        std::stable_sort(m_items.begin(), m_items.end(),
                         [](const Item& a, const Item& b) { return a.key < b.key; });
        return;
    }
    if (!m_items.empty()) {
        spill();
    }
    for (const auto& [begin, end] : m_bounds) {
        m_runs.push_back(std::make_unique<Run>(*m_file, begin, end));
        if (m_runs.back()->next()) {
            m_heap.push_back(m_runs.size() - 1);
        }
    }
    const auto after = [this](std::size_t a, std::size_t b) {
        const int order = m_runs[a]->item.key.compare(m_runs[b]->item.key);
        return order != 0 ? order > 0 : a > b;
    };
    std::make_heap(m_heap.begin(), m_heap.end(), after);
}

const SortedSpill::Item* SortedSpill::peek() {
    if (!m_file) {
        return m_next < m_items.size() ? &m_items[m_next] : nullptr;
    }
    return m_heap.empty() ? nullptr : &m_runs[m_heap.front()]->item;
}

void SortedSpill::pop() {
    if (!m_file) {
        m_items[m_next++] = {};
        return;
    }
    const auto after = [this](std::size_t a, std::size_t b) {
        const int order = m_runs[a]->item.key.compare(m_runs[b]->item.key);
        return order != 0 ? order > 0 : a > b;
    };
    std::pop_heap(m_heap.begin(), m_heap.end(), after);
    if (m_runs[m_heap.back()]->next()) {
        std::push_heap(m_heap.begin(), m_heap.end(), after);
    } else {
        m_heap.pop_back();
    }
}

}  // namespace migrate::backends::json
