// What of documents their tables cannot say: shapes that hold for all rows, and the forms of single rows.

#include <algorithm>

#include "backends/json/document_source.hpp"
#include "backends/json/form_reader.hpp"
#include "backends/json/row_form.hpp"

namespace migrate::backends::json {

namespace {

FilePart file_part(const RecordSpec& spec, const DocumentOptions& options) {
    FilePart part;
    part.path = spec.label;
    part.kind = spec.kind;
    part.root = spec.kind == RecordKind::lines ? "" : options.root;
    part.member = spec.member;
    part.after = spec.after;
    part.has_byte_order_mark = spec.has_byte_order_mark;
    return part;
}

// Of many files that are a document each, the usual ones need no word.
bool is_usual(const FilePart& part) {
    return part.kind == RecordKind::whole && part.root.empty() && !part.has_byte_order_mark;
}

}  // namespace

Table make_form_table(const std::string& name) {
    Table table;
    table.name.name = name;
    table.role = TableRole::shape;
    for (const char* column_name : k_form_columns) {
        Column column;
        column.name = column_name;
        column.type = TypeKind::text;
        column.native_type = to_string(column.type);
        column.nullable = false;
        table.columns.push_back(std::move(column));
    }
    table.primary_key = Key{};
    table.primary_key->columns = {k_form_columns[0], k_form_columns[1]};
    return table;
}

DocumentShape DocumentSource::document_shape(const TableShape& shape) const {
    DocumentShape out;
    out.table = shape.table.name.name;
    out.parent = shape.parent ? m_found->shapes[*shape.parent].table.name.name : "";
    out.synthetic = shape.synthetic;
    out.has_positions = shape.has_positions;
    out.members = shape.object;
    out.rest = shape.rest;
    if (!shape.natural_key.empty()) {
        const MemberTree::Entry* key = shape.members.find(shape.natural_key, 0);
        out.natural_key = *key->column;
    }
    if (!shape.parent) {
        const Collection& collection = m_found->collections[shape.collection];
        for (const RecordSpec& spec : collection.parts) {
            const FilePart part = file_part(spec, m_options);
            if (!collection.has_file_column || !is_usual(part)) {
                out.files.push_back(part);
            }
        }
    }
    return out;
}

bool DocumentSource::is_form_table(const QualifiedName& table) {
    profile();
    return m_found->form_table && m_found->form_table->name == table;
}

std::unique_ptr<backend::Reader> DocumentSource::open_forms(const ScanSpec& spec) {
    std::vector<FormCollection> collections;
    DocumentOptions options = m_options;
    options.read_again = spec.route == ReadRoute::text;
    for (std::size_t i = 0; i < m_found->shapes.size(); ++i) {
        if (m_found->shapes[i].parent) {
            continue;
        }
        const std::size_t of = m_found->shapes[i].collection;
        const bool has_forms =
            std::any_of(m_found->shapes.begin(), m_found->shapes.end(),
                        [&](const TableShape& one) { return one.collection == of && one.is_irregular; });
        if (has_forms) {
            collections.push_back(
                {RowCursor(m_found->collections[of].parts, {&m_found->shapes[i]}, options, m_stamps), i});
        }
    }
    return std::make_unique<FormReader>(spec, m_found->shapes, std::move(collections));
}

std::uint64_t DocumentSource::count_forms() {
    ScanSpec spec;
    spec.table = &*m_found->form_table;
    spec.columns = {0};
    const auto reader = open_forms(spec);
    std::uint64_t rows = 0;
    RowBatch batch;
    while (reader->next(batch)) {
        rows += batch.row_count();
    }
    return rows;
}

}  // namespace migrate::backends::json
