#include "backends/json/line_stream.hpp"

#include <algorithm>
#include <cstring>

#include <migrate/error.hpp>

namespace migrate::backends::json {

namespace {

constexpr std::size_t k_block = std::size_t{1} << 18U;

}  // namespace

LineStream::LineStream(const RecordSpec& spec, const DocumentOptions& options)
    : m_spec(spec),
      m_source(spec.path, spec.begin),
      m_first_line(spec.line),
      m_is_line_known(!spec.find_line),
      m_tokenizer_options(sequence_options(options)),
      m_tokenizer(m_no_source, spec.path, m_tokenizer_options) {}

bool LineStream::next() {
    for (;;) {
        if (!m_in_line && !read_line()) {
            return false;
        }
        try {
            if (read_value()) {
                return true;
            }
        } catch (const Error& error) {
            if (error.code() != ErrorCode::malformed) {
                throw;
            }
            m_in_line = false;
            std::string reason = reason_of(error);
            m_broken.push_back({line_number(), std::move(reason), std::string(m_line)});
        }
    }
}

// False, and no longer in the line, where it holds no more.
bool LineStream::read_value() {
    if (!m_in_values) {
        m_tokenizer.restart(m_line);
        m_tokenizer.set_origin({line_number(), m_line_begin});
        m_in_values = true;
    }
    const Token token = m_tokenizer.next();
    m_in_line = token != Token::end;
    if (!m_in_line) {
        return false;
    }
    m_offset = m_line_begin + m_tokenizer.token_begin();
    m_document.read(m_tokenizer, token);
    check_whole_line();
    return true;
}

// A line that is broken behind its first value is broken as a whole: it is not to be a record and a
// rejected row both.
void LineStream::check_whole_line() {
    const std::string_view rest = m_line.substr(static_cast<std::size_t>(m_tokenizer.token_end()));
    if (!m_is_checked && rest.find_first_not_of(" \t\r") != std::string_view::npos) {
        read_whole_line({line_number(), m_line_begin});
        m_is_checked = true;
    }
}

void LineStream::read_whole_line(Position origin) const {
    ViewSource source(m_line);
    Tokenizer tokenizer(source, m_spec.path, m_tokenizer_options);
    tokenizer.set_origin(origin);
    while (tokenizer.next() != Token::end) {
    }
}

// What is wrong with the line, which may have been said of a wrong number.
std::string LineStream::reason_of(const Error& error) {
    if (!m_is_line_known) {
        m_first_line = m_spec.find_line();
        m_is_line_known = true;
        try {
            read_whole_line({line_number(), m_line_begin});
        } catch (const Error& again) {
            return again.what();
        }
    }
    return error.what();
}

bool LineStream::read_line() {
    m_at += m_line.size() + (m_line_ended ? 1 : 0);
    m_line = {};
    m_line_ended = false;
    m_line_begin = m_spec.begin + m_base + m_at;
    std::size_t searched = m_at;
    for (;;) {
        const void* end = nullptr;
        if (searched != m_end) {
            end = std::memchr(m_buffer.data() + searched, '\n', m_end - searched);
        }
        if (end != nullptr) {
            return take_line(static_cast<std::size_t>(static_cast<const char*>(end) - m_buffer.data()), true);
        }
        const std::size_t got = fill();
        searched = m_end - got;
        if (m_ended) {
            return m_at != m_end && take_line(m_end, false);
        }
    }
}

// Returns how much was read; moves the unfinished line to the front.
std::size_t LineStream::fill() {
    const std::size_t kept = m_end - m_at;
    if (kept != 0 && m_at != 0) {
        std::memmove(m_buffer.data(), m_buffer.data() + m_at, kept);
    }
    m_base += m_at;
    m_at = 0;
    m_end = kept;
    if (m_buffer.size() - kept < k_block) {
        m_buffer.resize(kept + std::max(k_block, kept));
    }
    const std::size_t got = m_source.read(m_buffer.data() + kept, m_buffer.size() - kept);
    m_end += got;
    m_ended = got == 0;
    return got;
}

bool LineStream::take_line(std::size_t end, bool has_line_feed) {
    if (m_line_begin >= m_spec.end) {
        return false;
    }
    ++m_lines;
    m_line = {m_buffer.data() + m_at, end - m_at};
    m_line_ended = has_line_feed;
    m_in_line = true;
    m_in_values = false;
    m_is_checked = false;
    return true;
}

}  // namespace migrate::backends::json
