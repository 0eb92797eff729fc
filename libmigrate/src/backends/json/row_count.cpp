#include "backends/json/row_count.hpp"

namespace migrate::backends::json {

namespace {

using Index = Document::Index;
constexpr Index k_nowhere = static_cast<Index>(-1);

Index follow(const Document& document, Index node, const std::vector<std::string>& path) {
    for (const std::string& name : path) {
        if (document.kind(node) != NodeKind::object) {
            return k_nowhere;
        }
        Index found = k_nowhere;
        for (Index key = document.first_child(node); key != document.end(node); key = document.end(key + 1)) {
            if (document.text(key) == name) {
                found = key + 1;
            }
        }
        if (found == k_nowhere) {
            return k_nowhere;
        }
        node = found;
    }
    return node;
}

std::uint64_t count_in(const Document& document, Index object, const std::vector<const TableShape*>& chain,
                       std::size_t level) {
    if (level == chain.size()) {
        return 1;
    }
    const TableShape& shape = *chain[level];
    const bool are_members = shape.rows_are == RowSource::members;
    const Index place = follow(document, object, shape.array_path);
    if (place == k_nowhere || document.kind(place) != (are_members ? NodeKind::object : NodeKind::array)) {
        return 0;
    }
    std::uint64_t rows = 0;
    for (Index item = document.first_child(place); item != document.end(place);) {
        const Index value = are_members ? item + 1 : item;
        if (!are_members || !shape.other_members.contains(std::string(document.text(item)))) {
            rows += count_in(document, value, chain, level + 1);
        }
        item = document.end(value);
    }
    return rows;
}

}  // namespace

std::uint64_t count_rows(const Collection& collection, const std::vector<const TableShape*>& chain,
                         const DocumentOptions& options) {
    std::uint64_t rows = 0;
    for (const RecordSpec& part : collection.parts) {
        const auto stream = open_records(part, options);
        while (stream->next()) {
            rows += count_in(stream->document(), Document::k_root, chain, 1);
        }
        // A line that is not JSON is a row of the records' own table, if one that does not fit.
        rows += chain.size() == 1 ? stream->take_broken().size() : 0;
    }
    return rows;
}

}  // namespace migrate::backends::json
