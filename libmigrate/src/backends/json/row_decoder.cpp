#include "backends/json/row_decoder.hpp"

#include <migrate/error.hpp>

#include "backends/json/value_codec.hpp"

namespace migrate::backends::json {

RowDecoder::RowDecoder(const ScanSpec& spec) : m_null_misfits(spec.null_misfits) {
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
    m_nulled.clear();
    const bool fits = decode(document, batch, column, reason);
    for (std::size_t i = 0; i < m_kinds.size(); ++i) {
        if (fits && !m_filled[i]) {
            batch.columns[i].append_null();
        } else if (!fits && m_filled[i]) {
            batch.columns[i].pop_back();
        }
    }
    batch.bare_rows = fits ? before + 1 : before;
    if (!fits || !m_nulled.empty()) {
        RejectedRow& reject = batch.rejects.emplace_back();
        reject.ordinal = ordinal;
        reject.column = fits ? m_nulled : column;
        reject.reason = reason;
        reject.kept = fits;
        reject.row = document.raw(Document::k_root);
    }
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
        const std::size_t slot = member->column;
        if (m_filled[slot] || !decode_value(document, key + 1, member->type, batch.columns[slot])) {
            column = member->name;
            reason = m_filled[slot] ? "the row has this column twice"
                                    : "the value is no " + to_string(member->type);
            if (m_filled[slot] || slot >= m_null_misfits.size() || !m_null_misfits[slot]) {
                return false;
            }
            batch.columns[slot].append_null();
            m_nulled += (m_nulled.empty() ? "" : ", ") + member->name;
        }
        m_filled[slot] = true;
    }
    return true;
}

}  // namespace migrate::backends::json
