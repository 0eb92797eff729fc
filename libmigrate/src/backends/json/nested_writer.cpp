#include "backends/json/nested_writer.hpp"

#include <algorithm>
#include <utility>

#include <migrate/error.hpp>

#include "backends/json/document.hpp"
#include "backends/json/file_name.hpp"
#include "backends/json/file_source.hpp"
#include "backends/json/json_text.hpp"
#include "backends/json/key_order.hpp"
#include "backends/json/manifest.hpp"
#include "io/directory.hpp"
#include "util/byte_order.hpp"

namespace migrate::backends::json {

namespace {

constexpr std::size_t k_block = std::size_t{1} << 18U;
constexpr std::size_t k_sort_bytes_altogether = std::size_t{64} << 20U;
constexpr std::size_t k_least_sort_bytes = std::size_t{1} << 18U;

// No text is the beginning of another, and the order is that of the bytes.
void append_sort_text(std::string_view text, std::string& out) {
    for (const char c : text) {
        out += c;
        out += c == '\0' ? "\xff" : "";
    }
    out.append(2, '\0');
}

void append_sized(std::string_view text, std::string& out) {
    util::append_big(out, static_cast<std::uint64_t>(text.size()));
    out += text;
}

std::string_view take_sized(std::string_view& text) {
    const auto size = static_cast<std::size_t>(util::load_big<std::uint64_t>(text.data()));
    const std::string_view out = text.substr(sizeof(std::uint64_t), size);
    text.remove_prefix(sizeof(std::uint64_t) + size);
    return out;
}

// The path of a file's documents: what begins those of all rows in them.
std::string place_of(std::size_t table) {
    std::string out;
    util::append_big(out, static_cast<std::uint64_t>(table));
    return out;
}

// Rows were written by this tool and may hold JSON values of any depth and with duplicate keys.
TokenizerOptions staged_options() {
    TokenizerOptions options;
    options.sequence = true;
    options.refuse_duplicate_keys = false;
    options.max_depth = 1U << 20U;
    return options;
}

// Empty where one of the values is NULL.
std::string key_of(const std::vector<std::size_t>& columns, const std::vector<std::string_view>& values) {
    std::string key;
    for (const std::size_t column : columns) {
        if (values[column] == "null") {
            return {};
        }
        append_sort_text(values[column], key);
    }
    return key;
}

std::vector<const Table*> pointers(const Schema& schema) {
    std::vector<const Table*> tables;
    for (const Table& table : schema.tables) {
        tables.push_back(&table);
    }
    return tables;
}

}  // namespace

/// One staged row, as it is needed for finding its place.
struct NestedWriter::StagedRow {
    std::string refers_to;  ///< Its foreign key's values; empty where one is NULL.
    std::string order;      ///< Among the rows of one place.
    std::string text;       ///< For each child what it may refer to; the row nested, and the row alone.
};

class NestedWriter::Output {
  public:
    explicit Output(const std::string& path) : m_file(io::File::create_new(path)) {}

    void write(std::string_view text) {
        m_text += text;
        if (m_text.size() > k_block) {
            flush();
        }
    }
    void close() {
        flush();
        m_file.sync();
        m_file.close();
    }

  private:
    void flush() {
        m_file.write(m_text);
        m_text.clear();
    }

    io::File m_file;
    std::string m_text;
};

NestedWriter::NestedWriter(const Schema& schema, std::function<std::string(std::size_t)> file_of,
                           std::string temporary)
    : m_schema(schema),
      m_nodes(nest_tree(pointers(schema))),
      m_file_of(std::move(file_of)),
      m_temporary(std::move(temporary)),
      // Four sorts a table may be under way.
      m_sort_bytes(std::max(k_sort_bytes_altogether / (schema.tables.size() * 4 + 1), k_least_sort_bytes)),
      m_has_file(schema.tables.size(), false) {
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        m_rows.emplace_back(m_temporary, m_sort_bytes);
        m_keys.emplace_back(m_temporary, m_sort_bytes);
        m_has_file[i] = !m_nodes[i].parent;
    }
}

void NestedWriter::read_rows(std::size_t index, const std::function<void(StagedRow&& row)>& visit) const {
    const Table& table = m_schema.tables[index];
    const NestNode& node = m_nodes[index];
    // Members are the columns that were staged, in their order.
    std::vector<std::size_t> staged;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (!table.columns[i].hidden && !table.columns[i].generated) {
            staged.push_back(i);
        }
    }
    FileSource source(m_file_of(index));
    Tokenizer tokenizer(source, m_file_of(index), staged_options());
    Document document;
    std::vector<std::string_view> values(table.columns.size());
    for (Token token = tokenizer.next(); token != Token::end; token = tokenizer.next()) {
        document.read(tokenizer, token);
        std::string nested;
        std::string alone;
        std::size_t at = 0;
        for (Document::Index key = document.first_child(Document::k_root);
             key != document.end(Document::k_root); key = document.end(key + 1)) {
            const std::size_t column = staged.at(at++);
            values[column] = document.raw(key + 1);
            std::string member;
            append_quoted(table.columns[column].name, member);
            member += ':' + std::string(values[column]);
            alone += (alone.empty() ? "" : ",") + member;
            if (std::find(node.columns.begin(), node.columns.end(), column) == node.columns.end()) {
                nested += (nested.empty() ? "" : ",") + member;
            }
        }
        StagedRow row;
        row.refers_to = key_of(node.columns, values);
        row.order = order_of(table, values, alone);
        for (const std::size_t child : node.children) {
            append_sized(key_of(m_nodes[child].referenced, values), row.text);
        }
        append_sized(nested, row.text);
        row.text += alone;
        visit(std::move(row));
    }
}

std::string NestedWriter::order_of(const Table& table, const std::vector<std::string_view>& values,
                                   std::string_view whole) const {
    std::string order;
    bool has_key = table.primary_key.has_value();
    for (std::size_t i = 0; has_key && i < table.primary_key->columns.size(); ++i) {
        const Column* column = table.find_column(table.primary_key->columns[i]);
        const std::string_view value = values[static_cast<std::size_t>(column - table.columns.data())];
        std::string part;
        append_order_key(value, part);
        append_sort_text(part, order);
        // Several rows of SQLite may have NULL in their keys.
        has_key = value != "null";
    }
    if (!has_key) {
        append_sort_text(whole, order);
    }
    return order;
}

// Sorts the rows by what they refer to, if anything, and then by where they stand.
void NestedWriter::find_places(std::size_t index) {
    SortedSpill ordered(m_temporary, m_sort_bytes);
    SortedSpill referring(m_temporary, m_sort_bytes);
    read_rows(index, [&](StagedRow&& row) {
        std::string text;
        if (row.refers_to.empty()) {
            append_sized(place_of(index), text);
            ordered.add(place_of(index) + row.order, text + row.text);
            m_has_file[index] = true;
            return;
        }
        append_sized(row.order, text);
        referring.add(std::move(row.refers_to), text + row.text);
    });
    referring.finish();
    join(index, referring, ordered);
    ordered.finish();
    give_paths(index, ordered);
}

void NestedWriter::join(std::size_t index, SortedSpill& rows, SortedSpill& ordered) {
    SortedSpill& keys = m_keys[index];
    keys.finish();
    for (const SortedSpill::Item* row = rows.peek(); row != nullptr; row = rows.peek()) {
        while (keys.peek() != nullptr && keys.peek()->key < row->key) {
            keys.pop();
        }
        const SortedSpill::Item* key = keys.peek();
        const bool has_parent = key != nullptr && key->key == row->key;
        const std::string place = has_parent ? key->text : place_of(index);
        m_has_file[index] = m_has_file[index] || !has_parent;
        std::string_view text = row->text;
        const std::string_view order = take_sized(text);
        std::string item;
        append_sized(place, item);
        item += text;
        ordered.add(place + std::string(order), std::move(item));
        rows.pop();
    }
}

// A row's path is that of the row it stands in, or of a file, and its number.
void NestedWriter::give_paths(std::size_t index, SortedSpill& ordered) {
    const NestNode& node = m_nodes[index];
    std::uint64_t number = 0;
    for (const SortedSpill::Item* item = ordered.peek(); item != nullptr; item = ordered.peek()) {
        std::string_view text = item->text;
        std::string path(take_sized(text));
        const bool is_alone = path == place_of(index);
        util::append_big(path, number++);
        for (const std::size_t child : node.children) {
            const std::string_view key = take_sized(text);
            if (!key.empty()) {
                m_keys[child].add(std::string(key), path);
            }
        }
        const std::string_view nested = take_sized(text);
        m_rows[index].add(std::move(path), std::string(is_alone ? text : nested));
        ordered.pop();
    }
    m_rows[index].finish();
}

std::vector<std::string> NestedWriter::write(const std::string& directory) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        for (const std::size_t table : chain_to(m_nodes, i)) {
            if (std::find(order.begin(), order.end(), table) == order.end()) {
                order.push_back(table);
                find_places(table);
            }
        }
    }
    constexpr std::string_view k_staged_extension = ".ndjson";
    FileNames names;
    names.reserve("manifest" + std::string(k_staged_extension));
    std::vector<std::string> files(m_nodes.size());
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        std::string file = names.assign(m_schema.tables[i].name);
        if (m_has_file[i]) {
            file.replace(file.size() - k_staged_extension.size(), std::string::npos, ".json");
            write_file(i, io::join(directory, file));
            files[i] = file;
        }
    }
    return files;
}

void NestedWriter::write_file(std::size_t index, const std::string& path) {
    Output out(path);
    const std::string place = place_of(index);
    std::string separator = "[\n";
    for (;;) {
        const SortedSpill::Item* item = m_rows[index].peek();
        if (item == nullptr || !item->key.starts_with(place)) {
            break;
        }
        out.write(std::exchange(separator, ",\n"));
        write_row(index, out);
    }
    out.write(separator == "[\n" ? "[]\n" : "\n]\n");
    out.close();
}

void NestedWriter::write_row(std::size_t index, Output& out) {
    const std::string path = m_rows[index].peek()->key;
    const std::string& members = m_rows[index].peek()->text;
    out.write("{");
    out.write(members);
    bool is_first = members.empty();
    m_rows[index].pop();
    for (const std::size_t child : m_nodes[index].children) {
        std::string begin = is_first ? "" : ",";
        append_quoted(m_nodes[child].member, begin);
        out.write(begin + ":[");
        is_first = false;
        bool between = false;
        for (const SortedSpill::Item* item = m_rows[child].peek();
             item != nullptr && item->key.starts_with(path); item = m_rows[child].peek()) {
            out.write(std::exchange(between, true) ? "," : "");
            write_row(child, out);
        }
        out.write("]");
    }
    out.write("}");
}

}  // namespace migrate::backends::json
