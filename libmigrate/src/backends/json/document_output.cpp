// How assembled records become files.

#include <algorithm>
#include <set>
#include <utility>

#include <migrate/error.hpp>

#include "backends/json/document_assembler.hpp"
#include "backends/json/document_part.hpp"
#include "backends/json/input_files.hpp"
#include "backends/json/json_text.hpp"
#include "io/directory.hpp"
#include "util/byte_order.hpp"

namespace migrate::backends::json {

namespace {

constexpr std::size_t k_block = std::size_t{1} << 18U;
// Around the number of a node whose records stand here: in JSON neither occurs as it is.
constexpr char k_marker_begin = '\x01';
constexpr char k_marker_end = '\x02';

std::string marker(std::size_t node) {
    return k_marker_begin + std::to_string(node) + k_marker_end;
}

std::string_view take_text(std::string_view& item) {
    const auto size = static_cast<std::size_t>(util::load_big<std::uint64_t>(item.data()));
    const std::string_view text = item.substr(sizeof(std::uint64_t), size);
    item.remove_prefix(sizeof(std::uint64_t) + size);
    return text;
}

// The group of an item's key: what stands before its end mark, as it was.
std::string group_of(std::string_view key) {
    std::string out;
    for (std::size_t i = 0; i + 1 < key.size(); ++i) {
        if (key[i] == '\0' && key[i + 1] == '\0') {
            break;
        }
        out += key[i];
        i += key[i] == '\0' ? 1 : 0;
    }
    return out;
}

void sync_below(const std::string& directory) {
    std::set<std::string> directories{directory};
    for (const io::FoundFile& file : io::walk_directory(directory)) {
        std::string path = directory;
        for (std::size_t i = 0; i + 1 < file.relative.size(); ++i) {
            path = io::join(path, file.relative[i]);
            directories.insert(path);
        }
    }
    for (const std::string& one : directories) {
        io::sync_directory(one);
    }
}

bool is_safe_path(const std::string& path) {
    std::size_t begin = 0;
    while (begin <= path.size()) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        if (end == begin || path[begin] == '.' || end - begin > 255) {
            return false;
        }
        begin = end + 1;
    }
    return path.find('\0') == std::string::npos;
}

}  // namespace

/// A file of documents.
class DocumentAssembler::Output {
  public:
    Output(const std::string& path, const FilePart& part)
        : m_file(io::File::create_new(path)), m_is_lines(part.kind == RecordKind::lines) {
        m_text = part.has_byte_order_mark ? "\xEF\xBB\xBF" : "";
        for (const std::string& key : pointer_keys(part.root)) {
            m_text += '{';
            append_quoted(key, m_text);
            m_text += ':';
            ++m_open;
        }
    }

    void write(std::string_view text) {
        m_text += text;
        if (m_text.size() > k_block) {
            flush();
        }
    }
    // In lines a line feed can only be a blank between tokens.
    void record(std::string_view text) {
        const std::size_t begin = m_text.size();
        m_text += text;
        if (m_is_lines) {
            std::replace_if(
                m_text.begin() + static_cast<std::ptrdiff_t>(begin), m_text.end(),
                [](char c) { return c == '\n' || c == '\r'; }, ' ');
        }
        write("");
    }
    void close() {
        m_text.append(m_open, '}');
        m_text += m_is_lines ? "" : "\n";
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
    bool m_is_lines;
    std::string m_text;
    std::size_t m_open = 0;
};

/// The list of a node's records, for verification.
class DocumentAssembler::Notes {
  public:
    explicit Notes(const std::string& path) : m_file(io::File::create_new(path)) {}

    void add(const std::string& file, RecordKind kind, std::string_view rows) {
        m_text += "{\"file\":";
        append_quoted(file, m_text);
        m_text += ",\"kind\":\"" + std::string(word_of(kind)) + "\",\"rows\":[";
        m_text += rows.substr(1);
        m_text += "]}\n";
        if (m_text.size() > k_block) {
            flush();
        }
    }
    void close() {
        flush();
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

std::string DocumentAssembler::notes_file(const std::string& temporary, std::size_t node) {
    return io::join(temporary, "n" + std::to_string(node) + ".ndjson");
}

std::vector<DocumentAssembler::Part> DocumentAssembler::parts_of(const std::string& path) const {
    std::vector<Part> parts;
    for (std::size_t i = 0; i < m_tree.nodes.size(); ++i) {
        for (const FilePart& part : m_tree.nodes[i].shape.files) {
            if (!m_tree.nodes[i].has_files_column() && part.path == path) {
                parts.push_back({i, part});
            }
        }
    }
    return parts;
}

// The collections that are members of the object whose rest is this node's one row.
std::vector<DocumentAssembler::Part> DocumentAssembler::parts_beside(std::size_t node) const {
    const std::vector<FilePart>& files = m_tree.nodes[node].shape.files;
    if (files.size() != 1 || files.front().kind != RecordKind::rest) {
        return {};
    }
    std::vector<Part> parts = parts_of(files.front().path);
    std::erase_if(parts, [](const Part& part) { return !part.part.member; });
    return parts;
}

ObjectRenderer::Between DocumentAssembler::between(std::size_t node) const {
    const std::vector<Part> parts = parts_beside(node);
    if (parts.empty()) {
        return {};
    }
    return [parts](const std::string* key, std::string& text) {
        std::optional<std::string> last = key != nullptr ? std::optional(*key) : std::nullopt;
        // A collection may stand behind another one.
        for (std::size_t steps = 0; steps < parts.size(); ++steps) {
            const auto next = std::find_if(parts.begin(), parts.end(),
                                           [&](const Part& part) { return part.part.after == last; });
            if (next == parts.end()) {
                return;
            }
            text += (text.back() == '{' ? "" : ",") + marker(next->node);
            last = next->part.member;
        }
    };
}

std::vector<std::string> DocumentAssembler::missing_markers(std::size_t node, const std::string& text) const {
    std::vector<std::string> missing;
    for (const Part& part : parts_beside(node)) {
        if (text.find(marker(part.node)) == std::string::npos) {
            missing.push_back(marker(part.node));
        }
    }
    return missing;
}

std::vector<std::string> DocumentAssembler::static_files() const {
    std::set<std::string> paths;
    for (const DocumentNode& node : m_tree.nodes) {
        for (const FilePart& part : node.shape.files) {
            if (!node.has_files_column()) {
                paths.insert(part.path);
            }
        }
    }
    return {paths.begin(), paths.end()};
}

void DocumentAssembler::write_static(const std::string& path, Output& out) {
    const std::vector<Part> parts = parts_of(path);
    if (parts.size() == 1 && !parts.front().part.member && parts.front().part.kind != RecordKind::rest) {
        write_records(parts.front().node, parts.front().part, out);
    } else {
        write_object(parts, out);
    }
    out.close();
}

// An object whose members are collections, and one row with all else.
void DocumentAssembler::write_object(const std::vector<Part>& parts, Output& out) {
    std::string text;
    for (const Part& part : parts) {
        if (part.part.kind == RecordKind::rest) {
            SortedSpill rows = assemble(part.node);
            Notes notes(notes_file(m_temporary, part.node));
            if (const SortedSpill::Item* item = rows.peek()) {
                std::string_view rest = item->text;
                text = take_text(rest);
                notes.add(part.part.path, part.part.kind, rest);
                rows.pop();
            }
            notes.close();
            if (rows.peek() != nullptr) {
                refuse(m_tree.nodes[part.node].table,
                       "it is what one object has beside its collections, and has several rows");
            }
        }
    }
    if (text.empty()) {
        text = "{";
        for (const Part& part : parts) {
            text += part.part.member ? (text.size() > 1 ? "," : "") + marker(part.node) : "";
        }
        text += '}';
    }
    std::size_t done = 0;
    for (std::size_t at = text.find(k_marker_begin); at != std::string::npos;
         at = text.find(k_marker_begin, done)) {
        out.write(std::string_view(text).substr(done, at - done));
        const std::size_t end = text.find(k_marker_end, at);
        const std::size_t node = std::stoul(text.substr(at + 1, end - at - 1));
        const auto part =
            std::find_if(parts.begin(), parts.end(), [&](const Part& one) { return one.node == node; });
        std::string key;
        append_quoted(*part->part.member, key);
        out.write(key + ":");
        write_records(node, part->part, out);
        done = end + 1;
    }
    out.write(std::string_view(text).substr(done));
}

void DocumentAssembler::write_records(std::size_t node, const FilePart& part, Output& out) {
    SortedSpill rows = assemble(node);
    Notes notes(notes_file(m_temporary, node));
    std::string held;  // the first, until it is known whether there are more
    std::string held_notes;
    std::uint64_t count = 0;
    const bool is_one = part.kind == RecordKind::whole;
    const bool is_lines = part.kind == RecordKind::lines;
    out.write(is_lines || is_one ? "" : part.kind == RecordKind::members ? "{" : "[");
    for (const SortedSpill::Item* item = rows.peek(); item != nullptr; item = rows.peek()) {
        std::string_view rest = item->text;
        const std::string_view text = take_text(rest);
        if (is_one && count == 0) {
            held = text;
            held_notes = rest;
        } else {
            if (is_one && count == 1) {
                out.write("[");
                out.record(held);
                notes.add(part.path, RecordKind::elements, held_notes);
            }
            out.write(count != 0 && !is_lines ? "," : "");
            out.record(text);
            out.write(is_lines ? "\n" : "");
            notes.add(part.path, is_one ? RecordKind::elements : part.kind, rest);
        }
        ++count;
        rows.pop();
    }
    if (is_one && count == 1) {
        out.record(held);
        notes.add(part.path, part.kind, held_notes);
    } else if (is_one) {
        out.write(count == 0 ? "[]" : "]");
    }
    out.write(is_lines || is_one ? "" : part.kind == RecordKind::members ? "}" : "]");
    notes.close();
}

// Files that rows name: each one document, or lines.
void DocumentAssembler::write_grouped(std::size_t index, const std::string& directory) {
    const DocumentNode& node = m_tree.nodes[index];
    std::map<std::string, FilePart> special;
    for (const FilePart& part : node.shape.files) {
        special.emplace(part.path, part);
    }
    SortedSpill rows = assemble(index);
    Notes notes(notes_file(m_temporary, index));
    while (rows.peek() != nullptr) {
        const std::string path = group_of(rows.peek()->key);
        if (!is_safe_path(path)) {
            refuse(node.table, "some rows have no usable path in the column of files");
        }
        FilePart part;
        part.path = path;
        part.kind = is_lines_name(path) ? RecordKind::lines : RecordKind::whole;
        if (const auto found = special.find(path); found != special.end()) {
            part = found->second;
            special.erase(found);
        }
        io::make_directories(io::parent_of(io::join(directory, path)));
        Output out(io::join(directory, path), part);
        const bool is_lines = part.kind == RecordKind::lines;
        const auto is_next = [&] { return rows.peek() != nullptr && group_of(rows.peek()->key) == path; };
        std::string item = rows.peek()->text;
        rows.pop();
        const bool is_array = !is_lines && is_next();
        out.write(is_array ? "[" : "");
        for (bool more = true; more;) {
            std::string_view rest = item;
            out.record(take_text(rest));
            out.write(is_lines ? "\n" : "");
            notes.add(path, is_array ? RecordKind::elements : part.kind, rest);
            more = is_next();
            if (more) {
                item = rows.peek()->text;
                rows.pop();
                out.write(is_lines ? "" : ",");
            }
        }
        out.write(is_array ? "]" : "");
        out.close();
    }
    notes.close();
    for (const auto& [path, part] : special) {
        if (part.kind == RecordKind::lines) {
            io::make_directories(io::parent_of(io::join(directory, path)));
            Output(io::join(directory, path), part).close();
        }
    }
}

void DocumentAssembler::write_directory(const std::string& directory) {
    sort_forms();
    for (const std::string& path : static_files()) {
        io::make_directories(io::parent_of(io::join(directory, path)));
        Output out(io::join(directory, path), parts_of(path).front().part);
        write_static(path, out);
    }
    for (std::size_t i = 0; i < m_tree.nodes.size(); ++i) {
        if (m_tree.nodes[i].has_files_column()) {
            write_grouped(i, directory);
        }
    }
    sync_below(directory);
}

void DocumentAssembler::write_file(const std::string& path) {
    sort_forms();
    const std::string only = static_files().at(0);
    Output out(path, parts_of(only).front().part);
    write_static(only, out);
}

}  // namespace migrate::backends::json
