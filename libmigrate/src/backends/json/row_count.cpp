#include "backends/json/row_count.hpp"

#include "backends/json/line_stream.hpp"

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

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

// The line is one row, whether it is JSON or broken. An object that another value follows ends in a brace
// with neither a comma nor another bracket's end behind it; so may a brace in a string, which false is said
// of too.
bool is_one_row(std::string_view line) {
    if (line.empty() || line.front() != '{') {
        return false;
    }
    for (std::size_t brace = line.find('}'); brace != std::string_view::npos;
         brace = line.find('}', brace + 1)) {
        std::size_t next = brace + 1;
        while (next != line.size() && is_blank(line[next])) {
            ++next;
        }
        if (next != line.size() && line[next] != ',' && line[next] != '}' && line[next] != ']') {
            return false;
        }
    }
    return true;
}

// Most lines need not be read as JSON to be counted.
std::uint64_t count_lines_as_rows(const RecordSpec& part, const DocumentOptions& options) {
    LineStream lines(part, options);
    std::uint64_t rows = 0;
    for (bool more = true; more;) {
        if (lines.begin_line() && is_one_row(lines.line())) {
            lines.pass_line();
            ++rows;
        } else {
            more = lines.next();
            rows += (more ? 1 : 0) + lines.take_broken().size();
        }
    }
    return rows;
}

}  // namespace

std::uint64_t count_rows(const Collection& collection, const std::vector<const TableShape*>& chain,
                         const DocumentOptions& options) {
    std::uint64_t rows = 0;
    for (const RecordSpec& part : collection.parts) {
        if (part.kind == RecordKind::lines && chain.size() == 1) {
            rows += count_lines_as_rows(part, options);
            continue;
        }
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
