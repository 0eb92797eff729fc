#include "backends/json/file_name.hpp"

#include <algorithm>

#include "util/hash.hpp"
#include "util/percent.hpp"

namespace migrate::backends::json {

namespace {

// 255 bytes are what file systems allow; the rest is for the extension, "~2" and the suffixes of temporary
// files.
constexpr std::size_t k_longest = 200;

std::string folded(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

// A point in a name would be read as the one between schema and table, and a leading one hides the file.
std::string encoded(const std::string& part) {
    std::string out;
    for (const char c : util::percent_encode(part)) {
        out += c == '.' ? "%2E" : std::string(1, c);
    }
    return out.empty() ? "%" : out;
}

std::string shortened(std::string name, const std::string& full) {
    if (name.size() <= k_longest) {
        return name;
    }
    name.resize(k_longest - 17);
    return name + '~' + util::hash128_hex(full).substr(0, 16);
}

}  // namespace

void FileNames::reserve(const std::string& file_name) {
    m_taken.insert(folded(file_name));
}

std::string FileNames::assign(const QualifiedName& table) {
    const std::string whole =
        table.schema.empty() ? encoded(table.name) : encoded(table.schema) + '.' + encoded(table.name);
    const std::string stem = shortened(whole, whole);
    std::string name = stem + ".ndjson";
    for (int i = 2; !m_taken.insert(folded(name)).second; ++i) {
        name = stem + '~' + std::to_string(i) + ".ndjson";
    }
    return name;
}

}  // namespace migrate::backends::json
