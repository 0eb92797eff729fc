#include "model/sql_lexer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "util/ascii.hpp"
#include "util/hex.hpp"
#include "util/utf8.hpp"

namespace migrate::model {

namespace {

using util::hex_value;
using util::is_digit;

constexpr bool is_word_start(char c) {
    return util::is_letter(c) || c == '_' || (static_cast<unsigned char>(c) & 0x80U);
}

constexpr bool is_word_part(char c) {
    return is_word_start(c) || is_digit(c) || c == '$';
}

constexpr std::string_view k_operator_characters = "+-*/<>=~!@#%^&|`?";

class Lexer {
  public:
    Lexer(std::string_view sql, Dialect dialect) : m_sql(sql), m_dialect(dialect) {}

    std::vector<Token> run() {
        do {
            next();
        } while (m_tokens.back().kind != TokenKind::end && m_tokens.back().kind != TokenKind::invalid);
        return std::move(m_tokens);
    }

  private:
    [[nodiscard]] bool sqlite() const { return m_dialect == Dialect::sqlite; }
    [[nodiscard]] char at(std::size_t ahead = 0) const {
        return m_at + ahead < m_sql.size() ? m_sql[m_at + ahead] : '\0';
    }
    [[nodiscard]] bool done() const { return m_at >= m_sql.size(); }

    void emit(TokenKind kind, std::string text) {
        m_tokens.push_back({kind, std::move(text), m_begin, std::min(m_at, m_sql.size())});
    }
    void invalid(std::string what) { emit(TokenKind::invalid, std::move(what)); }

    void next();
    bool skip_blank();
    bool skip_block_comment();
    void word();
    void number();
    void hexadecimal();
    void symbol();
    void postgresql_operator();
    void dollar_string();
    std::optional<std::string> quoted(char quote, bool escapes);
    bool escape(std::string& out);
    bool escaped_code(std::string& out, std::size_t digits);
    void string_token(TokenKind kind, bool escapes);
    void bits();
    void blob();

    std::string_view m_sql;
    Dialect m_dialect;
    std::size_t m_at = 0;
    std::size_t m_begin = 0;
    std::size_t m_signs_until = 0;  ///< From here to there each + and - is an operator by itself.
    std::vector<Token> m_tokens;
};

bool Lexer::skip_block_comment() {
    m_at += 2;
    for (int open = 1; open > 0;) {
        if (done()) {
            return sqlite();  // SQLite lets the end of the text close a comment.
        }
        if (at() == '*' && at(1) == '/') {
            m_at += 2;
            --open;
        } else if (!sqlite() && at() == '/' && at(1) == '*') {
            m_at += 2;
            ++open;
        } else {
            ++m_at;
        }
    }
    return true;
}

bool Lexer::skip_blank() {
    while (!done()) {
        const char c = at();
        if (c == ' ' || (c >= '\t' && c <= '\r' && (c != '\v' || !sqlite()))) {
            ++m_at;
        } else if (c == '-' && at(1) == '-') {
            while (!done() && at() != '\n') {
                ++m_at;
            }
        } else if (c == '/' && at(1) == '*') {
            m_begin = m_at;
            if (!skip_block_comment()) {
                return false;
            }
        } else {
            break;
        }
    }
    return true;
}

void Lexer::next() {
    if (!skip_blank()) {
        invalid("a comment is not closed");
        return;
    }
    m_begin = m_at;
    if (done()) {
        emit(TokenKind::end, "");
        return;
    }
    const char c = at();
    const bool quote_follows = at(1) == '\'';
    if (c == '\'') {
        string_token(TokenKind::string, false);
    } else if (c == '"') {
        string_token(TokenKind::double_quoted, false);
    } else if (sqlite() && (c == '[' || c == '`')) {
        string_token(TokenKind::quoted, false);
    } else if ((c == 'x' || c == 'X') && quote_follows) {
        sqlite() ? blob() : bits();
    } else if (!sqlite() && (c == 'b' || c == 'B') && quote_follows) {
        bits();
    } else if (!sqlite() && (c == 'e' || c == 'E') && quote_follows) {
        ++m_at;
        string_token(TokenKind::string, true);
    } else if (!sqlite() && (c == 'u' || c == 'U') && at(1) == '&' && (at(2) == '\'' || at(2) == '"')) {
        invalid("a text with Unicode escapes (U&)");
    } else if (is_word_start(c)) {
        word();
    } else if (is_digit(c) || (c == '.' && is_digit(at(1)))) {
        number();
    } else if (!sqlite() && c == '$') {
        dollar_string();
    } else {
        symbol();
    }
}

void Lexer::word() {
    while (!done() && is_word_part(at())) {
        ++m_at;
    }
    const std::string_view spelled = m_sql.substr(m_begin, m_at - m_begin);
    emit(TokenKind::word, sqlite() ? std::string(spelled) : util::lower_ascii(spelled));
}

void Lexer::hexadecimal() {
    m_at += 2;
    const std::size_t digits_at = m_at;
    while (hex_value(at()) >= 0) {
        ++m_at;
    }
    std::string_view digits = m_sql.substr(digits_at, m_at - digits_at);
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    if (m_at == digits_at || digits.size() > 16 || is_word_part(at())) {
        invalid("a malformed hexadecimal number");
        return;
    }
    std::uint64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    emit(TokenKind::integer, std::to_string(static_cast<std::int64_t>(value)));
}

void Lexer::number() {
    if (sqlite() && at() == '0' && (at(1) == 'x' || at(1) == 'X') && hex_value(at(2)) >= 0) {
        hexadecimal();
        return;
    }
    bool real = false;
    while (is_digit(at())) {
        ++m_at;
    }
    if (at() == '.' && !(at(1) == '.' && !sqlite())) {
        real = true;
        ++m_at;
        while (is_digit(at())) {
            ++m_at;
        }
    }
    if (at() == 'e' || at() == 'E') {
        const std::size_t sign = at(1) == '+' || at(1) == '-' ? 1 : 0;
        if (is_digit(at(1 + sign))) {
            real = true;
            m_at += 2 + sign;
            while (is_digit(at())) {
                ++m_at;
            }
        }
    }
    if (!done() && is_word_part(at())) {
        invalid("a malformed number");
        return;
    }
    const std::string_view spelled = m_sql.substr(m_begin, m_at - m_begin);
    std::int64_t value = 0;
    const auto parsed = std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
    if (!real && parsed.ec == std::errc()) {
        emit(TokenKind::integer, std::to_string(value));
    } else {
        emit(TokenKind::real, std::string(spelled));
    }
}

bool Lexer::escaped_code(std::string& out, std::size_t digits) {
    std::uint32_t code = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        const int value = hex_value(at(i));
        if (value < 0) {
            return false;
        }
        code = code * 16 + static_cast<std::uint32_t>(value);
    }
    if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
        return false;
    }
    m_at += digits;
    util::append_utf8(code, out);
    return true;
}

bool Lexer::escape(std::string& out) {
    ++m_at;
    if (done() || at() == '\0') {
        return false;
    }
    const char c = at();
    static constexpr std::string_view k_letters = "bfnrt";
    static constexpr std::string_view k_controls = "\b\f\n\r\t";
    if (c == 'u' || c == 'U') {
        ++m_at;
        return escaped_code(out, c == 'u' ? 4 : 8);
    }
    if (c == 'x' || (c >= '0' && c <= '7')) {
        const int base = c == 'x' ? 16 : 8;
        const std::size_t most = c == 'x' ? 2 : 3;
        m_at += c == 'x' ? 1 : 0;
        int value = 0;
        std::size_t used = 0;
        for (; used < most && hex_value(at()) >= 0 && hex_value(at()) < base; ++used, ++m_at) {
            value = value * base + hex_value(at());
        }
        out.push_back(static_cast<char>(value));
        return used > 0 && value > 0 && value < 0x80;  // Beyond ASCII it would depend on the encoding.
    }
    const std::size_t letter = k_letters.find(c);
    out.push_back(letter == std::string_view::npos ? c : k_controls[letter]);
    ++m_at;
    return true;
}

std::optional<std::string> Lexer::quoted(char quote, bool escapes) {
    std::string out;
    ++m_at;
    while (!done()) {
        const char c = at();
        if (c == '\0') {
            return std::nullopt;
        }
        if (c == quote) {
            ++m_at;
            if (quote == ']' || at() != quote || done()) {
                return out;
            }
        }
        if (c == '\\' && escapes) {
            if (!escape(out)) {
                return std::nullopt;
            }
            continue;
        }
        out.push_back(c);
        ++m_at;
    }
    return std::nullopt;
}

void Lexer::string_token(TokenKind kind, bool escapes) {
    const char quote = at() == '[' ? ']' : at();
    std::optional<std::string> value = quoted(quote, escapes);
    if (!value) {
        invalid("a quoted text is not closed or has a malformed escape");
        return;
    }
    emit(kind, std::move(*value));
}

void Lexer::bits() {
    const char base = at();
    ++m_at;
    const std::optional<std::string> value = quoted('\'', false);
    if (!value || value->find_first_not_of(base == 'b' || base == 'B' ? "01" : "0123456789abcdefABCDEF") !=
                      std::string::npos) {
        invalid("a malformed bit string");
        return;
    }
    static constexpr std::array<std::string_view, 16> k_nibbles = {
        "0000", "0001", "0010", "0011", "0100", "0101", "0110", "0111",
        "1000", "1001", "1010", "1011", "1100", "1101", "1110", "1111"};
    std::string text;
    for (const char c : *value) {
        text += base == 'b' || base == 'B' ? std::string(1, c)
                                           : std::string(k_nibbles[static_cast<std::size_t>(hex_value(c))]);
    }
    emit(TokenKind::bits, std::move(text));
}

void Lexer::blob() {
    ++m_at;
    const std::optional<std::string> digits = quoted('\'', false);
    if (!digits || digits->size() % 2 != 0 ||
        !std::all_of(digits->begin(), digits->end(), [](char c) { return hex_value(c) >= 0; })) {
        invalid("a malformed blob");
        return;
    }
    std::string bytes;
    for (std::size_t i = 0; i < digits->size(); i += 2) {
        bytes.push_back(static_cast<char>(hex_value((*digits)[i]) * 16 + hex_value((*digits)[i + 1])));
    }
    emit(TokenKind::blob, std::move(bytes));
}

void Lexer::dollar_string() {
    std::size_t tag_end = m_at + 1;
    while (tag_end < m_sql.size() && is_word_part(m_sql[tag_end]) && m_sql[tag_end] != '$') {
        ++tag_end;
    }
    if (tag_end >= m_sql.size() || m_sql[tag_end] != '$' || is_digit(at(1))) {
        invalid("a parameter or a stray $");
        return;
    }
    const std::string_view tag = m_sql.substr(m_at, tag_end + 1 - m_at);
    const std::size_t close = m_sql.find(tag, tag_end + 1);
    if (close == std::string_view::npos) {
        invalid("a dollar-quoted text is not closed");
        return;
    }
    const std::string_view value = m_sql.substr(tag_end + 1, close - tag_end - 1);
    if (value.find('\0') != std::string_view::npos) {
        invalid("a NUL in a dollar-quoted text");
        return;
    }
    m_at = close + tag.size();
    emit(TokenKind::string, std::string(value));
}

void Lexer::postgresql_operator() {
    if (m_at < m_signs_until) {
        ++m_at;
        emit(TokenKind::symbol, std::string(m_sql.substr(m_begin, 1)));
        return;
    }
    while (!done() && k_operator_characters.find(at()) != std::string_view::npos &&
           !(at() == '-' && at(1) == '-') && !(at() == '/' && at(1) == '*')) {
        ++m_at;
    }
    std::string_view spelled = m_sql.substr(m_begin, m_at - m_begin);
    // An operator of several characters ends in + or - only if it has one of these.
    if (spelled.find_first_of("~!@#%^&|`?") == std::string_view::npos) {
        const std::size_t last = spelled.find_last_not_of("+-");
        m_signs_until = m_at;
        spelled = spelled.substr(0, last == std::string_view::npos ? 1 : last + 1);
        m_at = m_begin + spelled.size();
    }
    emit(TokenKind::symbol, std::string(spelled));
}

void Lexer::symbol() {
    static constexpr std::array<std::string_view, 10> k_sqlite = {"->>", "->", "||", "<<", ">>",
                                                                  "<=",  "<>", ">=", "==", "!="};
    const char c = at();
    if (!sqlite() && k_operator_characters.find(c) != std::string_view::npos) {
        postgresql_operator();
        return;
    }
    const std::string_view rest = m_sql.substr(m_at);
    std::size_t length = 0;
    if (sqlite()) {
        for (const std::string_view candidate : k_sqlite) {
            length = length == 0 && rest.starts_with(candidate) ? candidate.size() : length;
        }
    } else if (rest.starts_with("::") || rest.starts_with(":=")) {
        length = 2;
    }
    if (length == 0) {
        const std::string_view single = sqlite() ? "+-*/%=<>&|~(),.;" : "(),.;[]:";
        length = single.find(c) == std::string_view::npos ? 0 : 1;
    }
    if (length == 0) {
        invalid("a character that does not belong in an expression");
        return;
    }
    m_at += length;
    emit(TokenKind::symbol, std::string(rest.substr(0, length)));
}

}  // namespace

std::vector<Token> tokenize(std::string_view sql, Dialect dialect) {
    return Lexer(sql, dialect).run();
}

}  // namespace migrate::model
