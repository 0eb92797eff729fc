#include "backends/json/row_spans.hpp"

#include <functional>

namespace migrate::backends::json {

namespace {

constexpr std::size_t k_block = std::size_t{1} << 18U;

// As rows are read: they hold JSON values of any depth, and with duplicate keys.
TokenizerOptions row_options(bool is_sequence) {
    TokenizerOptions options;
    options.sequence = is_sequence;
    options.refuse_duplicate_keys = false;
    options.max_depth = std::size_t{1} << 20U;
    return options;
}

}  // namespace

RowSpans::RowSpans(const RowRange& range)
    : m_range(range),
      m_source(range.path, range.first, range.last),
      m_tokenizer(range.is_array ? static_cast<ByteSource&>(m_source) : m_no_source, range.path,
                  row_options(range.is_array)),
      m_next(range.first),
      m_begin(range.first),
      m_end(range.first) {
    if (range.is_array) {
        m_tokenizer.set_origin({range.line, range.first});
        m_tokenizer.next();
        m_begin = m_end = range.first + m_tokenizer.token_end();
    }
}

bool RowSpans::next() {
    return m_range.is_array ? next_element() : next_line();
}

bool RowSpans::next_element() {
    const Token token = m_tokenizer.next();
    if (token == Token::end || token == Token::end_array) {
        return false;
    }
    const std::uint64_t begin = m_range.first + m_tokenizer.token_begin();
    m_document.read(m_tokenizer, token);
    m_begin = begin;
    m_end = m_range.first + m_tokenizer.token_end();
    return true;
}

bool RowSpans::next_line() {
    while (read_line()) {
        if (m_line.find_first_not_of(" \t\r") != std::string::npos) {
            read_whole_line();
            return true;
        }
    }
    return false;
}

void RowSpans::read_whole_line() {
    m_tokenizer.restart(m_line);
    const Token token = m_tokenizer.next();
    const std::uint64_t begin = m_end - m_line.size() + m_tokenizer.token_begin();
    m_document.read(m_tokenizer, token);
    const std::size_t end = static_cast<std::size_t>(m_tokenizer.token_end());
    if (m_line.find_first_not_of(" \t\r", end) != std::string::npos) {
        m_tokenizer.next();  // which tells what is wrong with it
    }
    m_begin = begin;
    m_end = begin + m_document.raw(Document::k_root).size();
}

/// Puts the next line into m_line, without its line feed, and its end into m_end.
bool RowSpans::read_line() {
    m_line.clear();
    for (;;) {
        const std::size_t end = m_block.find('\n', m_at);
        const std::size_t size = (end == std::string::npos ? m_block.size() : end) - m_at;
        m_line.append(m_block, m_at, size);
        m_next += size;
        m_at += size;
        if (end != std::string::npos) {
            ++m_at;
            m_end = m_next++;
            return true;
        }
        m_block.resize(k_block);
        m_block.resize(m_source.read(m_block.data(), m_block.size()));
        m_at = 0;
        if (m_block.empty()) {
            m_end = m_next;
            m_ends_line = m_ends_line && m_line.empty();
            return !m_line.empty();
        }
    }
}

std::uint64_t read_row(ByteSource& source, const std::string& name,
                       const std::function<void(const Document&)>& take) {
    TokenizerOptions options = row_options(true);
    options.block_bytes = std::size_t{1} << 14U;
    Tokenizer tokenizer(source, name, options);
    Document document;
    document.read(tokenizer, tokenizer.next());
    take(document);
    return tokenizer.token_end();
}

}  // namespace migrate::backends::json
