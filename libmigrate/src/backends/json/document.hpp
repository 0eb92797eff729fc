#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backends/json/tokenizer.hpp"

namespace migrate::backends::json {

enum class NodeKind : std::uint8_t {
    object,
    array,
    key,
    string,
    number,
    true_literal,
    false_literal,
    null_literal
};

/// One JSON value with everything in it, flat: each node is followed by what it contains, an object by key
/// and value in turn. Texts are views of the tokenizer's buffer where they can be.
///
/// Iterating: for (i = first_child(n); i != end(n); i = end(i)) over an array; over an object i is a key, its
/// value is i + 1, and the next key is end(i + 1). Memory: 24 bytes a node beside the raw text. Reused from
/// one value to the next. Not thread-safe.
class Document {
  public:
    using Index = std::uint32_t;
    static constexpr Index k_root = 0;

    /// Reads one value whose first token has just been taken from the tokenizer; with
    /// TokenizerOptions::read_again by RapidJSON then.
    /// Throws: what the tokenizer throws; Error{resource} for a value of 4 GiB and more; Error{malformed}
    /// where RapidJSON does not take what the tokenizer took.
    void read(Tokenizer& tokenizer, Token first);

    NodeKind kind(Index node) const { return m_nodes[node].kind; }
    Index first_child(Index node) const { return node + 1; }
    /// One past everything in the node; for a key, its value.
    Index end(Index node) const { return m_nodes[node].end; }
    bool is_empty(Index node) const { return m_nodes[node].end == node + 1; }
    /// An object with two members of one name somewhere directly in it.
    bool has_duplicate_keys(Index node) const { return m_nodes[node].has_duplicate_keys; }

    /// A key, string (escapes resolved) or number (as spelled).
    /// Valid until: the tokenizer's next token, as all views of this class.
    std::string_view text(Index node) const {
        const Node& n = m_nodes[node];
        return {(n.in_arena ? m_arena.data() : m_raw.data()) + n.text_begin, n.text_size};
    }
    /// The value as it is spelled in the input.
    std::string_view raw(Index node) const {
        const Node& n = m_nodes[node];
        return m_raw.substr(n.raw_begin, n.raw_end - n.raw_begin);
    }

  private:
    struct Node {
        NodeKind kind;
        bool has_duplicate_keys;
        bool in_arena;
        Index end;
        std::uint32_t raw_begin;
        std::uint32_t raw_end;
        std::uint32_t text_begin;
        std::uint32_t text_size;
    };

    class SecondParse;

    void add(const Tokenizer& tokenizer, NodeKind kind, std::uint64_t base);
    void close(const Tokenizer& tokenizer, std::uint64_t base);

    /// Makes the nodes anew out of the value's own text, by RapidJSON; not where a number in it is past the
    /// range of a double, which RapidJSON does not take.
    void read_again();

    std::vector<Node> m_nodes;
    std::vector<Index> m_open;
    std::string m_arena;
    std::string_view m_raw;
    std::vector<Node> m_first_nodes;  // what the tokenizer said, where it was read again
    std::string m_first_arena;
};

}  // namespace migrate::backends::json
