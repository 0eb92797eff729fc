#include "backends/json/row_decoder.hpp"

#include <migrate/error.hpp>

#include "backends/json/value_codec.hpp"

namespace migrate::backends::json {

RowDecoder::RowDecoder(const ScanSpec& spec) {
    const std::vector<Column>& columns = spec.table->columns;
    for (const Column& column : columns) {
        m_members.push_back({column.name, k_unwanted, column.type});
    }
    for (std::size_t i = 0; i < spec.columns.size(); ++i) {
        m_members[spec.columns[i]].column = i;
        m_kinds.push_back(columns[spec.columns[i]].type.kind);
    }
    for (std::size_t i = 0; i < m_members.size(); ++i) {
        m_by_name.emplace(m_members[i].name, i);
    }
}

const RowDecoder::Member* RowDecoder::find(std::string_view name, std::size_t expected) const {
    // This tool writes members in the order of the columns, so the guess is nearly always right.
    if (expected < m_members.size() && m_members[expected].name == name) {
        return &m_members[expected];
    }
    const auto found = m_by_name.find(name);
    return found == m_by_name.end() ? nullptr : &m_members[found->second];
}

void RowDecoder::append(const Document& document, std::uint64_t ordinal, RowBatch& batch) {
    const std::size_t before = batch.row_count();
    std::string column;
    std::string reason;
    m_filled.assign(m_kinds.size(), false);
    if (decode(document, batch, column, reason)) {
        for (std::size_t i = 0; i < m_kinds.size(); ++i) {
            if (!m_filled[i]) {
                batch.columns[i].append_null();
            }
        }
        batch.bare_rows = before + 1;
        return;
    }
    for (std::size_t i = 0; i < m_kinds.size(); ++i) {
        if (m_filled[i]) {
            batch.columns[i].pop_back();
        }
    }
    batch.rejects.push_back({ordinal, {}, column, reason, std::string(document.raw(Document::k_root))});
}

bool RowDecoder::decode(const Document& document, RowBatch& batch, std::string& column, std::string& reason) {
    if (document.kind(Document::k_root) != NodeKind::object) {
        reason = "a row must be a JSON object";
        return false;
    }
    std::size_t expected = 0;
    const Document::Index end = document.end(Document::k_root);
    for (Document::Index key = document.first_child(Document::k_root); key != end;
         key = document.end(key + 1)) {
        const Member* member = find(document.text(key), expected++);
        if (member == nullptr) {
            column = std::string(document.text(key));
            reason = "the manifest names no such column";
            return false;
        }
        if (member->column == k_unwanted) {
            continue;
        }
        if (m_filled[member->column] ||
            !decode_value(document, key + 1, member->type, batch.columns[member->column])) {
            column = member->name;
            reason = m_filled[member->column] ? "the row has this column twice"
                                              : "the value is no " + to_string(member->type);
            return false;
        }
        m_filled[member->column] = true;
    }
    return true;
}

}  // namespace migrate::backends::json
