#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/chunk.hpp>
#include <migrate/row_batch.hpp>

#include "backends/json/document.hpp"
#include "backends/json/file_source.hpp"

namespace migrate::backends::json {

/// Reads a line that is spelled as RowEncoder spells it: every stored column in the table's order, no blanks
/// between. Lines of this tool are, and are read so in a fraction of the time that any JSON takes; a line
/// that is not is left to the RowDecoder, which gives the same rows. What is read here is looked at as
/// strictly: UTF-8, the grammar of numbers. Not thread-safe.
class PlainRow {
  public:
    /// Copies what it needs of the spec.
    explicit PlainRow(const ScanSpec& spec);

    /// False, with nothing appended, where the line is no such.
    bool append(std::string_view line, RowBatch& batch);

  private:
    struct Member {
        std::string prefix;  // `{"id":`, `,"name":`
        LogicalType type;
        std::size_t slot;  // of the batch; k_unwanted for one that was not asked for
    };
    static constexpr std::size_t k_unwanted = static_cast<std::size_t>(-1);

    bool append_value(const Member& member, const char*& at, const char* end, RowBatch& batch);
    bool append_any(const Member& member, const char*& at, const char* end, RowBatch& batch);
    void take_back(std::size_t members, RowBatch& batch) const;

    std::vector<Member> m_members;
    std::vector<std::size_t> m_absent;  // of the batch: columns that are not stored
    ViewSource m_no_source;
    Tokenizer m_tokenizer;  // of values with escapes, arrays and objects
    Document m_document;
};

}  // namespace migrate::backends::json
