#include "model/array_text.hpp"

#include <algorithm>

#include "util/ascii.hpp"

namespace migrate::model {

bool ArrayShape::open() noexcept {
    if (m_depth == k_max_dimensions || (m_dimensions != 0 && m_depth == m_dimensions)) {
        return false;
    }
    if (m_depth > 0) {
        ++m_counts[m_depth - 1];
    }
    m_counts[m_depth++] = 0;
    return true;
}

bool ArrayShape::element() noexcept {
    if (m_dimensions == 0) {
        m_dimensions = m_depth;
    }
    if (m_depth == 0 || m_depth != m_dimensions) {
        return false;
    }
    ++m_counts[m_depth - 1];
    return true;
}

bool ArrayShape::close() noexcept {
    if (m_depth == 0) {
        return false;
    }
    --m_depth;
    const std::int64_t count = m_counts[m_depth];
    if (count == 0) {
        return m_depth == 0;
    }
    if (m_sizes[m_depth] < 0) {
        m_sizes[m_depth] = count;
    }
    return m_sizes[m_depth] == count;
}

char array_delimiter(const LogicalType& element) noexcept {
    return element.kind == TypeKind::opaque && element.native_name == "box" ? ';' : ',';
}

void append_array_element(std::string_view value, char delimiter, std::string& literal) {
    const auto means_something = [delimiter](char c) {
        return c == '"' || c == '\\' || c == '{' || c == '}' || c == delimiter || util::is_space(c);
    };
    if (!value.empty() && std::none_of(value.begin(), value.end(), means_something) &&
        !util::equals_ignore_case(value, "NULL")) {
        literal += value;
        return;
    }
    literal += '"';
    for (const char c : value) {
        if (c == '"' || c == '\\') {
            literal += '\\';
        }
        literal += c;
    }
    literal += '"';
}

}  // namespace migrate::model
