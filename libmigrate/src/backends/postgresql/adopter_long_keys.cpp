#include <algorithm>

#include <fmt/format.h>

#include "backends/postgresql/adopter.hpp"

namespace migrate::backends::postgresql {
namespace {

/// What a B-tree takes of one entry: a third of a page, less its headers.
constexpr std::uint64_t k_longest_key = 2704;

/// Bytes of the longest value, where the source's profile has found it to be long.
std::uint64_t longest_of(const Table& table, const Table& out, const std::string& name) {
    const Column* column = table.find_column(name);
    const Column* there = out.find_column(name);
    const bool variable = there != nullptr && layout_of(there->type.kind) == ValueLayout::variable;
    if (column == nullptr || !variable || !column->properties.contains("longest_bytes")) {
        return 0;
    }
    return std::stoull(column->properties.at("longest_bytes"));
}

}  // namespace

void Adopter::note_long_keys(const Table& table, const Table& out) {
    const auto look = [&](const std::string& object, const std::vector<std::string>& columns) {
        std::uint64_t longest = 0;
        for (const std::string& name : columns) {
            longest += longest_of(table, out, name);
        }
        if (longest > k_longest_key) {
            note_definition(
                table, Severity::risk, "index-key-too-long", object,
                fmt::format(
                    "Its longest values have {} bytes together; an entry may have {} once compressed. If "
                    "they "
                    "are of one row and do not shrink enough, it cannot be built, and is left out and named.",
                    longest, k_longest_key),
                "Shorten them, or index a hash of the column.", longest);
        }
    };
    if (table.primary_key && out.primary_key) {
        look("primary key of " + table.name.display(), table.primary_key->columns);
    }
    for (const Key& key : table.unique_keys) {
        std::string name = key.name;
        for (const std::string& column : key.name.empty() ? key.columns : std::vector<std::string>{}) {
            name += (name.empty() ? "" : ", ") + column;
        }
        look(fmt::format("unique key {} of {}", name, table.name.display()), key.columns);
    }
    for (const Index& index : out.indexes) {
        std::vector<std::string> columns = index.included;
        for (const IndexPart& part : index.parts) {
            columns.push_back(part.column);
        }
        // The names of unique NOCASE keys are looked at with the keys.
        const auto from = std::find_if(table.indexes.begin(), table.indexes.end(),
                                       [&](const Index& one) { return one.name == index.name; });
        if (from != table.indexes.end() && (index.method.empty() || index.method == "btree")) {
            look(fmt::format("index {} of {}", index.name, table.name.display()), columns);
        }
    }
}

}  // namespace migrate::backends::postgresql
