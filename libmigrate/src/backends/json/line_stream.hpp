#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/error.hpp>

#include "backends/json/file_source.hpp"
#include "backends/json/record_stream.hpp"

namespace migrate::backends::json {

/// Values by lines, so that one that is broken costs only itself.
class LineStream : public RecordStream {
  public:
    LineStream(const RecordSpec& spec, const DocumentOptions& options);

    bool next() override;

    /// Goes to the next line where the one before is done with. False at the end, and where a line is only
    /// half read. What is made of the line is up to the caller: next() reads it as it reads all, pass_line()
    /// leaves it.
    bool begin_line() { return !m_in_line && read_line(); }
    /// The present line without its line feed. Valid until: the next line.
    std::string_view line() const { return m_line; }
    void pass_line() { m_in_line = false; }

  private:
    bool read_value();
    void check_whole_line();
    void read_whole_line(Position origin) const;
    std::string reason_of(const Error& error);
    std::uint64_t line_number() const { return m_first_line + m_lines - 1; }
    bool read_line();
    std::size_t fill();
    bool take_line(std::size_t end, bool has_line_feed);

    RecordSpec m_spec;
    FileSource m_source;
    std::vector<char> m_buffer;
    std::size_t m_end = 0;     // of what was read into m_buffer
    std::size_t m_at = 0;      // in m_buffer: where the present line begins
    std::uint64_t m_base = 0;  // of the part: where m_buffer begins
    std::uint64_t m_line_begin = 0;
    std::uint64_t m_first_line;  // what is counted from; not yet the file's where it has to be found
    bool m_is_line_known;
    std::uint64_t m_lines = 0;  // that were begun
    std::string_view m_line;
    bool m_line_ended = false;
    bool m_ended = false;
    bool m_in_line = false;
    bool m_in_values = false;   // the tokenizer is in the line
    bool m_is_checked = false;  // the whole line is known to be JSON
    ViewSource m_no_source;
    TokenizerOptions m_tokenizer_options;
    Tokenizer m_tokenizer;
};

}  // namespace migrate::backends::json
