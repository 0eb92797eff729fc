#include <array>
#include <cstdio>
#include <utility>

#include "backends/json/document_reader.hpp"
#include "util/hash.hpp"

namespace migrate::backends::json {

RowCursor::RowCursor(std::vector<RecordSpec> parts, std::vector<const TableShape*> chain,
                     const DocumentOptions& options, const InputStamps& stamps)
    : m_parts(std::move(parts)), m_chain(std::move(chain)), m_options(options), m_stamps(stamps) {}

std::vector<BrokenLine> RowCursor::take_broken() {
    if (m_stream) {
        for (BrokenLine& line : m_stream->take_broken()) {
            m_broken.push_back(std::move(line));
        }
    }
    return std::exchange(m_broken, {});
}

bool RowCursor::next_record() {
    for (;;) {
        if (m_stream && m_stream->next()) {
            return true;
        }
        if (m_stream) {
            for (BrokenLine& line : m_stream->take_broken()) {
                m_broken.push_back(std::move(line));
            }
            m_stamps.require_unchanged(m_parts[m_part - 1].path);
        }
        if (m_part == m_parts.size()) {
            return false;
        }
        m_stream = open_records(m_parts[m_part++], m_options);
    }
}

bool RowCursor::next() {
    const std::size_t depth = m_chain.size() - 1;
    if (depth == 0) {
        m_node = Document::k_root;
        return next_record();
    }
    if (m_in_record) {
        m_levels.back().next(document());
    }
    for (;;) {
        if (!m_in_record) {
            if (!next_record()) {
                return false;
            }
            m_in_record = true;
            enter(Document::k_root);
        }
        const RowItems& level = m_levels.back();
        if (!level.at_end() && m_levels.size() == depth) {
            m_node = level.node();
            return true;
        }
        if (!level.at_end()) {
            enter(level.node());
            continue;
        }
        m_levels.pop_back();
        m_in_record = !m_levels.empty();
        if (m_in_record) {
            m_levels.back().next(document());
        }
    }
}

Document::Index RowCursor::natural_key() const {
    return find_member(document(), Document::k_root, m_chain.front()->natural_key);
}

std::string RowCursor::record_id_text() const {
    if (!m_chain.front()->natural_key.empty()) {
        const Document::Index node = natural_key();
        const NodeKind kind = document().kind(node);
        return std::string(kind == NodeKind::string ? document().text(node) : document().raw(node));
    }
    if (m_parts[m_part - 1].kind == RecordKind::members) {
        return m_stream->key();
    }
    // The same input gives the same ids: content, and where it stands, so that equal records differ.
    std::string content = m_parts.size() > 1 ? label() + '\0' : std::string();
    content += document().raw(Document::k_root);
    std::array<char, 17> hash{};
    std::snprintf(hash.data(), hash.size(), "%016llx",
                  static_cast<unsigned long long>(util::hash64(content)));
    return std::string(hash.data()) + "-" + std::to_string(m_stream->offset());
}

std::string RowCursor::id_text(std::size_t levels) const {
    std::string id = record_id_text();
    for (std::size_t i = 0; i < levels; ++i) {
        id += '/' + std::to_string(m_levels[i].index());
    }
    return id;
}

}  // namespace migrate::backends::json
