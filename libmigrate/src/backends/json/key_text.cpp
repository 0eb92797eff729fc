#include "backends/json/key_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "model/value_text.hpp"
#include "util/byte_order.hpp"

namespace migrate::backends::json {

namespace {

bool is_integer(TypeKind kind) {
    return kind == TypeKind::int16 || kind == TypeKind::int32 || kind == TypeKind::int64;
}

bool is_fraction(TypeKind kind) {
    return kind == TypeKind::float32 || kind == TypeKind::float64 || kind == TypeKind::decimal;
}

// 10.10 and 10.1, 1.0 and 1, -0 and 0 are one number each.
void trim_number(std::string& text) {
    if (text.find('.') != std::string::npos && text.find('e') == std::string::npos) {
        text.resize(text.find_last_not_of('0') + 1);
        text.resize(text.size() - (text.back() == '.' ? 1 : 0));
    }
    if (text == "-0") {
        text = "0";
    }
}

void trim_blanks(std::string& text) {
    text.resize(text.find_last_not_of(' ') + 1);
}

std::string in_capitals(std::string name) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return name;
}

void fold(std::string& text, std::string_view collation) {
    if (collation == "NOCASE") {
        std::transform(text.begin(), text.end(), text.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    } else if (collation == "RTRIM") {
        trim_blanks(text);
    }
}

void append_part(std::string_view text, std::string& key) {
    util::append_big(key, static_cast<std::uint64_t>(text.size()));
    key += text;
}

void append_integer(std::int64_t value, std::string& key) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    append_part({digits.data(), static_cast<std::size_t>(end - digits.data())}, key);
}

}  // namespace

KeyText::KeyText(const Table& table, const std::vector<std::string>& columns,
                 const std::vector<std::string>& collations) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const Column* column = table.find_column(columns[i]);
        if (column == nullptr || column->hidden || column->generated) {
            m_has_columns = false;
            return;
        }
        const bool is_named = i < collations.size() && !collations[i].empty();
        m_parts.push_back({static_cast<std::size_t>(column - table.columns.data()), column->type,
                           in_capitals(is_named ? collations[i] : column->collation)});
    }
    m_has_columns = !m_parts.empty();
}

std::vector<std::size_t> KeyText::columns() const {
    std::vector<std::size_t> out;
    out.reserve(m_parts.size());
    for (const Part& part : m_parts) {
        out.push_back(part.column);
    }
    return out;
}

bool KeyText::put(const RowBatch& batch, const std::vector<std::size_t>& slots, std::size_t row,
                  std::string& key) const {
    key.clear();
    for (std::size_t i = 0; i < m_parts.size(); ++i) {
        if (!append(batch.columns[slots[i]], row, m_parts[i], key)) {
            return false;
        }
    }
    return true;
}

// False where it is NULL.
bool KeyText::append(const ColumnVector& values, std::size_t row, const Part& part, std::string& key) const {
    if (values.is_null(row)) {
        key += m_nulls_are_values ? "n" : "";
        return m_nulls_are_values;
    }
    const LogicalType& type = part.type;
    if (is_integer(type.kind)) {
        append_integer(values.fixed(row), key);
        return true;
    }
    std::string text;
    if (type.kind == TypeKind::variant) {
        text = values.bytes(row);
    } else {
        model::append_text(values, row, type, text);
    }
    if (is_fraction(type.kind)) {
        trim_number(text);
    } else if (type.kind == TypeKind::text) {
        fold(text, part.collation);
        if (type.fixed_length) {
            trim_blanks(text);
        }
    }
    append_part(text, key);
    return true;
}

}  // namespace migrate::backends::json
