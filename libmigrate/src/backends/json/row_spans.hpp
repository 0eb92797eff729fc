#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "backends/json/document.hpp"
#include "backends/json/file_source.hpp"
#include "backends/json/row_reader.hpp"

namespace migrate::backends::json {

/// Goes through the rows of a table, each with the bytes of the file where it stands.
class RowSpans {
  public:
    /// Throws: Error{not_found…}.
    explicit RowSpans(const RowRange& range);

    /// False at the end. Throws: Error{malformed} for what is no JSON, and for a line with more than a row.
    bool next();

    /// Valid until: next().
    const Document& document() const { return m_document; }
    /// In bytes from the start of the file; of an array without rows, one past its '['.
    std::uint64_t begin() const { return m_begin; }
    std::uint64_t end() const { return m_end; }
    /// Lines: what is added now begins a line of its own.
    bool ends_line() const { return m_ends_line; }

  private:
    bool next_element();
    bool next_line();
    bool read_line();
    void read_whole_line();

    RowRange m_range;
    FileSource m_source;
    ViewSource m_no_source;
    Tokenizer m_tokenizer;
    Document m_document;
    std::string m_block;
    std::string m_line;
    std::size_t m_at = 0;
    std::uint64_t m_next = 0;  // where the line after this one begins
    std::uint64_t m_begin = 0;
    std::uint64_t m_end = 0;
    bool m_ends_line = true;
};

/// Reads the one row that a source begins with: at a place that RowSpans gave. Returns its bytes.
std::uint64_t read_row(ByteSource& source, const std::string& name,
                       const std::function<void(const Document&)>& take);

}  // namespace migrate::backends::json
