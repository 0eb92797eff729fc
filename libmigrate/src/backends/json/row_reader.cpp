#include "backends/json/row_reader.hpp"

#include <migrate/error.hpp>

#include "backend/misread.hpp"
#include "model/row_json.hpp"

namespace migrate::backends::json {

namespace {

// Rows hold JSON values of any depth, and PostgreSQL's json type keeps duplicate keys.
constexpr std::size_t k_any_depth = std::size_t{1} << 20U;

TokenizerOptions array_options(ReadRoute route) {
    TokenizerOptions options;
    options.read_again = route == ReadRoute::text;
    options.sequence = true;
    options.refuse_duplicate_keys = false;
    options.max_depth = k_any_depth;
    return options;
}

std::unique_ptr<LineStream> open_lines(const RowRange& range, ReadRoute route) {
    DocumentOptions options;
    options.read_again = route == ReadRoute::text;
    options.max_depth = k_any_depth;
    options.keep_duplicate_keys = true;
    RecordSpec spec;
    spec.kind = RecordKind::lines;
    spec.path = range.path;
    spec.begin = range.first;
    spec.end = range.last;
    spec.line = range.line;
    spec.find_line = range.find_line;
    return std::make_unique<LineStream>(spec, options);
}

}  // namespace

std::optional<Finding> find_broken_lines(const std::string& path, const std::stop_token& stop) {
    constexpr std::uint64_t k_rows_between_looks = 4096;
    const auto lines = open_lines({path}, ReadRoute::native);
    std::uint64_t count = 0;
    std::string first;
    std::uint64_t rows = 0;
    for (bool more = true; more;) {
        more = lines->next();
        for (const BrokenLine& line : lines->take_broken()) {
            first = count++ == 0 ? line.reason : first;
        }
        if (++rows % k_rows_between_looks == 0 && stop.stop_requested()) {
            throw Error(ErrorCode::cancelled, "reading " + path + " was cancelled");
        }
    }
    return count == 0 ? std::nullopt : std::optional(broken_lines(path, count, first));
}

/// The elements of an array within a file.
class RowReader::Array {
  public:
    Array(const RowRange& range, ReadRoute route)
        : m_source(range.path, range.first), m_tokenizer(m_source, range.path, array_options(route)) {
        m_tokenizer.set_origin({range.line, range.first});
        m_tokenizer.next();
    }

    bool next() {
        const Token token = m_tokenizer.next();
        if (token == Token::end || token == Token::end_array) {
            return false;
        }
        m_document.read(m_tokenizer, token);
        return true;
    }
    const Document& document() const { return m_document; }

  private:
    FileSource m_source;
    Tokenizer m_tokenizer;
    Document m_document;
};

RowReader::RowReader(const ScanSpec& spec, const RowRange& range, const InputStamps& stamps)
    : m_range(range),
      m_stamps(stamps),
      m_limits(spec.limits),
      m_route(spec.route),
      m_plain(spec),
      m_decoder(spec) {
    if (range.is_array) {
        m_array = std::make_unique<Array>(range, spec.route);
    } else {
        m_lines = open_lines(range, spec.route);
    }
}

RowReader::~RowReader() = default;

bool RowReader::next(RowBatch& batch) {
    batch.reset(m_decoder.kinds());
    batch.first_ordinal = m_ordinal;
    while (!m_done && batch.row_count() + batch.rejects.size() < m_limits.max_rows &&
           batch.byte_size() < m_limits.max_bytes) {
        if (!(m_lines ? read_line(batch) : read_row(batch))) {
            m_done = true;
            m_stamps.require_unchanged(m_range.path);
        }
    }
    if (m_route == ReadRoute::native) {
        backend::misread(batch);
    }
    return batch.row_count() > 0 || !m_done;
}

bool RowReader::read_row(RowBatch& batch) {
    if (!m_array->next()) {
        return false;
    }
    m_decoder.append(m_array->document(), m_ordinal++, batch);
    return true;
}

bool RowReader::read_line(RowBatch& batch) {
    if (m_route == ReadRoute::native && m_lines->begin_line() && m_plain.append(m_lines->line(), batch)) {
        m_lines->pass_line();
        ++m_ordinal;
        return true;
    }
    const bool has_row = m_lines->next();
    // Those before the row that was found.
    for (BrokenLine& line : m_lines->take_broken()) {
        RejectedRow& reject = batch.rejects.emplace_back();
        reject.ordinal = m_ordinal++;
        reject.line = line.line;
        reject.reason = std::move(line.reason);
        reject.row = model::text_as_json(line.text);
    }
    if (has_row) {
        m_decoder.append(m_lines->document(), m_ordinal++, batch);
    }
    return has_row;
}

}  // namespace migrate::backends::json
