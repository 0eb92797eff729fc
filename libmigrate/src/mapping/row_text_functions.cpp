#include <algorithm>
#include <array>

#include "mapping/row_function.hpp"
#include "util/ascii.hpp"
#include "util/hash.hpp"
#include "util/utf8.hpp"

namespace migrate::mapping {
namespace {

/// The longest text that one function may make: a row with more is a mistake, not data.
constexpr std::size_t k_most_bytes = std::size_t{64} << 20U;

bool give(const RowNode& node, RowState& state, Cell& out) {
    out.bytes = state.texts[node.slot];
    return true;
}

std::string& room(const RowNode& node, RowState& state) {
    std::string& text = state.texts[node.slot];
    text.clear();
    return text;
}

/// The offset of the character number `count` (from 0), or the text's end.
std::size_t offset_of(std::string_view text, std::uint64_t count) {
    std::size_t at = 0;
    for (; count > 0 && at < text.size(); --count) {
        at += std::max<std::size_t>(util::decode_utf8(text.substr(at)).size, 1);
    }
    return at;
}

template <char (*Change)(char)>
bool change_case(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(1);
    std::string& text = room(node, state);
    text.assign(cells[0].bytes);
    std::transform(text.begin(), text.end(), text.begin(), Change);
    return give(node, state, out);
}

constexpr char lower_letter(char c) {
    return util::to_lower(c);
}
constexpr char upper_letter(char c) {
    return util::to_upper(c);
}

enum Ends : std::uint8_t { k_left = 1, k_right = 2 };

/// Without a second argument ASCII white space, else the characters of that.
template <int Which>
bool trim(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(2);
    std::string_view text = cells[0].bytes;
    const std::string_view set = node.children.size() > 1 ? cells[1].bytes : std::string_view(" \t\n\v\f\r");
    const auto in_set = [&](std::string_view one) {
        return !one.empty() && set.find(one) != std::string_view::npos;
    };
    while ((Which & k_left) != 0 && in_set(text.substr(0, offset_of(text, 1)))) {
        text.remove_prefix(offset_of(text, 1));
    }
    while ((Which & k_right) != 0 && !text.empty()) {
        std::size_t start = text.size() - 1;
        while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80U) {
            --start;
        }
        if (!in_set(text.substr(start))) {
            break;
        }
        text = text.substr(0, start);
    }
    out.bytes = text;
    return true;
}

bool character_count(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(1);
    out.fixed = static_cast<std::int64_t>(util::count_utf8(cells[0].bytes));
    return true;
}

bool byte_count(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(1);
    out.fixed = static_cast<std::int64_t>(cells[0].bytes.size());
    return true;
}

bool substring(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(3);
    const bool counted = node.children.size() > 2;
    if (cells[1].fixed < 1 || (counted && cells[2].fixed < 0)) {
        return reject_row(state, "substr takes a first character from 1 and a count from 0");
    }
    const std::string_view text = cells[0].bytes;
    const std::size_t begin = offset_of(text, static_cast<std::uint64_t>(cells[1].fixed) - 1);
    const std::string_view rest = text.substr(begin);
    out.bytes = counted ? rest.substr(0, offset_of(rest, static_cast<std::uint64_t>(cells[2].fixed))) : rest;
    return true;
}

bool first_characters(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(2);
    if (cells[1].fixed < 0) {
        return reject_row(state, "left takes a count from 0");
    }
    out.bytes =
        cells[0].bytes.substr(0, offset_of(cells[0].bytes, static_cast<std::uint64_t>(cells[1].fixed)));
    return true;
}

bool last_characters(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(2);
    if (cells[1].fixed < 0) {
        return reject_row(state, "right takes a count from 0");
    }
    const std::uint64_t count = util::count_utf8(cells[0].bytes);
    const auto wanted = static_cast<std::uint64_t>(cells[1].fixed);
    out.bytes = cells[0].bytes.substr(offset_of(cells[0].bytes, count - std::min(count, wanted)));
    return true;
}

bool replace_all(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(3);
    std::string& text = room(node, state);
    std::string_view rest = cells[0].bytes;
    const std::string_view from = cells[1].bytes;
    for (std::size_t at = 0; !from.empty() && (at = rest.find(from)) != std::string_view::npos;) {
        text.append(rest.substr(0, at)).append(cells[2].bytes);
        rest.remove_prefix(at + from.size());
        if (text.size() > k_most_bytes) {
            return reject_row(state, "replace would make a text of more than 64 MiB");
        }
    }
    text.append(rest);
    return give(node, state, out);
}

bool join_two(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(2);
    room(node, state).append(cells[0].bytes).append(cells[1].bytes);
    return give(node, state, out);
}

/// NULLs count as empty.
bool join_all(const RowNode& node, RowState& state, Cell& out) {
    std::string& text = room(node, state);
    for (const RowNode& child : node.children) {
        Cell cell;
        if (!child(state, cell)) {
            return false;
        }
        text.append(cell.null ? std::string_view() : cell.bytes);
    }
    out.null = false;
    return give(node, state, out);
}

bool starts_with(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(2);
    out.fixed = cells[0].bytes.starts_with(cells[1].bytes) ? 1 : 0;
    return true;
}

bool ends_with(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(2);
    out.fixed = cells[0].bytes.ends_with(cells[1].bytes) ? 1 : 0;
    return true;
}

bool contains(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(2);
    out.fixed = cells[0].bytes.find(cells[1].bytes) != std::string_view::npos ? 1 : 0;
    return true;
}

/// instr(text, part): the character, from 1, where the part begins; 0 where it is not in the text.
bool position(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(2);
    const std::size_t at = cells[0].bytes.find(cells[1].bytes);
    out.fixed = at == std::string_view::npos
                    ? 0
                    : static_cast<std::int64_t>(util::count_utf8(cells[0].bytes.substr(0, at))) + 1;
    return true;
}

bool split_part(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(3);
    const std::string_view separator = cells[1].bytes;
    if (cells[2].fixed < 1 || separator.empty()) {
        return reject_row(state, "split_part takes a separator and a part from 1");
    }
    std::string_view rest = cells[0].bytes;
    for (std::int64_t part = 1;; ++part) {
        const std::size_t at = rest.find(separator);
        if (part == cells[2].fixed) {
            out.bytes = rest.substr(0, at);
            return true;
        }
        if (at == std::string_view::npos) {
            out.bytes = {};
            return true;
        }
        rest.remove_prefix(at + separator.size());
    }
}

/// The text filled up to a length in characters; one that is longer stays whole.
template <bool Left>
bool pad(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(3);
    const std::string_view fill = node.children.size() > 2 ? cells[2].bytes : std::string_view(" ");
    const auto wanted = static_cast<std::uint64_t>(std::max<std::int64_t>(cells[1].fixed, 0));
    if (wanted > k_most_bytes || fill.empty()) {
        return reject_row(state, "padding takes a length up to 64 Mi and something to fill with");
    }
    const std::uint64_t count = util::count_utf8(cells[0].bytes);
    const std::uint64_t missing = wanted - std::min(wanted, count);
    std::string& text = room(node, state);
    text.append(Left ? std::string_view() : cells[0].bytes);
    for (std::uint64_t i = 0, at = 0; i < missing; ++i) {
        const std::size_t size = offset_of(fill.substr(at), 1);
        text.append(fill.substr(at, size));
        at = at + size < fill.size() ? at + size : 0;
    }
    text.append(Left ? cells[0].bytes : std::string_view());
    return give(node, state, out);
}

bool sha256(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(1);
    room(node, state) = util::sha256_hex(cells[0].bytes);
    return give(node, state, out);
}

bool hash128(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(1);
    room(node, state) = util::hash128_hex(cells[0].bytes);
    return give(node, state, out);
}

bool hex(const RowNode& node, RowState& state, Cell& out) {
    MIGRATE_TAKE_ARGUMENTS(1);
    constexpr char k_digits[] = "0123456789abcdef";
    std::string& text = room(node, state);
    for (const char c : cells[0].bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += k_digits[byte >> 4U];
        text += k_digits[byte & 15U];
    }
    return give(node, state, out);
}

/// Which storage class a value of several kinds has, by SQLite's names.
bool type_of_variant(const RowNode& node, RowState& state, Cell& out) {
    Cell cell;
    if (!node.children[0](state, cell)) {
        return false;
    }
    out.null = false;
    const char tag = cell.null || cell.bytes.empty() ? 'n' : cell.bytes[0];
    out.bytes = tag == 'i'   ? "integer"
                : tag == 'r' ? "real"
                : tag == 't' ? "text"
                : tag == 'b' ? "blob"
                             : "null";
    return true;
}

/// reject(reason): for a CASE that has named all that there may be.
bool reject(const RowNode& node, RowState& state, Cell& /*out*/) {
    return reject_row(state, node.children[0].bytes);
}

constexpr auto k_functions = std::to_array<RowFunction>({
    {"lower", "t", 't', change_case<lower_letter>, true},
    {"upper", "t", 't', change_case<upper_letter>, true},
    {"trim", "t|t", 't', trim<k_left | k_right>},
    {"ltrim", "t|t", 't', trim<k_left>},
    {"rtrim", "t|t", 't', trim<k_right>},
    {"length", "t", 'i', character_count},
    {"length", "y", 'i', byte_count},
    {"octet_length", "t", 'i', byte_count},
    {"octet_length", "y", 'i', byte_count},
    {"substr", "ti|i", 't', substring},
    {"left", "ti", 't', first_characters},
    {"right", "ti", 't', last_characters},
    {"replace", "ttt", 't', replace_all, true},
    {"||", "tt", 't', join_two, true},
    {"||", "yy", 'y', join_two, true},
    {"concat", "t+", 't', join_all, true},
    {"starts_with", "tt", 'b', starts_with},
    {"ends_with", "tt", 'b', ends_with},
    {"contains", "tt", 'b', contains},
    {"instr", "tt", 'i', position},
    {"split_part", "tti", 't', split_part},
    {"lpad", "ti|t", 't', pad<true>, true},
    {"rpad", "ti|t", 't', pad<false>, true},
    {"sha256", "t", 't', sha256, true},
    {"sha256", "y", 't', sha256, true},
    {"hash", "t", 't', hash128, true},
    {"hash", "y", 't', hash128, true},
    {"hex", "y", 't', hex, true},
    {"typeof", "v", 't', type_of_variant},
    {"reject", "t", '?', reject},
});

}  // namespace

std::span<const RowFunction> text_functions() {
    return k_functions;
}

}  // namespace migrate::mapping
