#include "backends/json/line_offsets.hpp"

#include <algorithm>
#include <iterator>

#include "backends/json/file_source.hpp"

namespace migrate::backends::json {

namespace {

constexpr std::size_t k_block = std::size_t{1} << 18U;

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \r\t") == std::string_view::npos;
}

}  // namespace

std::uint64_t next_line(const io::File& file, std::uint64_t offset) {
    std::string block(k_block, '\0');
    for (std::uint64_t at = offset - 1;;) {
        const std::size_t got = file.read_at(at, block.data(), block.size());
        if (got == 0) {
            return at;
        }
        const std::size_t end = std::string_view(block.data(), got).find('\n');
        if (end != std::string_view::npos) {
            return at + end + 1;
        }
        at += got;
    }
}

std::vector<Chunk> split_lines(const std::string& path, std::uint64_t rows,
                               const backend::ChunkOptions& options) {
    const io::File file = io::File::open_read(path);
    const std::uint64_t size = file.stamp().size;
    const std::uint64_t row_bytes = std::max<std::uint64_t>(size / std::max<std::uint64_t>(rows, 1), 1);
    const std::uint64_t step =
        std::max<std::uint64_t>(std::min(row_bytes * options.target_rows, options.target_bytes), 1);
    std::vector<Chunk> chunks;
    std::uint64_t first = 0;
    while (first < size || chunks.empty()) {
        const std::uint64_t last = first + step >= size ? size : next_line(file, first + step);
        Chunk chunk;
        chunk.kind = ChunkKind::byte_range;
        chunk.index = static_cast<std::uint32_t>(chunks.size());
        chunk.first = static_cast<std::int64_t>(first);
        chunk.last = static_cast<std::int64_t>(last);
        chunk.row_estimate = size == 0 ? 0 : (last - first) / row_bytes;
        chunks.push_back(chunk);
        first = std::max(last, first + 1);
    }
    return chunks;
}

std::uint64_t count_lines(const std::string& path) {
    FileSource source(path);
    std::string block(k_block, '\0');
    std::uint64_t lines = 0;
    bool has_text = false;
    while (const std::size_t got = source.read(block.data(), block.size())) {
        std::string_view rest(block.data(), got);
        for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
            lines += has_text || !is_blank(rest.substr(0, end)) ? 1 : 0;
            has_text = false;
            rest.remove_prefix(end + 1);
        }
        has_text = has_text || !is_blank(rest);
    }
    return lines + (has_text ? 1 : 0);
}

std::uint64_t LineNumbers::line_at(const std::string& path, std::uint64_t offset) {
    const std::lock_guard lock(m_mutex);
    const auto known = std::prev(m_lines.upper_bound(offset));
    std::uint64_t line = known->second;
    FileSource source(path, known->first, offset);
    std::string block(k_block, '\0');
    while (const std::size_t got = source.read(block.data(), block.size())) {
        line += static_cast<std::uint64_t>(
            std::count(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(got), '\n'));
    }
    m_lines[offset] = line;
    return line;
}

}  // namespace migrate::backends::json
