#include "backends/json/form_reader.hpp"

#include <utility>

#include <migrate/error.hpp>

#include "backends/json/row_form.hpp"

namespace migrate::backends::json {

FormReader::FormReader(const ScanSpec& spec, const std::vector<TableShape>& shapes,
                       std::vector<FormCollection> collections)
    : m_shapes(shapes),
      m_collections(std::move(collections)),
      m_columns(spec.columns),
      m_limits(spec.limits) {}

bool FormReader::next(RowBatch& batch) {
    batch.reset(std::vector<TypeKind>(m_columns.size(), TypeKind::text));
    batch.first_ordinal = m_ordinal;
    while (batch.row_count() < m_limits.max_rows && batch.byte_size() < m_limits.max_bytes) {
        if (m_next == m_rows.size() && !read_record()) {
            break;
        }
        for (; m_next < m_rows.size() && batch.row_count() < m_limits.max_rows; ++m_next) {
            append(m_rows[m_next], batch);
        }
    }
    return batch.row_count() > 0;
}

void FormReader::append(const Row& row, RowBatch& batch) const {
    const std::string* values[] = {&row.table, &row.key, &row.form};
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        batch.columns[i].append_bytes(*values[m_columns[i]]);
    }
    ++batch.bare_rows;
}

// The rows of the next record, none if it follows its shape in everything. False after the last.
bool FormReader::read_record() {
    m_rows.clear();
    m_next = 0;
    while (m_collection < m_collections.size()) {
        FormCollection& collection = m_collections[m_collection];
        if (!collection.cursor.next()) {
            ++m_collection;
            m_position = 0;
            continue;
        }
        const TableShape& shape = m_shapes[collection.root];
        std::string position;
        if (shape.has_positions) {
            append_position(m_position++, position);
        }
        add_row(shape, collection.cursor.node(), collection.cursor.id_text(), std::move(position));
        m_ordinal += m_rows.size();
        return true;
    }
    return false;
}

void FormReader::add_row(const TableShape& shape, Document::Index row, const std::string& id,
                         std::string form) {
    const Document& document = m_collections[m_collection].cursor.document();
    append_form(document, row, shape.object, form);
    if (!form.empty()) {
        m_rows.push_back({shape.table.name.name, id, std::move(form)});
    }
    if (document.kind(row) == NodeKind::object) {
        add_children(shape.object, row, id);
        if (!shape.rest.empty()) {
            add_items(shape_named(shape.rest), row, id);
        }
    }
}

void FormReader::add_children(const std::vector<MemberShape>& members, Document::Index object,
                              const std::string& id) {
    const Document& document = m_collections[m_collection].cursor.document();
    for (Document::Index key = document.first_child(object); key != document.end(object);
         key = document.end(key + 1)) {
        const Document::Index value = key + 1;
        for (const MemberShape& member : members) {
            if (member.kind == MemberShape::Kind::column || member.key != document.text(key)) {
                continue;
            }
            if (member.kind != MemberShape::Kind::object) {
                add_items(shape_named(member.table), value, id);
            } else if (document.kind(value) == NodeKind::object) {
                add_children(member.members, value, id);
            }
        }
    }
}

void FormReader::add_items(const TableShape& shape, Document::Index place, const std::string& id) {
    const Document& document = m_collections[m_collection].cursor.document();
    for (RowItems items(document, place, shape, RowItems::At::place); !items.at_end(); items.next(document)) {
        add_row(shape, items.node(), id + '/' + std::to_string(items.index()), {});
    }
}

const TableShape& FormReader::shape_named(const std::string& name) const {
    for (const TableShape& shape : m_shapes) {
        if (shape.table.name.name == name) {
            return shape;
        }
    }
    throw Error(ErrorCode::internal, "no table of documents is named " + name);
}

}  // namespace migrate::backends::json
