#include "backends/json/document_reader.hpp"

#include "backends/json/scalar_profile.hpp"
#include "model/row_json.hpp"

namespace migrate::backends::json {

DocumentReader::DocumentReader(const ScanSpec& spec, RowCursor cursor, const TableShape& shape,
                               bool parent_has_natural_key)
    : m_cursor(std::move(cursor)),
      m_shape(shape),
      m_parent_has_natural_key(parent_has_natural_key),
      m_limits(spec.limits),
      m_null_misfits(spec.null_misfits),
      m_slots(spec.table->columns.size(), k_unwanted) {
    for (const Column& column : spec.table->columns) {
        m_types.push_back(column.type);
        m_names.push_back(column.name);
    }
    for (std::size_t i = 0; i < spec.columns.size(); ++i) {
        m_slots[spec.columns[i]] = i;
        m_kinds.push_back(m_types[spec.columns[i]].kind);
    }
}

bool DocumentReader::next(RowBatch& batch) {
    batch.reset(m_kinds);
    batch.first_ordinal = m_ordinal;
    while (!m_done && batch.row_count() + batch.rejects.size() < m_limits.max_rows &&
           batch.byte_size() < m_limits.max_bytes) {
        const bool more = m_cursor.next();
        take_broken(batch);
        if (more) {
            append_row(batch);
        } else {
            m_done = true;
        }
    }
    return batch.row_count() > 0 || !m_done;
}

// Broken lines belong to the records' own table; those of what would have been nested in them are unknown.
void DocumentReader::take_broken(RowBatch& batch) {
    for (BrokenLine& line : m_cursor.take_broken()) {
        if (!m_shape.parent) {
            RejectedRow& reject = batch.rejects.emplace_back();
            reject.ordinal = m_ordinal++;
            reject.line = line.line;
            reject.reason = std::move(line.reason);
            reject.row = model::text_as_json(line.text);
        }
    }
}

void DocumentReader::append_row(RowBatch& batch) {
    m_filled.assign(m_kinds.size(), false);
    m_failed.clear();
    bool fits = true;
    for (const auto& [kind, column] : m_shape.synthetic) {
        if (fits && m_slots[column] != k_unwanted && !fill_synthetic(kind, column, batch)) {
            fits = misfit(column, batch);
        }
    }
    const bool is_object = m_cursor.document().kind(m_cursor.node()) == NodeKind::object;
    const bool has_members = is_object && !m_shape.members.entries.empty();
    fits = fits && (!has_members || fill_members(m_shape.members, m_cursor.node(), batch));
    if (!m_failed.empty()) {
        note_reject(batch, fits);
    }
    ++m_ordinal;
    for (std::size_t i = 0; i < m_filled.size(); ++i) {
        if (fits && !m_filled[i]) {
            batch.columns[i].append_null();
        } else if (!fits && m_filled[i]) {
            batch.columns[i].pop_back();
        }
    }
    batch.bare_rows += fits ? 1 : 0;
}

bool DocumentReader::misfit(std::size_t column, RowBatch& batch) {
    m_failed.push_back(column);
    const std::size_t slot = m_slots[column];
    if (slot >= m_null_misfits.size() || !m_null_misfits[slot]) {
        return false;
    }
    batch.columns[slot].append_null();
    m_filled[slot] = true;
    return true;
}

void DocumentReader::note_reject(RowBatch& batch, bool kept) {
    RejectedRow& reject = batch.rejects.emplace_back();
    reject.ordinal = m_ordinal;
    reject.kept = kept;
    reject.key = m_cursor.record().key();
    for (const std::size_t column : m_failed) {
        if (kept || column == m_failed.back()) {
            reject.column += (reject.column.empty() ? "" : ", ") + m_names[column];
        }
    }
    reject.reason = "the value is no " + to_string(m_types[m_failed.back()]);
    reject.row = m_cursor.document().raw(m_cursor.node());
}

bool DocumentReader::fill_members(const MemberTree& tree, Document::Index object, RowBatch& batch) {
    const Document& document = m_cursor.document();
    std::size_t expected = 0;
    for (Document::Index key = document.first_child(object); key != document.end(object);
         key = document.end(key + 1)) {
        const MemberTree::Entry* entry = tree.find(document.text(key), expected++);
        if (entry == nullptr) {
            continue;  // a child table's
        }
        if (entry->below) {
            if (document.kind(key + 1) == NodeKind::object && !fill_members(*entry->below, key + 1, batch)) {
                return false;
            }
            continue;
        }
        const std::size_t slot = m_slots[*entry->column];
        if (slot == k_unwanted) {
            continue;
        }
        if (append_scalar(document, key + 1, m_types[*entry->column], batch.columns[slot])) {
            m_filled[slot] = true;
        } else if (!misfit(*entry->column, batch)) {
            return false;
        }
    }
    return true;
}

bool DocumentReader::fill_synthetic(Synthetic kind, std::size_t column, RowBatch& batch) {
    ColumnVector& out = batch.columns[m_slots[column]];
    const auto append = [&](std::string_view text) {
        if (m_types[column].kind == TypeKind::text) {
            out.append_bytes(text);
            return true;
        }
        return false;
    };
    bool fits = true;
    switch (kind) {
        case Synthetic::id:
            fits = append(m_cursor.id_text());
            break;
        case Synthetic::parent_id:
            fits = fill_parent_id(column, out);
            break;
        case Synthetic::index:
            out.append_fixed(static_cast<std::int64_t>(m_cursor.index()));
            break;
        case Synthetic::value:
            fits = append_scalar(m_cursor.document(), m_cursor.node(), m_types[column], out);
            break;
        case Synthetic::document:
            out.append_bytes(m_cursor.document().raw(m_cursor.node()));
            break;
        case Synthetic::file:
            fits = append(m_cursor.label());
            break;
        case Synthetic::key:
            fits = append(m_cursor.record().key());
            break;
        case Synthetic::member:
            fits = append_scalar(m_cursor.document(), m_cursor.member(), m_types[column], out);
            break;
    }
    m_filled[m_slots[column]] = fits;
    return fits;
}

bool DocumentReader::fill_parent_id(std::size_t column, ColumnVector& out) {
    if (m_parent_has_natural_key) {
        return append_scalar(m_cursor.document(), m_cursor.natural_key(), m_types[column], out);
    }
    out.append_bytes(m_cursor.parent_id_text());
    return true;
}

}  // namespace migrate::backends::json
