#include "backends/json/table_shape.hpp"

namespace migrate::backends::json {

RowItems::RowItems(const Document& document, Document::Index from, const TableShape& shape, At at)
    : m_are_members(shape.rows_are == RowSource::members), m_shape(&shape) {
    Document::Index node = from;
    for (const std::string& name : at == At::place ? std::vector<std::string>() : shape.array_path) {
        const bool is_object = document.kind(node) == NodeKind::object;
        const Document::Index value = is_object ? find_member(document, node, name) : document.end(node);
        if (value == document.end(node)) {
            return;
        }
        node = value;
    }
    if (document.kind(node) == (m_are_members ? NodeKind::object : NodeKind::array)) {
        m_item = document.first_child(node);
        m_end = document.end(node);
        skip_others(document);
    }
}

void RowItems::next(const Document& document) {
    m_item = document.end(node());
    ++m_index;
    skip_others(document);
}

void RowItems::skip_others(const Document& document) {
    while (m_are_members && m_item != m_end &&
           m_shape->other_members.contains(std::string(document.text(m_item)))) {
        m_item = document.end(m_item + 1);
        ++m_index;
    }
}

Document::Index find_member(const Document& document, Document::Index object, std::string_view key) {
    for (Document::Index at = document.first_child(object); at != document.end(object);
         at = document.end(at + 1)) {
        if (document.text(at) == key) {
            return at + 1;
        }
    }
    return document.end(object);
}

}  // namespace migrate::backends::json
