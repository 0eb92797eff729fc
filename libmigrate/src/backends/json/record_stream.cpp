#include "backends/json/record_stream.hpp"

#include <utility>

#include <migrate/error.hpp>

#include "backends/json/file_source.hpp"
#include "backends/json/json_text.hpp"
#include "backends/json/line_stream.hpp"

namespace migrate::backends::json {

namespace {

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

}  // namespace

TokenizerOptions sequence_options(const DocumentOptions& options) {
    TokenizerOptions out = tokenizer_options(options);
    out.sequence = true;
    return out;
}

TokenizerOptions tokenizer_options(const DocumentOptions& options) {
    TokenizerOptions out;
    out.max_depth = options.max_depth;
    out.refuse_duplicate_keys = !options.keep_duplicate_keys;
    out.read_again = options.read_again;
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
