#include "backends/json/document_assembler.hpp"

#include <algorithm>
#include <utility>

#include <migrate/error.hpp>

#include "backends/json/json_text.hpp"
#include "backends/json/key_order.hpp"
#include "backends/json/row_reader.hpp"
#include "io/directory.hpp"
#include "model/value_text.hpp"
#include "util/byte_order.hpp"

namespace migrate::backends::json {

namespace {

constexpr std::size_t k_not_copied = static_cast<std::size_t>(-1);
// A sort key for rows that have a place from the documents, and for those that came later.
constexpr std::size_t k_form_memory = std::size_t{1} << 20U;
constexpr char k_placed = 'a';
constexpr char k_later = 'b';

// No text is the beginning of another, and the order is that of the bytes.
std::string sort_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += c;
        out += c == '\0' ? "\xff" : "";
    }
    out.append(2, '\0');
    return out;
}

void append_sized(std::string_view text, std::string& out) {
    util::append_big(out, static_cast<std::uint64_t>(text.size()));
    out += text;
}

std::string take_sized(std::string_view& text) {
    const auto size = static_cast<std::size_t>(util::load_big<std::uint64_t>(text.data()));
    std::string out(text.substr(sizeof(std::uint64_t), size));
    text.remove_prefix(sizeof(std::uint64_t) + size);
    return out;
}

std::string placed(std::uint64_t position) {
    std::string out(1, k_placed);
    util::append_big(out, position);
    return out;
}

// The index in a place that place_of gave; rows without one come last.
std::uint64_t index_in(std::string_view place) {
    constexpr std::uint64_t k_sign = std::uint64_t{1} << 63U;
    const bool has_index = place.size() > 2 + sizeof(std::uint64_t) && place[1] == 'i';
    return has_index ? util::load_big<std::uint64_t>(place.data() + 2) ^ k_sign : k_sign;
}

// A made id ends in the offset at which its record began.
std::optional<std::uint64_t> offset_of(std::string_view id) {
    constexpr std::size_t k_hash = 16;
    std::int64_t offset = 0;
    const bool is_made = id.size() > k_hash + 1 && id[k_hash] == '-' &&
                         id.substr(0, k_hash).find_first_not_of("0123456789abcdef") == std::string::npos &&
                         model::read_int64(id.substr(k_hash + 1), offset) && offset >= 0;
    return is_made ? std::optional(static_cast<std::uint64_t>(offset)) : std::nullopt;
}

}  // namespace

DocumentAssembler::DocumentAssembler(const Schema& schema, std::function<std::string(std::size_t)> file_of,
                                     std::string temporary)
    : m_schema(schema),
      m_file_of(std::move(file_of)),
      m_temporary(std::move(temporary)),
      m_tree(document_tree(schema)) {}

void DocumentAssembler::refuse(std::size_t table, const std::string& why) const {
    ErrorFacts facts;
    facts.code = ErrorCode::refused;
    facts.backend = "json";
    facts.next_step = "Mend those rows, or use --layout tables.";
    throw Error(std::move(facts),
                "table " + m_schema.tables[table].name.display() + " cannot be written as documents: " + why);
}

void DocumentAssembler::read_rows(std::size_t index,
                                  const std::function<void(const StagedRow& row)>& visit) const {
    const Table& table = m_schema.tables[index];
    ScanSpec spec;
    spec.table = &table;
    std::vector<std::size_t> slots(table.columns.size(), k_not_copied);
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (!table.columns[i].hidden) {
            slots[i] = spec.columns.size();
            spec.columns.push_back(i);
        }
    }
    InputStamps stamps;
    stamps.add(m_file_of(index));
    stamps.pin();
    RowRange range;
    range.path = m_file_of(index);
    RowReader reader(spec, range, stamps);
    RowBatch batch;
    while (reader.next(batch)) {
        if (!batch.rejects.empty()) {
            throw Error(ErrorCode::corrupt, range.path + ": " + batch.rejects.front().reason);
        }
        for (std::size_t row = 0; row < batch.row_count(); ++row) {
            visit({batch, row, slots});
        }
    }
}

std::string DocumentAssembler::text_of(std::size_t table, std::size_t column, const StagedRow& row) const {
    std::string out;
    if (!row.is_null(column)) {
        model::append_text(row.batch.columns[row.slots[column]], row.row,
                           m_schema.tables[table].columns[column].type, out);
    }
    return out;
}

void DocumentAssembler::sort_forms() {
    if (!m_tree.forms) {
        return;
    }
    const Table& table = m_schema.tables[*m_tree.forms];
    std::size_t columns[3] = {};
    for (std::size_t i = 0; i < 3; ++i) {
        const Column* column = table.find_column(k_form_columns[i]);
        if (column == nullptr) {
            return;
        }
        columns[i] = static_cast<std::size_t>(column - table.columns.data());
    }
    read_rows(*m_tree.forms, [&](const StagedRow& row) {
        const auto node = m_tree.find(text_of(*m_tree.forms, columns[0], row));
        if (node) {
            m_forms.try_emplace(*node, m_temporary, k_form_memory)
                .first->second.add(sort_text(text_of(*m_tree.forms, columns[1], row)),
                                   text_of(*m_tree.forms, columns[2], row));
        }
    });
    for (auto& [node, forms] : m_forms) {
        forms.finish();
    }
}

RowParts DocumentAssembler::row_parts(const DocumentNode& node, const StagedRow& row) {
    const Table& table = m_schema.tables[node.table];
    RowParts parts;
    parts.fields.resize(table.columns.size());
    std::string overrides;
    ValueEncoder exact_values;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const bool is_hidden = std::find(node.hidden.begin(), node.hidden.end(), i) != node.hidden.end();
        if (row.slots[i] == k_not_copied || is_hidden || row.is_null(i)) {
            continue;
        }
        bool exact = true;
        const ColumnVector& values = row.batch.columns[row.slots[i]];
        m_values.append(values, row.row, table.columns[i], parts.fields[i], exact);
        if (!exact) {
            overrides += (overrides.empty() ? "\"" : ",\"") + std::to_string(i) + "\":";
            exact_values.append(values, row.row, table.columns[i].type, overrides);
        }
    }
    parts.entry = "[";
    for (const std::size_t column : node.hidden) {
        parts.entry += parts.entry.size() > 1 ? "," : "";
        exact_values.append(row.batch.columns[row.slots[column]], row.row, table.columns[column].type,
                            parts.entry);
    }
    if (!overrides.empty()) {
        parts.entry += (parts.entry.size() > 1 ? ",{" : "{") + overrides + '}';
    }
    parts.entry += ']';
    return parts;
}

std::string DocumentAssembler::parent_key(const DocumentNode& node, const StagedRow& row) const {
    const auto column = node.shape.column_of(Synthetic::parent_id);
    if (!column || row.is_null(*column)) {
        refuse(node.table, "some rows do not say which row of " +
                               m_schema.tables[m_tree.nodes[*node.parent].table].name.display() +
                               " they belong to");
    }
    return text_of(node.table, *column, row);
}

// What rows inside refer to, and what the row's form is kept by.
std::string DocumentAssembler::own_key(const DocumentNode& node, const StagedRow& row) const {
    auto column = node.shape.natural_key;
    for (const Synthetic kind : {Synthetic::id, Synthetic::key}) {
        column = column ? column : node.shape.column_of(kind);
    }
    if (column) {
        return text_of(node.table, *column, row);
    }
    if (!node.parent) {
        return {};
    }
    const auto index = node.shape.column_of(Synthetic::index);
    return parent_key(node, row) + '/' + (index ? text_of(node.table, *index, row) : std::string());
}

// Where a row stands among those of its document or file, unless its form says it.
std::string DocumentAssembler::place_of(const DocumentNode& node, const StagedRow& row,
                                        std::uint64_t ordinal) const {
    std::string place(1, k_later);
    if (node.parent) {
        const auto index = node.shape.column_of(Synthetic::index);
        append_order_key(index ? text_of(node.table, *index, row) : std::string(), place);
        util::append_big(place, ordinal);
        return place;
    }
    const std::string key = own_key(node, row);
    if (const auto offset = node.shape.column_of(Synthetic::id) ? offset_of(key) : std::nullopt) {
        place = placed(*offset);
    } else {
        append_order_key(key, place);
    }
    util::append_big(place, ordinal);
    return place;
}

// The key of a row that is a member of an object, as spelled.
std::string DocumentAssembler::member_key(const DocumentNode& node, const StagedRow& row) {
    const auto key = node.shape.column_of(node.parent ? Synthetic::member : Synthetic::key);
    if (!key) {
        return {};
    }
    std::string out;
    bool exact = true;
    if (!row.is_null(*key)) {
        m_values.append(row.batch.columns[row.slots[*key]], row.row,
                        m_schema.tables[node.table].columns[*key], out, exact);
    }
    if (!out.starts_with('"')) {
        std::string text = text_of(node.table, *key, row);
        if (text.empty()) {
            refuse(node.table, "some rows have no key");
        }
        out.clear();
        append_quoted(text, out);
    }
    return out;
}

SortedSpill DocumentAssembler::assemble(std::size_t index) {
    const DocumentNode& node = m_tree.nodes[index];
    std::vector<SortedSpill> children;
    for (const std::size_t child : node.children) {
        children.push_back(assemble(child));
    }
    SortedSpill out(m_temporary);
    SortedSpill rows(m_temporary);
    const bool is_joined = !children.empty() || m_forms.contains(index);
    const auto file = node.shape.column_of(Synthetic::file);
    std::uint64_t ordinal = 0;
    read_rows(node.table, [&](const StagedRow& row) {
        RowParts parts = row_parts(node, row);
        std::string group;
        if (node.parent) {
            group = parent_key(node, row);
        } else if (file) {
            group = text_of(node.table, *file, row);
        }
        parts.key = member_key(node, row);
        std::string place = sort_text(group) + place_of(node, row, ordinal++);
        if (!is_joined) {
            emit(index, parts, {}, std::move(place), out);
            return;
        }
        std::string text;
        append_sized(place, text);
        append_sized(sort_text(group), text);
        append_sized(parts.entry, text);
        append_sized(parts.key, text);
        for (const std::string& field : parts.fields) {
            append_sized(field, text);
        }
        rows.add(sort_text(own_key(node, row)), std::move(text));
    });
    if (is_joined) {
        rows.finish();
        join(index, rows, children, out);
    }
    out.finish();
    return out;
}

void DocumentAssembler::join(std::size_t index, SortedSpill& rows, std::vector<SortedSpill>& children,
                             SortedSpill& out) {
    const DocumentNode& node = m_tree.nodes[index];
    for (const SortedSpill::Item* item = rows.peek(); item != nullptr; item = rows.peek()) {
        std::string_view text = item->text;
        std::string place = take_sized(text);
        const std::string group = take_sized(text);
        RowParts parts;
        parts.entry = take_sized(text);
        parts.key = take_sized(text);
        while (!text.empty()) {
            parts.fields.push_back(take_sized(text));
        }
        take_children(node, item->key, children, parts);
        const RowForm form = take_form(index, item->key);
        if (form.position()) {
            place = group + placed(*form.position());
        }
        emit(index, parts, form, std::move(place), out);
        rows.pop();
    }
    for (std::size_t i = 0; i < children.size(); ++i) {
        if (children[i].peek() != nullptr) {
            refuse(m_tree.nodes[node.children[i]].table, "some rows refer to a row that table " +
                                                             m_schema.tables[node.table].name.display() +
                                                             " does not have");
        }
    }
}

void DocumentAssembler::take_children(const DocumentNode& node, const std::string& key,
                                      std::vector<SortedSpill>& children, RowParts& parts) const {
    for (std::size_t i = 0; i < children.size(); ++i) {
        const DocumentNode& child = m_tree.nodes[node.children[i]];
        std::string& elements = parts.arrays[child.shape.table];
        std::string& notes = parts.array_notes[child.shape.table];
        const SortedSpill::Item* item = children[i].peek();
        for (; item != nullptr && item->key.starts_with(key); item = children[i].peek()) {
            std::string_view text = item->text;
            if (child.shape.table == node.shape.rest) {
                std::string member = take_sized(text);
                parts.rest.push_back({index_in(std::string_view(item->key).substr(key.size())),
                                      std::move(member), std::string(text)});
                children[i].pop();
                continue;
            }
            elements += (elements.empty() ? "" : ",") + take_sized(text);
            notes += text;
            children[i].pop();
        }
        if (item != nullptr && item->key < key) {
            refuse(child.table, "some rows refer to a row that table " +
                                    m_schema.tables[node.table].name.display() + " does not have");
        }
    }
}

RowForm DocumentAssembler::take_form(std::size_t node, const std::string& key) {
    const auto found = m_forms.find(node);
    if (found == m_forms.end()) {
        return {};
    }
    SortedSpill& forms = found->second;
    while (forms.peek() != nullptr && forms.peek()->key < key) {
        forms.pop();  // its row is no longer there
    }
    return forms.peek() != nullptr && forms.peek()->key == key ? RowForm::parse(forms.peek()->text)
                                                               : RowForm{};
}

void DocumentAssembler::emit(std::size_t index, const RowParts& parts, const RowForm& form, std::string place,
                             SortedSpill& out) const {
    const DocumentNode& node = m_tree.nodes[index];
    std::string text;
    std::string notes = "," + parts.entry;
    if (!parts.key.empty()) {
        text += parts.key + ':';
    }
    const auto value = node.whole_value();
    if (value) {
        text += parts.fields[*value].empty() ? "null" : parts.fields[*value];
    } else {
        ObjectRenderer(parts, form).render(node.shape.members, text, notes, between(index));
    }
    // A member that a collection stood behind may be gone.
    for (const std::string& missing : missing_markers(index, text)) {
        text.insert(text.size() - 1, (text[text.size() - 2] == '{' ? "" : ",") + missing);
    }
    std::string item;
    append_sized(text, item);
    out.add(std::move(place), item + notes);
}

}  // namespace migrate::backends::json
