#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backends/json/byte_source.hpp"
#include "backends/json/key_stack.hpp"
#include "backends/json/syntax_error.hpp"

namespace migrate::backends::json {

enum class Token : std::uint8_t {
    begin_object,
    end_object,
    begin_array,
    end_array,
    key,
    string,
    number,
    true_literal,
    false_literal,
    null_literal,
    end,
};

struct TokenizerOptions {
    /// Objects and arrays that may be open at once; one more is a syntax error. Default 256.
    std::size_t max_depth = 256;
    /// Refuse an object with two members of one name (default), or report it by duplicate_key().
    bool refuse_duplicate_keys = true;
    /// Accept any number of values one after another (NDJSON, concatenated JSON) instead of exactly one.
    bool sequence = false;
    /// What a Document holds is taken from RapidJSON, which reads each value once more (ReadRoute::text).
    bool read_again = false;
    /// Bytes asked of the source at a time. More makes fewer reads and a larger buffer.
    std::size_t block_bytes = std::size_t{1} << 18;
};

/// Splits a JSON text (RFC 8259) into tokens, one per call, from a source of bytes of any length.
///
/// Strict: UTF-8 is validated, surrogate escapes must pair, numbers follow the grammar and are handed on as
/// they are spelled, nothing may follow the value. A byte order mark is skipped and remembered. Iterative:
/// depth costs one byte per open object or array, so no text can overflow the stack.
/// Memory: one block and the longest token, or the longest text kept by begin_raw().
/// Not thread-safe; one per reading.
class Tokenizer {
  public:
    /// `source` is borrowed and must outlive the tokenizer. `name` is what errors call the text.
    Tokenizer(ByteSource& source, std::string name, TokenizerOptions options = {});

    /// Throws: a syntax error with file, line and byte; whatever the source throws.
    Token next();

    /// The last token: a string or key with its escapes resolved (UTF-8), a number as spelled.
    /// Valid until: the next call of next().
    std::string_view text() const { return m_text; }

    /// The last token is a key that its object already had (only where duplicates are not refused).
    bool duplicate_key() const { return m_duplicate_key; }

    /// Objects and arrays open after the last token.
    std::size_t depth() const { return m_stack.size(); }

    bool has_byte_order_mark() const { return m_has_byte_order_mark; }
    const TokenizerOptions& options() const { return m_options; }

    /// From the start of the last token on, keep the text as it is spelled.
    void begin_raw() { m_raw = m_token; }
    /// Everything from begin_raw() to the end of the last token. Valid until: the next call of next().
    std::string_view raw() const { return {m_data + m_raw, m_pos - m_raw}; }
    void end_raw() { m_raw = k_none; }

    /// Where the last token begins and ends, in bytes from the start of the source.
    std::uint64_t token_begin() const { return m_base + m_token; }
    std::uint64_t token_end() const { return m_base + m_pos; }

    /// Where the last token begins; counts lines, so it is for messages and not for every token.
    Position position() const { return position_of(m_token); }

    /// Forgets all of the text before: what the source gives from now on is a new one. Memory is kept.
    void restart();
    /// The same with all of a text that is in memory, which is borrowed until the next restart.
    void restart(std::string_view text);

    /// Lines and bytes are counted from here instead of from the start of the source.
    void set_origin(Position origin) { m_origin = origin; }

    [[noreturn]] void fail(const std::string& what) const { fail_at(m_token, what); }

  private:
    enum class State : std::uint8_t {
        first,
        value,
        value_or_close,
        key,
        key_or_close,
        colon,
        after_value,
        done
    };
    static constexpr std::size_t k_none = static_cast<std::size_t>(-1);

    bool refill();
    bool have(std::size_t count);
    int peek();
    void skip_space();
    void skip_byte_order_mark();
    Token begin_value(int c);
    Token open(Token token, bool is_object);
    Token close(Token token, bool is_object);
    Token finish_value(Token token);
    void require_gap(Token token);
    Token read_key(int c);
    Token read_after_value(int c);
    Token read_literal(std::string_view literal, Token token);
    Token read_number();
    void read_digits(const char* error);
    void read_string();
    void read_escape();
    std::uint32_t read_hex4();
    void skip_utf8_sequence();
    Position position_of(std::size_t index) const;
    [[noreturn]] void fail_at(std::size_t index, const std::string& what) const;
    [[noreturn]] void fail_unexpected(const char* expected);

    ByteSource& m_source;
    std::string m_name;
    TokenizerOptions m_options;
    std::vector<char> m_buffer;
    const char* m_data = nullptr;  // m_buffer's, or of a text that is borrowed
    std::size_t m_end = 0;
    std::size_t m_pos = 0;
    std::size_t m_token = 0;
    std::size_t m_raw = k_none;
    std::uint64_t m_base = 0;   // offset in the source of m_buffer[0]
    std::uint64_t m_lines = 0;  // line ends before m_buffer[0]
    Position m_origin;
    State m_state = State::first;
    bool m_is_begun = false;
    bool m_source_ended = false;
    bool m_has_byte_order_mark = false;
    bool m_duplicate_key = false;
    std::vector<std::uint8_t> m_stack;  // 1 for an object, 0 for an array
    KeyStack m_keys;
    std::string_view m_text;
    std::string m_decoded;
};

}  // namespace migrate::backends::json
