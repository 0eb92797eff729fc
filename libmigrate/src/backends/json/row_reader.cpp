#include "backends/json/row_reader.hpp"

namespace migrate::backends::json {

namespace {

TokenizerOptions row_options() {
    TokenizerOptions options;
    options.sequence = true;
    // Rows hold JSON values of any depth, and PostgreSQL's json type keeps duplicate keys.
    options.refuse_duplicate_keys = false;
    options.max_depth = 1U << 20U;
    return options;
}

}  // namespace

RowReader::RowReader(const ScanSpec& spec, const RowRange& range, const InputStamps& stamps)
    : m_range(range),
      m_stamps(stamps),
      m_limits(spec.limits),
      m_decoder(spec),
      m_source(range.path, range.first),
      m_tokenizer(m_source, range.path, row_options()) {
    m_tokenizer.set_origin({range.line, range.first});
    if (range.is_array) {
        m_tokenizer.next();
    }
}

bool RowReader::next(RowBatch& batch) {
    batch.reset(m_decoder.kinds());
    batch.first_ordinal = m_ordinal;
    while (!m_done && batch.row_count() + batch.rejects.size() < m_limits.max_rows &&
           batch.byte_size() < m_limits.max_bytes) {
        if (!read_row(batch)) {
            m_done = true;
            m_stamps.require_unchanged(m_range.path);
        }
    }
    return batch.row_count() > 0 || !m_done;
}

bool RowReader::read_row(RowBatch& batch) {
    const Token token = m_tokenizer.next();
    if (token == Token::end || token == Token::end_array ||
        m_range.first + m_tokenizer.token_begin() >= m_range.last) {
        return false;
    }
    m_document.read(m_tokenizer, token);
    m_decoder.append(m_document, m_ordinal++, batch);
    return true;
}

}  // namespace migrate::backends::json
