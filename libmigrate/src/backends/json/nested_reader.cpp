#include "backends/json/nested_reader.hpp"

#include <utility>

#include <migrate/error.hpp>

#include "backends/json/value_codec.hpp"

namespace migrate::backends::json {

namespace {

using Index = Document::Index;
constexpr Index k_nowhere = static_cast<Index>(-1);

// Values of type JSON may be of any depth and have duplicate keys.
TokenizerOptions nested_options(ReadRoute route) {
    TokenizerOptions options;
    options.read_again = route == ReadRoute::text;
    options.max_depth = 1U << 20U;
    options.refuse_duplicate_keys = false;
    return options;
}

Index member_of(const Document& document, Index object, std::string_view name) {
    if (document.kind(object) != NodeKind::object) {
        return k_nowhere;
    }
    for (Index key = document.first_child(object); key != document.end(object); key = document.end(key + 1)) {
        if (document.text(key) == name) {
            return key + 1;
        }
    }
    return k_nowhere;
}

}  // namespace

NestedCursor::NestedCursor(const std::vector<NestNode>& nodes, std::vector<NestedPlace> places,
                           const InputStamps& stamps, ReadRoute route)
    : m_nodes(nodes), m_places(std::move(places)), m_stamps(stamps), m_route(route) {}

void NestedCursor::open_file() {
    const std::string& path = m_places[m_place++].path;
    m_source = std::make_unique<FileSource>(path);
    m_tokenizer = std::make_unique<Tokenizer>(*m_source, path, nested_options(m_route));
    if (m_tokenizer->next() != Token::begin_array) {
        throw Error(ErrorCode::malformed, path + " is not an array of documents");
    }
}

bool NestedCursor::next_document() {
    for (;;) {
        if (!m_tokenizer) {
            if (m_place == m_places.size()) {
                return false;
            }
            open_file();
        }
        const Token token = m_tokenizer->next();
        if (token != Token::end_array) {
            m_document.read(*m_tokenizer, token);
            return true;
        }
        m_tokenizer->next();  // refuses what follows
        m_tokenizer.reset();
        m_stamps.require_unchanged(m_places[m_place - 1].path);
    }
}

NestedCursor::Level NestedCursor::rows_in(Index object, std::size_t table) const {
    const Index rows = member_of(m_document, object, m_nodes[table].member);
    if (rows == k_nowhere || m_document.kind(rows) != NodeKind::array) {
        return {0, 0};
    }
    return {m_document.first_child(rows), m_document.end(rows)};
}

bool NestedCursor::next() {
    if (!m_levels.empty()) {
        advance();
    }
    for (;;) {
        if (m_levels.empty()) {
            if (!next_document()) {
                return false;
            }
            m_levels.push_back({Document::k_root, m_document.end(Document::k_root)});
        }
        const std::vector<std::size_t>& chain = m_places[m_place - 1].chain;
        if (m_levels.back().item == m_levels.back().end) {
            m_levels.pop_back();
            if (!m_levels.empty()) {
                advance();
            }
        } else if (m_levels.size() == chain.size()) {
            return true;
        } else {
            m_levels.push_back(rows_in(m_levels.back().item, chain[m_levels.size()]));
        }
    }
}

NestedReader::NestedReader(const ScanSpec& spec, const std::vector<const Table*>& tables,
                           const std::vector<NestNode>& nodes, std::size_t table,
                           std::vector<NestedPlace> places, const InputStamps& stamps)
    : m_tables(tables),
      m_nodes(nodes),
      m_table(table),
      m_cursor(nodes, std::move(places), stamps, spec.route),
      m_limits(spec.limits),
      m_null_misfits(spec.null_misfits),
      m_slots(spec.table->columns.size(), k_unwanted) {
    for (const Column& column : spec.table->columns) {
        m_columns.emplace(column.name, m_types.size());
        m_types.push_back(column.type);
    }
    for (std::size_t i = 0; i < spec.columns.size(); ++i) {
        m_slots[spec.columns[i]] = i;
        m_kinds.push_back(m_types[spec.columns[i]].kind);
    }
}

bool NestedReader::next(RowBatch& batch) {
    batch.reset(m_kinds);
    batch.first_ordinal = m_ordinal;
    while (!m_done && batch.row_count() + batch.rejects.size() < m_limits.max_rows &&
           batch.byte_size() < m_limits.max_bytes) {
        if (m_cursor.next()) {
            append_row(batch);
        } else {
            m_done = true;
        }
    }
    return batch.row_count() > 0 || !m_done;
}

void NestedReader::append_row(RowBatch& batch) {
    const std::size_t before = batch.row_count();
    m_said.assign(m_types.size(), false);
    m_filled.assign(m_kinds.size(), false);
    m_column.clear();
    m_reason.clear();
    const bool fits = fill(batch);
    for (std::size_t i = 0; i < m_kinds.size(); ++i) {
        if (fits && !m_filled[i]) {
            batch.columns[i].append_null();
        } else if (!fits && m_filled[i]) {
            batch.columns[i].pop_back();
        }
    }
    batch.bare_rows = fits ? before + 1 : before;
    if (!fits || !m_column.empty()) {
        reject(fits, batch);
    }
    ++m_ordinal;
}

void NestedReader::reject(bool is_kept, RowBatch& batch) const {
    RejectedRow& reject = batch.rejects.emplace_back();
    reject.ordinal = m_ordinal;
    reject.column = m_column;
    reject.reason = m_reason;
    reject.kept = is_kept;
    reject.row = m_cursor.document().raw(m_cursor.row());
}

bool NestedReader::fill(RowBatch& batch) {
    if (m_cursor.document().kind(m_cursor.row()) != NodeKind::object) {
        m_reason = "a row must be a JSON object";
        return false;
    }
    return fill_members(batch) && fill_inherited(batch);
}

bool NestedReader::fill_members(RowBatch& batch) {
    const Document& document = m_cursor.document();
    const Index row = m_cursor.row();
    for (Index key = document.first_child(row); key != document.end(row); key = document.end(key + 1)) {
        const std::string name(document.text(key));
        const auto found = m_columns.find(name);
        bool fits = true;
        if (found == m_columns.end()) {
            if (!is_array_of_child(name, key + 1, fits)) {
                m_column = name;
                m_reason = "the manifest names no such column";
                return false;
            }
        } else if (m_said[found->second]) {
            m_column = name;
            m_reason = "the row has this column twice";
            return false;
        } else {
            m_said[found->second] = true;
            fits = put(found->second, key + 1, batch);
        }
        if (!fits) {
            return false;
        }
    }
    return true;
}

bool NestedReader::is_array_of_child(std::string_view member, Index value, bool& fits) {
    for (const std::size_t child : m_nodes[m_table].children) {
        if (m_nodes[child].member != member) {
            continue;
        }
        fits = m_cursor.document().kind(value) == NodeKind::array;
        if (!fits) {
            m_column = member;
            m_reason = "it holds rows of " + m_tables[child]->name.display() + " and is no array";
        }
        return true;
    }
    return false;
}

bool NestedReader::fill_inherited(RowBatch& batch) {
    if (m_cursor.levels_above() == 0) {
        return true;
    }
    const NestNode& node = m_nodes[m_table];
    for (std::size_t i = 0; i < node.columns.size(); ++i) {
        const std::size_t column = node.columns[i];
        if (m_said[column]) {
            continue;
        }
        const Index value = value_of(1, *node.parent, node.referenced[i]);
        if (value == k_nowhere) {
            m_column = m_tables[m_table]->columns[column].name;
            m_reason = "the row it stands in lacks the value that says whose it is";
            return false;
        }
        if (!put(column, value, batch)) {
            return false;
        }
    }
    return true;
}

Index NestedReader::value_of(std::size_t up, std::size_t table, std::size_t column) const {
    const Document& document = m_cursor.document();
    const Index own = member_of(document, m_cursor.row(up), m_tables[table]->columns[column].name);
    if (own != k_nowhere || up == m_cursor.levels_above()) {
        return own;
    }
    const NestNode& node = m_nodes[table];
    for (std::size_t i = 0; i < node.columns.size(); ++i) {
        if (node.columns[i] == column) {
            return value_of(up + 1, *node.parent, node.referenced[i]);
        }
    }
    return k_nowhere;
}

// A value that does not fit becomes NULL where that was asked for.
bool NestedReader::put(std::size_t column, Index value, RowBatch& batch) {
    const std::size_t slot = m_slots[column];
    if (slot == k_unwanted) {
        return true;
    }
    if (!decode_value(m_cursor.document(), value, m_types[column], batch.columns[slot])) {
        const std::string& name = m_tables[m_table]->columns[column].name;
        m_reason = "the value is no " + to_string(m_types[column]);
        if (slot >= m_null_misfits.size() || !m_null_misfits[slot]) {
            m_column = name;
            return false;
        }
        m_column += (m_column.empty() ? "" : ", ") + name;
        batch.columns[slot].append_null();
    }
    m_filled[slot] = true;
    return true;
}

std::uint64_t count_nested(const std::vector<NestNode>& nodes, std::vector<NestedPlace> places,
                           const InputStamps& stamps) {
    NestedCursor cursor(nodes, std::move(places), stamps);
    std::uint64_t rows = 0;
    while (cursor.next()) {
        ++rows;
    }
    return rows;
}

}  // namespace migrate::backends::json
