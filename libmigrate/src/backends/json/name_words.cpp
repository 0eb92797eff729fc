#include "backends/json/name_words.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "util/ascii.hpp"

namespace migrate::backends::json {

namespace {

// The more usual one first. Alone only the first five are a name of a key.
constexpr std::array<std::string_view, 9> k_identifiers{"id",   "uuid", "guid", "key",   "pk",
                                                        "code", "ref",  "fk",   "number"};
constexpr std::size_t k_plain_identifiers = 5;

constexpr std::pair<std::string_view, std::string_view> k_irregular[] = {
    {"people", "person"}, {"children", "child"}, {"men", "man"}, {"women", "woman"}};

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

bool is_part_of_word(char c) {
    return util::is_digit(c) || util::is_letter(c) || static_cast<unsigned char>(c) >= 0x80;
}

std::string without(std::string_view word, std::size_t bytes) {
    return std::string(word.substr(0, word.size() - bytes));
}

// The word, and what it may be the plural of; several, for only a dictionary would know which it is.
std::vector<std::string> forms(const std::string& word) {
    std::vector<std::string> out{word};
    for (const auto& [plural, one] : k_irregular) {
        if (word == plural) {
            out.emplace_back(one);
        }
    }
    if (word.size() > 2 && word.ends_with('s') && !word.ends_with("ss")) {
        out.push_back(without(word, 1));
    }
    if (word.size() > 3 && word.ends_with("es")) {
        out.push_back(without(word, 2));
    }
    if (word.size() > 3 && word.ends_with("ies")) {
        out.push_back(without(word, 3) + "y");
    }
    return out;
}

std::vector<std::string> forms(std::span<const std::string> words) {
    std::string all;
    for (const std::string& word : words) {
        all += word;
    }
    return forms(all);
}

}  // namespace

std::vector<std::string> words_of(std::string_view name) {
    std::vector<std::string> words;
    bool begins = true;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (!is_part_of_word(name[i])) {
            begins = true;
            continue;
        }
        // "customerId", "URLPath": a capital behind a small letter, or before one.
        const bool behind_small = i > 0 && is_upper(name[i]) && !is_upper(name[i - 1]);
        const bool before_small = i > 0 && i + 1 < name.size() && is_upper(name[i]) &&
                                  is_upper(name[i - 1]) && is_lower(name[i + 1]) && name.substr(i + 1) != "s";
        if (begins || behind_small || before_small) {
            words.emplace_back();
        }
        words.back() += util::to_lower(name[i]);
        begins = false;
    }
    return words;
}

bool same_thing(std::span<const std::string> a, std::span<const std::string> b) {
    if (a.empty() || b.empty()) {
        return false;
    }
    const std::vector<std::string> of_a = forms(a);
    const std::vector<std::string> of_b = forms(b);
    return std::find_first_of(of_a.begin(), of_a.end(), of_b.begin(), of_b.end()) != of_a.end();
}

std::string take_identifier_word(std::vector<std::string>& words) {
    if (words.empty()) {
        return {};
    }
    for (const std::string& form : forms(words.back())) {
        if (std::find(k_identifiers.begin(), k_identifiers.end(), form) != k_identifiers.end()) {
            words.pop_back();
            return form;
        }
    }
    const std::string last = words.back().ends_with("ids") ? without(words.back(), 1) : words.back();
    // One word that could not be parted: what stands before "id" still has to be a table's name.
    if (words.size() == 1 && last.size() > 3 && last.ends_with("id")) {
        words.back() = last.substr(0, last.size() - 2);
        return "id";
    }
    return {};
}

bool is_plain_identifier(std::string_view word) {
    const auto end = k_identifiers.begin() + k_plain_identifiers;
    return std::find(k_identifiers.begin(), end, word) != end;
}

std::vector<std::string> table_words(std::string_view table) {
    const std::size_t at = table.rfind("__");
    const std::string_view last = at == std::string_view::npos ? table : table.substr(at + 2);
    return words_of(last.empty() ? table : last);
}

}  // namespace migrate::backends::json
