#include "backends/json/document_reader.hpp"

#include "backends/json/scalar_profile.hpp"

namespace migrate::backends::json {

DocumentReader::DocumentReader(const ScanSpec& spec, RowCursor cursor, const TableShape& shape,
                               bool parent_has_natural_key)
    : m_cursor(std::move(cursor)),
      m_shape(shape),
      m_parent_has_natural_key(parent_has_natural_key),
      m_limits(spec.limits),
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
    while (!m_done && batch.row_count() < m_limits.max_rows && batch.byte_size() < m_limits.max_bytes) {
        if (m_cursor.next()) {
            append_row(batch);
        } else {
            m_done = true;
            take_broken(batch);
        }
    }
    return batch.row_count() > 0;
}

// Broken lines belong to the records' own table; those of what would have been nested in them are unknown.
void DocumentReader::take_broken(RowBatch& batch) {
    for (BrokenLine& line : m_cursor.take_broken()) {
        if (!m_shape.parent) {
            batch.rejects.push_back({line.line, {}, {}, std::move(line.reason), std::move(line.text)});
        }
    }
}

void DocumentReader::append_row(RowBatch& batch) {
    m_filled.assign(m_kinds.size(), false);
    std::size_t failed = k_unwanted;
    bool fits = true;
    for (const auto& [kind, column] : m_shape.synthetic) {
        if (fits && m_slots[column] != k_unwanted && !fill_synthetic(kind, column, batch)) {
            fits = false;
            failed = column;
        }
    }
    const bool is_object = m_cursor.document().kind(m_cursor.node()) == NodeKind::object;
    const bool has_members = is_object && !m_shape.members.entries.empty();
    fits = fits && (!has_members || fill_members(m_shape.members, m_cursor.node(), batch, failed));
    const std::uint64_t ordinal = m_ordinal++;
    if (fits) {
        for (std::size_t i = 0; i < m_filled.size(); ++i) {
            if (!m_filled[i]) {
                batch.columns[i].append_null();
            }
        }
        ++batch.bare_rows;
        return;
    }
    for (std::size_t i = 0; i < m_filled.size(); ++i) {
        if (m_filled[i]) {
            batch.columns[i].pop_back();
        }
    }
    batch.rejects.push_back({ordinal, m_cursor.record().key(), m_names[failed],
                             "the value is no " + to_string(m_types[failed]),
                             std::string(m_cursor.document().raw(m_cursor.node()))});
}

bool DocumentReader::fill_members(const MemberTree& tree, Document::Index object, RowBatch& batch,
                                  std::size_t& failed) {
    const Document& document = m_cursor.document();
    std::size_t expected = 0;
    for (Document::Index key = document.first_child(object); key != document.end(object);
         key = document.end(key + 1)) {
        const MemberTree::Entry* entry = tree.find(document.text(key), expected++);
        if (entry == nullptr) {
            continue;  // a child table's
        }
        if (entry->below) {
            if (document.kind(key + 1) == NodeKind::object &&
                !fill_members(*entry->below, key + 1, batch, failed)) {
                return false;
            }
            continue;
        }
        const std::size_t slot = m_slots[*entry->column];
        if (slot == k_unwanted) {
            continue;
        }
        if (!append_scalar(document, key + 1, m_types[*entry->column], batch.columns[slot])) {
            failed = *entry->column;
            return false;
        }
        m_filled[slot] = true;
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
