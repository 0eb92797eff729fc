#include "backends/json/letter_spill.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <migrate/error.hpp>

#include "backends/json/dead_letter_file.hpp"
#include "util/byte_order.hpp"

namespace migrate::backends::json {

namespace {

constexpr std::size_t k_memory = std::size_t{1} << 20U;

/// Texts in the order of chunk and ordinal; of chunks those below zero come first.
std::string place_key(const DeadLetter& letter) {
    constexpr std::uint64_t k_sign = std::uint64_t{1} << 63U;
    std::string key;
    util::append_big(key, static_cast<std::uint64_t>(letter.chunk) ^ k_sign);
    util::append_big(key, letter.ordinal);
    return key;
}

std::string line_of(const DeadLetter& letter) {
    std::string line;
    append_dead_letter(letter, line);
    return line;
}

}  // namespace

LetterSpill::LetterSpill(std::string directory)
    : m_directory(std::move(directory)), m_ahead(m_directory, k_memory), m_behind(m_directory, k_memory) {}

void LetterSpill::add(const DeadLetter& letter) {
    m_behind.add(place_key(letter), line_of(letter));
}

std::vector<DeadLetter> LetterSpill::page(const std::optional<Place>& after, std::size_t most) {
    if (!after) {
        rewind();
    } else if (!m_last || m_last->chunk != after->chunk || m_last->ordinal != after->ordinal) {
        throw Error(ErrorCode::internal, "dead letters are gone through from the first to the last");
    }
    put_back();
    std::vector<DeadLetter> letters;
    while (letters.size() < most && m_ahead.peek() != nullptr) {
        letters.push_back(parse_dead_letter(m_ahead.peek()->text));
        m_ahead.pop();
    }
    m_page = letters;
    if (!letters.empty()) {
        m_last = {letters.back().chunk, letters.back().ordinal};
    }
    return letters;
}

void LetterSpill::put_back() {
    for (const DeadLetter& letter : m_page) {
        add(letter);
    }
    m_page.clear();
}

/// What was handed over or not is ahead again.
void LetterSpill::rewind() {
    put_back();
    for (; m_is_read && m_ahead.peek() != nullptr; m_ahead.pop()) {
        m_behind.add(m_ahead.peek()->key, m_ahead.peek()->text);
    }
    m_ahead = std::exchange(m_behind, SortedSpill(m_directory, k_memory));
    m_ahead.finish();
    m_is_read = true;
}

std::vector<DeadLetter>::iterator LetterSpill::find(const DeadLetter& letter) {
    return std::find_if(m_page.begin(), m_page.end(), [&](const DeadLetter& one) {
        return one.chunk == letter.chunk && one.ordinal == letter.ordinal;
    });
}

void LetterSpill::remove(const DeadLetter& letter) {
    if (const auto found = find(letter); found != m_page.end()) {
        m_page.erase(found);
    }
}

void LetterSpill::refuse(const DeadLetter& letter) {
    if (const auto found = find(letter); found != m_page.end()) {
        found->column = letter.column;
        found->reason = letter.reason;
    }
}

void LetterSpill::take(const std::function<void(const std::string& line)>& line) {
    for (rewind(); m_ahead.peek() != nullptr; m_ahead.pop()) {
        line(m_ahead.peek()->text);
    }
}

}  // namespace migrate::backends::json
