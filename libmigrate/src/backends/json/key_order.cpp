#include "backends/json/key_order.hpp"

#include <utility>

#include "model/value_text.hpp"
#include "util/byte_order.hpp"

namespace migrate::backends::json {

void append_order_key(std::string_view key, std::string& out) {
    constexpr std::uint64_t k_sign = std::uint64_t{1} << 63U;
    std::int64_t number = 0;
    if (model::read_int64(key, number)) {
        out += 'i';
        util::append_big(out, static_cast<std::uint64_t>(number) ^ k_sign);
    } else {
        out += 't';
    }
    // "007" is the number of "7", and still another key.
    out += key;
}

bool KeyOrder::follows(std::string_view key) {
    m_next.clear();
    append_order_key(key, m_next);
    const bool is_next = m_last <= m_next;
    std::swap(m_last, m_next);
    if (!std::exchange(m_has_first, true)) {
        m_first = m_last;
    }
    return is_next;
}

bool KeyOrder::follows(const KeyOrder& other) {
    if (!other.m_has_first) {
        return true;
    }
    const bool is_next = m_last <= other.m_first;
    m_last = other.m_last;
    if (!std::exchange(m_has_first, true)) {
        m_first = other.m_first;
    }
    return is_next;
}

}  // namespace migrate::backends::json
