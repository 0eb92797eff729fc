#include "backends/json/assembled_reader.hpp"

#include <algorithm>
#include <charconv>

#include <migrate/error.hpp>

#include "backends/json/document_assembler.hpp"
#include "backends/json/document_part.hpp"
#include "io/directory.hpp"

namespace migrate::backends::json {

namespace {

constexpr std::size_t k_unwanted = static_cast<std::size_t>(-1);

std::size_t root_of(const DocumentTree& tree, std::size_t node) {
    while (tree.nodes[node].parent) {
        node = *tree.nodes[node].parent;
    }
    return node;
}

std::unique_ptr<RecordStream> open_notes(const std::string& path) {
    FilePart part;
    part.kind = RecordKind::lines;
    return open_part(path, part, {});
}

}  // namespace

AssembledReader::AssembledReader(const ScanSpec& spec, const Schema& schema, const DocumentTree& tree,
                                 const AssembledSource::Place& place, std::size_t node)
    : m_schema(schema),
      m_tree(tree),
      m_place(place),
      m_node(node),
      m_root(root_of(tree, node)),
      m_table(schema.tables[tree.nodes[node].table]),
      m_slots(m_table.columns.size(), k_unwanted),
      m_limits(spec.limits),
      m_route(spec.route),
      m_notes(open_notes(DocumentAssembler::notes_file(place.temporary, m_root))) {
    for (std::size_t i = 0; i < spec.columns.size(); ++i) {
        m_slots[spec.columns[i]] = i;
        m_kinds.push_back(m_table.columns[spec.columns[i]].type.kind);
    }
}

void AssembledReader::require(bool condition, const char* what) const {
    if (!condition) {
        throw Error(ErrorCode::differs, "table " + m_table.name.display() +
                                            ": its documents do not read back as they were written: " + what);
    }
}

bool AssembledReader::next(RowBatch& batch) {
    batch.reset(m_kinds);
    while (!m_done && batch.row_count() < m_limits.max_rows && batch.byte_size() < m_limits.max_bytes) {
        if (!read_record(batch)) {
            m_done = true;
            finish_file();
            finish_static_files();
        }
    }
    return batch.row_count() > 0;
}

bool AssembledReader::read_record(RowBatch& batch) {
    if (!m_notes->next()) {
        require(m_notes->take_broken().empty(), "a note is broken");
        return false;
    }
    const Document& note = m_notes->document();
    // {"file": …, "kind": …, "rows": …}
    const Document::Index file = note.first_child(Document::k_root) + 1;
    const Document::Index kind = note.end(file) + 1;
    const Document::Index rows = note.end(kind) + 1;
    if (!m_records || note.text(file) != m_label) {
        finish_file();
        RecordKind found = RecordKind::whole;
        for (const RecordKind one :
             {RecordKind::lines, RecordKind::elements, RecordKind::members, RecordKind::rest}) {
            found = word_of(one) == note.text(kind) ? one : found;
        }
        open_file(std::string(note.text(file)), found);
    }
    require(m_records->next(), "a record is missing");
    m_entry = note.first_child(rows);
    row(m_root, Document::k_root, {}, batch);
    require(m_entry == note.end(rows), "rows are missing in a record");
    return true;
}

void AssembledReader::open_file(const std::string& label, RecordKind kind) {
    FilePart part;
    part.path = label;
    std::set<std::string> collections;
    for (const FilePart& one : m_tree.nodes[m_root].shape.files) {
        part = one.path == label ? one : part;
    }
    for (const DocumentNode& node : m_tree.nodes) {
        for (const FilePart& one : node.shape.files) {
            if (one.path == label && one.member) {
                collections.insert(*one.member);
            }
        }
    }
    part.kind = kind;
    m_label = label;
    m_seen.insert(label);
    const std::string path = m_place.is_file ? m_place.path : io::join(m_place.path, label);
    m_records = open_part(path, part, collections, m_route);
}

void AssembledReader::finish_file() {
    if (m_records) {
        require(!m_records->next() && m_records->take_broken().empty(), "there are records too many");
    }
    m_records.reset();
}

// Files without a record have none either.
void AssembledReader::finish_static_files() {
    for (const FilePart& part : m_tree.nodes[m_root].shape.files) {
        if (m_tree.nodes[m_root].has_files_column() || m_seen.contains(part.path) ||
            part.kind == RecordKind::rest) {
            continue;
        }
        open_file(part.path, part.kind == RecordKind::whole ? RecordKind::elements : part.kind);
        finish_file();
    }
}

void AssembledReader::row(std::size_t node, Document::Index value, const std::string& parent,
                          RowBatch& batch) {
    const Document& note = m_notes->document();
    require(m_entry != note.end(note.end(note.end(note.first_child(Document::k_root) + 1) + 1) + 1),
            "there are rows too many in a record");
    const Document::Index entry = m_entry;
    m_entry = note.end(entry);
    check_parent(node, entry, parent);
    if (node == m_node) {
        append(node, value, entry, batch);
    }
    if (m_records->document().kind(value) == NodeKind::object && !m_tree.nodes[node].children.empty()) {
        children(node, m_tree.nodes[node].shape.members, value, key_of(node, value, entry, parent), batch);
    }
}

void AssembledReader::children(std::size_t node, const std::vector<MemberShape>& shape,
                               Document::Index object, const std::string& own_key, RowBatch& batch) {
    const Document& document = m_records->document();
    for (Document::Index key = document.first_child(object); key != document.end(object);
         key = document.end(key + 1)) {
        const Document::Index value = key + 1;
        const auto member = std::find_if(shape.begin(), shape.end(), [&](const MemberShape& one) {
            return one.key == document.text(key);
        });
        if (member == shape.end()) {
            const std::string& rest = m_tree.nodes[node].shape.rest;
            const auto child = rest.empty() ? std::nullopt : m_tree.find(rest);
            if (child) {
                check_key(*child, document.text(key));
                row(*child, value, own_key, batch);
            }
            continue;
        }
        if (member->kind == MemberShape::Kind::map && document.kind(value) == NodeKind::object) {
            const auto child = m_tree.find(member->table);
            for (Document::Index one = document.first_child(value); child && one != document.end(value);
                 one = document.end(one + 1)) {
                check_key(*child, document.text(one));
                row(*child, one + 1, own_key, batch);
            }
            continue;
        }
        if (member->kind == MemberShape::Kind::object && document.kind(value) == NodeKind::object) {
            children(node, member->members, value, own_key, batch);
        } else if (member->kind == MemberShape::Kind::array && document.kind(value) == NodeKind::array) {
            const auto child = m_tree.find(member->table);
            for (Document::Index item = document.first_child(value); child && item != document.end(value);
                 item = document.end(item)) {
                row(*child, item, own_key, batch);
            }
        }
    }
}

std::optional<Document::Index> AssembledReader::hidden(std::size_t node, Document::Index entry,
                                                       std::size_t column) const {
    const Document& note = m_notes->document();
    Document::Index at = note.first_child(entry);
    for (const std::size_t one : m_tree.nodes[node].hidden) {
        if (one == column) {
            return at;
        }
        at = note.end(at);
    }
    return std::nullopt;
}

std::string AssembledReader::text_of(Document::Index note) const {
    const Document& document = m_notes->document();
    const bool is_text = document.kind(note) == NodeKind::string;
    return std::string(is_text ? document.text(note) : document.raw(note));
}

std::string AssembledReader::key_of(std::size_t node, Document::Index value, Document::Index entry,
                                    const std::string& /*parent*/) const {
    const DocumentShape& shape = m_tree.nodes[node].shape;
    const Document& document = m_records->document();
    if (shape.natural_key) {
        for (const MemberShape& member : shape.members) {
            if (member.kind != MemberShape::Kind::column || member.column != *shape.natural_key) {
                continue;
            }
            for (Document::Index key = document.first_child(value); key != document.end(value);
                 key = document.end(key + 1)) {
                if (document.text(key) == member.key) {
                    const bool is_text = document.kind(key + 1) == NodeKind::string;
                    return std::string(is_text ? document.text(key + 1) : document.raw(key + 1));
                }
            }
        }
    }
    for (const Synthetic kind : {Synthetic::id, Synthetic::key}) {
        if (const auto column = shape.column_of(kind)) {
            const auto note = hidden(node, entry, *column);
            return note ? text_of(*note) : std::string();
        }
    }
    return {};
}

// The next row is a member of an object: under the key that it says?
void AssembledReader::check_key(std::size_t node, std::string_view key) const {
    const auto column = m_tree.nodes[node].shape.column_of(Synthetic::member);
    const Document& note = m_notes->document();
    const bool has_entry = m_entry != note.end(Document::k_root);
    const auto said = column && has_entry ? hidden(node, m_entry, *column) : std::nullopt;
    require(said && text_of(*said) == key, "a row stands under another key than its own");
}

void AssembledReader::check_parent(std::size_t node, Document::Index entry, const std::string& parent) const {
    const auto column = m_tree.nodes[node].shape.column_of(Synthetic::parent_id);
    const auto note = column ? hidden(node, entry, *column) : std::nullopt;
    if (m_tree.nodes[node].parent && note) {
        require(text_of(*note) == parent, "a row stands in another row than its own");
    }
}

void AssembledReader::append(std::size_t node, Document::Index value, Document::Index entry,
                             RowBatch& batch) {
    const Document& note = m_notes->document();
    const Document& document = m_records->document();
    m_filled.assign(m_kinds.size(), false);
    m_noted.clear();
    Document::Index at = note.first_child(entry);
    for (const std::size_t column : m_tree.nodes[node].hidden) {
        append_column(column, note, at, true, batch);
        at = note.end(at);
    }
    if (at != note.end(entry)) {
        for (Document::Index key = note.first_child(at); key != note.end(at); key = note.end(key + 1)) {
            std::size_t column = 0;
            const std::string_view digits = note.text(key);
            std::from_chars(digits.data(), digits.data() + digits.size(), column);
            append_column(column, note, key + 1, true, batch);
            m_noted.insert(column);
        }
    }
    if (const auto whole = m_tree.nodes[node].whole_value()) {
        append_column(*whole, document, value, false, batch);
    } else if (document.kind(value) == NodeKind::object) {
        append_member(m_tree.nodes[node].shape.members, value, batch);
    }
    for (std::size_t i = 0; i < m_filled.size(); ++i) {
        if (!m_filled[i]) {
            batch.columns[i].append_null();
        }
    }
    ++batch.bare_rows;
}

void AssembledReader::append_member(const std::vector<MemberShape>& shape, Document::Index object,
                                    RowBatch& batch) {
    const Document& document = m_records->document();
    std::size_t expected = 0;
    for (Document::Index key = document.first_child(object); key != document.end(object);
         key = document.end(key + 1)) {
        std::size_t at = expected;
        for (std::size_t i = 0; i < shape.size() && shape[at % shape.size()].key != document.text(key); ++i) {
            ++at;
        }
        if (shape.empty() || shape[at % shape.size()].key != document.text(key)) {
            // A collection beside the rest, which has its own rows.
            continue;
        }
        const MemberShape& member = shape[at % shape.size()];
        expected = at % shape.size() + 1;
        if (member.kind == MemberShape::Kind::object && document.kind(key + 1) == NodeKind::object) {
            append_member(member.members, key + 1, batch);
        } else if (member.kind == MemberShape::Kind::column && member.column != MemberShape::k_gone) {
            append_column(member.column, document, key + 1, false, batch);
        }
    }
}

void AssembledReader::append_column(std::size_t column, const Document& document, Document::Index value,
                                    bool is_note, RowBatch& batch) {
    require(column < m_slots.size(), "a note names a column that is not there");
    const std::size_t slot = m_slots[column];
    if (slot == k_unwanted) {
        return;
    }
    ColumnVector& out = batch.columns[slot];
    const Column& declared = m_table.columns[column];
    if (m_noted.contains(column)) {
        // The document says it in another way, which is the one that the writer has for the noted value.
        std::string spelled;
        bool exact = false;
        m_values.append(out, out.size() - 1, declared, spelled, exact);
        std::string raw(document.raw(value));
        for (std::string* text : {&spelled, &raw}) {
            std::replace_if(
                text->begin(), text->end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
            text->erase(0, std::min(text->find_first_not_of(" \t"), text->size()));
            text->erase(text->find_last_not_of(" \t") + 1);
        }
        require(spelled == raw, "a JSON value is another");
        return;
    }
    const bool fits = is_note ? decode_value(document, value, declared.type, out)
                              : read_document_value(document, value, declared, out);
    require(fits && !m_filled[slot], "a value is not of its column's type");
    m_filled[slot] = true;
}

}  // namespace migrate::backends::json
