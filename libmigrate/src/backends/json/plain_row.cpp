#include "backends/json/plain_row.hpp"

#include <cstring>
#include <limits>

#include <migrate/error.hpp>

#include "backends/json/json_text.hpp"
#include "backends/json/plain_run.hpp"
#include "backends/json/value_codec.hpp"
#include "util/utf8.hpp"

namespace migrate::backends::json {

namespace {

// The row's own object is one level more.
constexpr std::size_t k_deepest = (std::size_t{1} << 20U) - 1;

TokenizerOptions value_options() {
    TokenizerOptions options;
    options.sequence = true;
    options.refuse_duplicate_keys = false;
    options.max_depth = k_deepest;
    return options;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// A value of a line that is no array or object. What begins at `at` need not be one.
class PlainScalar {
  public:
    /// False where it is none, or has escapes.
    bool read(const char*& at, const char* end) {
        if (at == end) {
            return false;
        }
        m_begin = at;
        switch (*at) {
            case '"':
                return read_string(at, end);
            case 'n':
                return read_word("null", NodeKind::null_literal, at, end);
            case 't':
                return read_word("true", NodeKind::true_literal, at, end);
            case 'f':
                return read_word("false", NodeKind::false_literal, at, end);
            default:
                return read_number(at, end);
        }
    }

    bool append_to(ColumnVector& column, const LogicalType& type) const {
        if (m_is_small && append_integer(column, type.kind)) {
            return true;
        }
        return decode_scalar(m_scalar, type, column);
    }

  private:
    void finish(NodeKind kind, std::string_view text, const char* end) {
        m_scalar = {kind, text, {m_begin, static_cast<std::size_t>(end - m_begin)}};
    }

    bool read_word(std::string_view word, NodeKind kind, const char*& at, const char* end) {
        m_is_small = false;
        if (static_cast<std::size_t>(end - at) < word.size() ||
            std::memcmp(at, word.data(), word.size()) != 0) {
            return false;
        }
        at += word.size();
        finish(kind, word, at);
        return true;
    }

    bool read_string(const char*& at, const char* end) {
        m_is_small = false;
        const char* const begin = ++at;
        at += plain_run(at, end);
        bool is_ascii = true;
        while (at != end && static_cast<unsigned char>(*at) >= 0x80) {
            is_ascii = false;
            ++at;
            at += plain_run(at, end);
        }
        if (at == end || *at != '"') {
            return false;
        }
        const std::string_view text(begin, static_cast<std::size_t>(at - begin));
        ++at;
        finish(NodeKind::string, text, at);
        return is_ascii || util::is_valid_utf8(text);
    }

    bool read_number(const char*& at, const char* end) {
        m_is_negative = *at == '-';
        at += m_is_negative ? 1 : 0;
        const char* const digits = at;
        m_value = 0;
        for (; at != end && is_digit(*at); ++at) {
            m_value = m_value * 10 + static_cast<std::uint64_t>(*at - '0');
        }
        const std::ptrdiff_t count = at - digits;
        if (count == 0 || (count > 1 && *digits == '0')) {
            return false;
        }
        m_is_small = count <= std::numeric_limits<std::int64_t>::digits10 && !(m_is_negative && m_value == 0);
        if (at != end && *at == '.') {
            m_is_small = false;
            if (!skip_digits(++at, end)) {
                return false;
            }
        }
        if (at != end && (*at == 'e' || *at == 'E')) {
            m_is_small = false;
            ++at;
            at += at != end && (*at == '+' || *at == '-') ? 1 : 0;
            if (!skip_digits(at, end)) {
                return false;
            }
        }
        finish(NodeKind::number, {m_begin, static_cast<std::size_t>(at - m_begin)}, at);
        return true;
    }

    static bool skip_digits(const char*& at, const char* end) {
        const char* const begin = at;
        while (at != end && is_digit(*at)) {
            ++at;
        }
        return at != begin;
    }

    bool append_integer(ColumnVector& column, TypeKind kind) const {
        const auto value =
            m_is_negative ? -static_cast<std::int64_t>(m_value) : static_cast<std::int64_t>(m_value);
        const auto fits = [&](auto limits) { return value >= limits.min() && value <= limits.max(); };
        const bool is_it = kind == TypeKind::int64 ||
                           (kind == TypeKind::int32 && fits(std::numeric_limits<std::int32_t>())) ||
                           (kind == TypeKind::int16 && fits(std::numeric_limits<std::int16_t>()));
        if (is_it) {
            column.append_fixed(value);
        }
        return is_it;
    }

    const char* m_begin = nullptr;
    Scalar m_scalar;
    bool m_is_small = false;  // an integer of at most 18 digits: m_value
    bool m_is_negative = false;
    std::uint64_t m_value = 0;
};

}  // namespace

PlainRow::PlainRow(const ScanSpec& spec) : m_tokenizer(m_no_source, "row", value_options()) {
    const std::vector<Column>& columns = spec.table->columns;
    std::vector<std::size_t> slots(columns.size(), k_unwanted);
    for (std::size_t i = 0; i < spec.columns.size(); ++i) {
        slots[spec.columns[i]] = i;
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].hidden || columns[i].generated) {
            if (slots[i] != k_unwanted) {
                m_absent.push_back(slots[i]);
            }
            continue;
        }
        std::string prefix = m_members.empty() ? "{" : ",";
        append_quoted(columns[i].name, prefix);
        m_members.push_back({prefix + ':', columns[i].type, slots[i]});
    }
}

bool PlainRow::append(std::string_view line, RowBatch& batch) {
    const std::size_t before = batch.row_count();
    const char* at = line.data();
    const char* const end = at + line.size();
    for (std::size_t i = 0; i < m_members.size(); ++i) {
        const Member& member = m_members[i];
        bool fits = static_cast<std::size_t>(end - at) >= member.prefix.size() &&
                    std::memcmp(at, member.prefix.data(), member.prefix.size()) == 0;
        if (fits) {
            at += member.prefix.size();
            fits = append_value(member, at, end, batch);
        }
        if (!fits) {
            take_back(i, batch);
            return false;
        }
    }
    if (m_members.empty() || end - at != 1 || *at != '}') {
        take_back(m_members.size(), batch);
        return false;
    }
    for (const std::size_t slot : m_absent) {
        batch.columns[slot].append_null();
    }
    batch.bare_rows = before + 1;
    return true;
}

bool PlainRow::append_value(const Member& member, const char*& at, const char* end, RowBatch& batch) {
    const char* const begin = at;
    PlainScalar value;
    if (value.read(at, end)) {
        return member.slot == k_unwanted || value.append_to(batch.columns[member.slot], member.type);
    }
    at = begin;
    return at != end && (*at == '"' || *at == '{' || *at == '[') && append_any(member, at, end, batch);
}

bool PlainRow::append_any(const Member& member, const char*& at, const char* end, RowBatch& batch) {
    try {
        m_tokenizer.restart({at, static_cast<std::size_t>(end - at)});
        m_document.read(m_tokenizer, m_tokenizer.next());
    } catch (const Error& error) {
        if (error.code() != ErrorCode::malformed) {
            throw;
        }
        return false;
    }
    at += m_tokenizer.token_end();
    return member.slot == k_unwanted ||
           decode_value(m_document, Document::k_root, member.type, batch.columns[member.slot]);
}

void PlainRow::take_back(std::size_t members, RowBatch& batch) const {
    for (std::size_t i = 0; i < members; ++i) {
        if (m_members[i].slot != k_unwanted) {
            batch.columns[m_members[i].slot].pop_back();
        }
    }
}

}  // namespace migrate::backends::json
