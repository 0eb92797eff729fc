#include "backends/json/record_stream.hpp"

#include <utility>

#include <migrate/error.hpp>

#include "backends/json/file_source.hpp"
#include "backends/json/json_text.hpp"

namespace migrate::backends::json {

namespace {

TokenizerOptions sequence_options(const DocumentOptions& options) {
    TokenizerOptions out = tokenizer_options(options);
    // What follows the value was looked at when the file's shape was.
    out.sequence = true;
    return out;
}

/// The one value that begins at a place of a file.
class ValueStream : public RecordStream {
  public:
    ValueStream(const RecordSpec& spec, const DocumentOptions& options)
        : m_source(spec.path, spec.begin),
          m_tokenizer(m_source, spec.path, sequence_options(options)),
          m_spec(spec) {
        m_tokenizer.set_origin({spec.line, spec.begin});
    }

  protected:
    void take(Token token) {
        m_offset = m_spec.begin + m_tokenizer.token_begin();
        m_document.read(m_tokenizer, token);
    }
    bool start() { return !std::exchange(m_started, true); }

    FileSource m_source;
    Tokenizer m_tokenizer;
    RecordSpec m_spec;

  private:
    bool m_started = false;
};

class WholeStream : public ValueStream {
  public:
    using ValueStream::ValueStream;
    bool next() override {
        if (!start()) {
            return false;
        }
        take(m_tokenizer.next());
        return true;
    }
};

class ElementStream : public ValueStream {
  public:
    using ValueStream::ValueStream;
    bool next() override {
        if (start()) {
            m_tokenizer.next();
        }
        const Token token = m_tokenizer.next();
        if (token == Token::end_array) {
            return false;
        }
        take(token);
        return true;
    }
};

class MemberStream : public ValueStream {
  public:
    using ValueStream::ValueStream;
    bool next() override {
        if (start()) {
            m_tokenizer.next();
        }
        if (m_tokenizer.next() != Token::key) {
            return false;
        }
        m_key = m_tokenizer.text();
        take(m_tokenizer.next());
        return true;
    }
};

/// Puts an object together from the members that are not skipped, which are held in memory; the others are
/// only passed by.
class RestStream : public ValueStream {
  public:
    RestStream(const RecordSpec& spec, const DocumentOptions& options)
        : ValueStream(spec, options),
          m_rest_tokenizer(m_rest_source, spec.path, tokenizer_options(options)) {}

    bool next() override {
        if (!start()) {
            return false;
        }
        m_offset = m_spec.begin;
        m_tokenizer.next();
        m_text = "{";
        while (m_tokenizer.next() == Token::key) {
            copy_member();
        }
        m_text += '}';
        m_rest_source.set(m_text);
        m_document.read(m_rest_tokenizer, m_rest_tokenizer.next());
        return true;
    }

  private:
    void copy_member() {
        const std::string name(m_tokenizer.text());
        const bool is_kept = !m_spec.skipped.contains(name);
        const std::size_t depth = m_tokenizer.depth();
        m_tokenizer.next();
        if (is_kept) {
            m_tokenizer.begin_raw();
        }
        while (m_tokenizer.depth() > depth) {
            m_tokenizer.next();
        }
        if (is_kept) {
            m_text += m_text.size() > 1 ? "," : "";
            append_quoted(name, m_text);
            m_text += ':';
            m_text += m_tokenizer.raw();
            m_tokenizer.end_raw();
        }
    }

    std::string m_text;
    ViewSource m_rest_source;
    Tokenizer m_rest_tokenizer;
};

/// Values by lines, so that one that is broken costs only itself.
class LineStream : public RecordStream {
  public:
    LineStream(const RecordSpec& spec, const DocumentOptions& options)
        : m_spec(spec),
          m_source(spec.path, spec.begin),
          m_line_number(spec.line - 1),
          m_tokenizer_options(sequence_options(options)),
          m_tokenizer(m_line_source, spec.path, m_tokenizer_options) {}

    bool next() override {
        for (;;) {
            if (!m_in_line && !read_line()) {
                return false;
            }
            try {
                const Token token = m_tokenizer.next();
                m_in_line = token != Token::end;
                if (m_in_line) {
                    m_offset = m_line_begin + m_tokenizer.token_begin();
                    m_document.read(m_tokenizer, token);
                    check_whole_line();
                    return true;
                }
            } catch (const Error& error) {
                if (error.code() != ErrorCode::malformed) {
                    throw;
                }
                m_in_line = false;
                m_broken.push_back({m_line_number, error.what(), std::string(m_line)});
            }
        }
    }

  private:
    // A line that is broken behind its first value is broken as a whole: it is not to be a record and a
    // rejected row both.
    void check_whole_line() {
        const std::string_view rest = m_line.substr(static_cast<std::size_t>(m_tokenizer.token_end()));
        if (m_is_checked || rest.find_first_not_of(" \t\r") == std::string_view::npos) {
            return;
        }
        ViewSource source(m_line);
        Tokenizer tokenizer(source, m_spec.path, m_tokenizer_options);
        tokenizer.set_origin({m_line_number, m_line_begin});
        while (tokenizer.next() != Token::end) {
        }
        m_is_checked = true;
    }

    bool read_line() {
        m_at += m_line.size() + (m_line_ended ? 1 : 0);
        m_line = {};
        m_line_ended = false;
        m_line_begin = m_spec.begin + m_base + m_at;
        std::size_t searched = m_at;
        for (;;) {
            const std::size_t end = m_buffer.find('\n', searched);
            if (end != std::string::npos) {
                m_line_ended = true;
                return take_line(end);
            }
            const std::size_t got = fill();
            searched = m_buffer.size() - got;
            if (m_ended) {
                return m_at != m_buffer.size() && take_line(m_buffer.size());
            }
        }
    }

    // Returns how much was read; moves the unfinished line to the front.
    std::size_t fill() {
        m_buffer.erase(0, m_at);
        m_base += m_at;
        m_at = 0;
        const std::size_t before = m_buffer.size();
        m_buffer.resize(before + std::max<std::size_t>(k_block, before));
        const std::size_t got = m_source.read(m_buffer.data() + before, m_buffer.size() - before);
        m_buffer.resize(before + got);
        m_ended = got == 0;
        return got;
    }

    bool take_line(std::size_t end) {
        if (m_line_begin >= m_spec.end) {
            return false;
        }
        ++m_line_number;
        m_line = std::string_view(m_buffer).substr(m_at, end - m_at);
        m_line_source.set(m_line);
        m_tokenizer.restart();
        m_tokenizer.set_origin({m_line_number, m_line_begin});
        m_in_line = true;
        m_is_checked = false;
        return true;
    }

    static constexpr std::size_t k_block = std::size_t{1} << 18U;

    RecordSpec m_spec;
    FileSource m_source;
    std::string m_buffer;
    std::size_t m_at = 0;      // in m_buffer: where the present line begins
    std::uint64_t m_base = 0;  // of the part: where m_buffer begins
    std::uint64_t m_line_begin = 0;
    std::uint64_t m_line_number;
    std::string_view m_line;
    bool m_line_ended = false;
    bool m_ended = false;
    bool m_in_line = false;
    bool m_is_checked = false;  // the whole line is known to be JSON
    ViewSource m_line_source;
    TokenizerOptions m_tokenizer_options;
    Tokenizer m_tokenizer;
};

}  // namespace

TokenizerOptions tokenizer_options(const DocumentOptions& options) {
    TokenizerOptions out;
    out.max_depth = options.max_depth;
    out.refuse_duplicate_keys = !options.keep_duplicate_keys;
    return out;
}

Finding broken_lines(const std::string& path, std::uint64_t count, const std::string& first_reason) {
    return {Severity::risk,
            "broken-line",
            path,
            std::to_string(count) + (count == 1 ? " line is" : " lines are") +
                " not JSON and cannot become a row. The first: " + first_reason,
            "",
            count};
}

std::unique_ptr<RecordStream> open_records(const RecordSpec& spec, const DocumentOptions& options) {
    switch (spec.kind) {
        case RecordKind::lines:
            return std::make_unique<LineStream>(spec, options);
        case RecordKind::elements:
            return std::make_unique<ElementStream>(spec, options);
        case RecordKind::members:
            return std::make_unique<MemberStream>(spec, options);
        case RecordKind::rest:
            return std::make_unique<RestStream>(spec, options);
        default:
            return std::make_unique<WholeStream>(spec, options);
    }
}

}  // namespace migrate::backends::json
