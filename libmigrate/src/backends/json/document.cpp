#include "backends/json/document.hpp"

#include <limits>

#include <migrate/error.hpp>

namespace migrate::backends::json {

namespace {

NodeKind kind_of(Token token) {
    switch (token) {
        case Token::begin_object:
            return NodeKind::object;
        case Token::begin_array:
            return NodeKind::array;
        case Token::key:
            return NodeKind::key;
        case Token::string:
            return NodeKind::string;
        case Token::number:
            return NodeKind::number;
        case Token::true_literal:
            return NodeKind::true_literal;
        case Token::false_literal:
            return NodeKind::false_literal;
        default:
            return NodeKind::null_literal;
    }
}

}  // namespace

void Document::read(Tokenizer& tokenizer, Token first) {
    m_nodes.clear();
    m_open.clear();
    m_arena.clear();
    tokenizer.begin_raw();
    const std::uint64_t base = tokenizer.token_begin();
    for (Token token = first;; token = tokenizer.next()) {
        if (token == Token::end_object || token == Token::end_array) {
            close(tokenizer, base);
        } else {
            add(tokenizer, kind_of(token), base);
        }
        if (m_open.empty()) {
            break;
        }
    }
    m_raw = tokenizer.raw();
    tokenizer.end_raw();
    if (tokenizer.options().read_again) {
        read_again();
    }
}

void Document::add(const Tokenizer& tokenizer, NodeKind kind, std::uint64_t base) {
    const std::uint64_t end = tokenizer.token_end() - base;
    if (end > std::numeric_limits<std::uint32_t>::max()) {
        throw Error(ErrorCode::resource, "one JSON value is larger than 4 GiB");
    }
    const auto index = static_cast<Index>(m_nodes.size());
    Node node{};
    node.kind = kind;
    node.end = index + 1;
    node.raw_begin = static_cast<std::uint32_t>(tokenizer.token_begin() - base);
    node.raw_end = static_cast<std::uint32_t>(end);
    if (kind == NodeKind::object || kind == NodeKind::array) {
        m_open.push_back(index);
    } else {
        const std::string_view text = tokenizer.text();
        const bool quoted = kind == NodeKind::key || kind == NodeKind::string;
        node.text_size = static_cast<std::uint32_t>(text.size());
        node.text_begin = node.raw_begin + (quoted ? 1 : 0);
        // Every escape is longer than what it stands for, so equal lengths mean that there is none.
        if (quoted && node.raw_end - node.raw_begin != text.size() + 2) {
            node.in_arena = true;
            node.text_begin = static_cast<std::uint32_t>(m_arena.size());
            m_arena.append(text);
        }
        if (kind == NodeKind::key && tokenizer.duplicate_key()) {
            m_nodes[m_open.back()].has_duplicate_keys = true;
        }
    }
    m_nodes.push_back(node);
}

void Document::close(const Tokenizer& tokenizer, std::uint64_t base) {
    const std::uint64_t end = tokenizer.token_end() - base;
    if (end > std::numeric_limits<std::uint32_t>::max()) {
        throw Error(ErrorCode::resource, "one JSON value is larger than 4 GiB");
    }
    Node& node = m_nodes[m_open.back()];
    node.raw_end = static_cast<std::uint32_t>(end);
    node.end = static_cast<Index>(m_nodes.size());
    m_open.pop_back();
}

}  // namespace migrate::backends::json
