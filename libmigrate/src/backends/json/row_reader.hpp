#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "backend/source.hpp"
#include "backends/json/file_source.hpp"
#include "backends/json/input_stamps.hpp"
#include "backends/json/line_stream.hpp"
#include "backends/json/plain_row.hpp"
#include "backends/json/row_decoder.hpp"

namespace migrate::backends::json {

/// Which bytes of a file are the rows of a scan.
struct RowRange {
    std::string path;
    std::uint64_t first = 0;  ///< NDJSON: the start of a line. Array: its '['.
    std::uint64_t last = std::numeric_limits<std::uint64_t>::max();  ///< NDJSON: rows that begin before it.
    std::uint64_t line = 1;                                          ///< Of `first`.
    std::function<std::uint64_t()> find_line = {};                   ///< NDJSON: as RecordSpec has it.
    bool is_array = false;
};

/// The lines of a file that are not JSON, if there are any: one finding, as documents without a manifest have
/// it.
std::optional<Finding> find_broken_lines(const std::string& path, const std::stop_token& stop);

/// Reads rows that this tool wrote, one object each. A line that is not JSON is a reject; in an array what is
/// not JSON ends the reading.
class RowReader : public backend::Reader {
  public:
    /// `stamps` is borrowed from the source.
    RowReader(const ScanSpec& spec, const RowRange& range, const InputStamps& stamps);
    ~RowReader() override;
    bool next(RowBatch& batch) override;

  private:
    class Array;
    bool read_row(RowBatch& batch);
    bool read_line(RowBatch& batch);

    RowRange m_range;
    const InputStamps& m_stamps;
    BatchLimits m_limits;
    ReadRoute m_route;
    PlainRow m_plain;
    RowDecoder m_decoder;
    std::unique_ptr<LineStream> m_lines;  // one of these two
    std::unique_ptr<Array> m_array;
    std::uint64_t m_ordinal = 0;
    bool m_done = false;
};

}  // namespace migrate::backends::json
