#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <migrate/error.hpp>

#include "backends/json/document.hpp"

namespace migrate::backends::json {

/// Takes RapidJSON's events for the nodes of a document. What it says of a value, and not what the tokenizer
/// said, is what the nodes then hold.
class Document::SecondParse {
  public:
    SecondParse(Document& document, const rapidjson::MemoryStream& stream)
        : m_document(document), m_stream(stream) {}

    bool Null() { return literal(NodeKind::null_literal); }
    bool Bool(bool value) { return literal(value ? NodeKind::true_literal : NodeKind::false_literal); }
    bool RawNumber(const char* /*text*/, rapidjson::SizeType size, bool /*copy*/) {
        Node& node = add(NodeKind::number);
        node.text_begin = node.raw_begin;
        node.text_size = size;
        return true;
    }
    bool String(const char* text, rapidjson::SizeType size, bool /*copy*/) {
        return quoted(NodeKind::string, {text, size});
    }
    bool Key(const char* text, rapidjson::SizeType size, bool /*copy*/) {
        return quoted(NodeKind::key, {text, size});
    }
    bool StartObject() { return open(NodeKind::object); }
    bool StartArray() { return open(NodeKind::array); }
    bool EndObject(rapidjson::SizeType /*members*/) {
        const Index object = m_document.m_open.back();
        close();
        m_document.m_nodes[object].has_duplicate_keys = repeats_a_key(object);
        return true;
    }
    bool EndArray(rapidjson::SizeType /*elements*/) {
        close();
        return true;
    }

    // Numbers come as they are spelled.
    bool Int(int /*value*/) { return false; }
    bool Uint(unsigned /*value*/) { return false; }
    bool Int64(std::int64_t /*value*/) { return false; }
    bool Uint64(std::uint64_t /*value*/) { return false; }
    bool Double(double /*value*/) { return false; }

  private:
    /// Where the next token begins: behind the one before, and what stands between tokens.
    std::size_t next_begin() const {
        const std::string_view raw = m_document.m_raw;
        return std::min(raw.find_first_not_of(" \t\r\n,:", m_end), raw.size());
    }

    Node& add(NodeKind kind) {
        const auto index = static_cast<Index>(m_document.m_nodes.size());
        Node& node = m_document.m_nodes.emplace_back();
        node.kind = kind;
        node.end = index + 1;
        node.raw_begin = static_cast<std::uint32_t>(next_begin());
        m_end = m_stream.Tell();
        node.raw_end = static_cast<std::uint32_t>(m_end);
        return node;
    }

    bool literal(NodeKind kind) {
        Node& node = add(kind);
        node.text_begin = node.raw_begin;
        return true;
    }

    bool quoted(NodeKind kind, std::string_view text) {
        Node& node = add(kind);
        node.in_arena = true;
        node.text_begin = static_cast<std::uint32_t>(m_document.m_arena.size());
        node.text_size = static_cast<std::uint32_t>(text.size());
        m_document.m_arena.append(text);
        return true;
    }

    // RapidJSON tells of a bracket before it takes it.
    bool open(NodeKind kind) {
        m_document.m_open.push_back(static_cast<Index>(m_document.m_nodes.size()));
        add(kind);
        ++m_end;
        return true;
    }

    void close() {
        m_end = m_stream.Tell() + 1;
        Node& node = m_document.m_nodes[m_document.m_open.back()];
        node.raw_end = static_cast<std::uint32_t>(m_end);
        node.end = static_cast<Index>(m_document.m_nodes.size());
        m_document.m_open.pop_back();
    }

    bool repeats_a_key(Index object) {
        m_keys.clear();
        const Document& document = m_document;
        for (Index key = object + 1; key != document.end(object); key = document.end(key + 1)) {
            m_keys.push_back(document.text(key));
        }
        std::sort(m_keys.begin(), m_keys.end());
        return std::adjacent_find(m_keys.begin(), m_keys.end()) != m_keys.end();
    }

    Document& m_document;
    const rapidjson::MemoryStream& m_stream;
    std::size_t m_end = 0;  ///< Of the last token.
    std::vector<std::string_view> m_keys;
};

void Document::read_again() {
    std::swap(m_nodes, m_first_nodes);
    std::swap(m_arena, m_first_arena);
    m_nodes.clear();
    m_open.clear();
    m_arena.clear();
    rapidjson::MemoryStream stream(m_raw.data(), m_raw.size());
    SecondParse handler(*this, stream);
    rapidjson::Reader reader;
    constexpr unsigned k_flags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag |
                                 rapidjson::kParseValidateEncodingFlag;
    const rapidjson::ParseResult result = reader.Parse<k_flags>(stream, handler);
    if (result.Code() == rapidjson::kParseErrorNumberTooBig) {
        // It makes a double of every number, and takes none past their range, however it is asked.
        std::swap(m_nodes, m_first_nodes);
        std::swap(m_arena, m_first_arena);
        m_open.clear();
    } else if (result.IsError()) {
        throw Error(ErrorCode::malformed, std::string("a second parser does not take a JSON value that the "
                                                      "first one took: ") +
                                              rapidjson::GetParseError_En(result.Code()));
    }
}

}  // namespace migrate::backends::json
