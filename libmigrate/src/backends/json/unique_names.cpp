#include <algorithm>

#include "backends/json/table_shape.hpp"

namespace migrate::backends::json {

std::string UniqueNames::assign(const std::string& name) {
    std::string safe = name.empty() ? "_empty" : name;
    std::replace_if(
        safe.begin(), safe.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; },
        '_');
    const auto folded = [](std::string text) {
        std::transform(text.begin(), text.end(), text.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        return text;
    };
    std::string out = safe;
    for (int i = 2; !m_taken.insert(folded(out)).second; ++i) {
        out = safe + "_" + std::to_string(i);
    }
    return out;
}

MemberTree::Entry& MemberTree::add(const std::string& key) {
    by_key.emplace(key, entries.size());
    entries.push_back({key, std::nullopt, nullptr});
    return entries.back();
}

const MemberTree::Entry* MemberTree::find(std::string_view key, std::size_t expected) const {
    if (expected < entries.size() && entries[expected].key == key) {
        return &entries[expected];
    }
    const auto found = by_key.find(std::string(key));
    return found == by_key.end() ? nullptr : &entries[found->second];
}

}  // namespace migrate::backends::json
