#include <string>
#include <vector>

#include <rapidjson/document.h>

#include "backends/json/byte_source.hpp"
#include "backends/json/tokenizer.hpp"
#include "bench/micro/loops.hpp"
#include "bench/micro/sample.hpp"

/// JSON text to tokens.
namespace migrate::bench {
namespace {

using benchmark::State;

/// A text in memory, read again from the start as often as wanted.
class TextSource : public backends::json::ByteSource {
  public:
    explicit TextSource(const std::string& text) : m_text(text) {}
    std::size_t read(char* into, std::size_t capacity) override {
        const std::size_t size = m_text.copy(into, capacity, m_at);
        m_at += size;
        return size;
    }
    void rewind() { m_at = 0; }

  private:
    const std::string& m_text;
    std::size_t m_at = 0;
};

std::vector<std::string> numbers() {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < k_rows; ++i) {
        lines.push_back(R"({"id": )" + std::to_string(i) + R"(, "price": )" + std::to_string(i * 37) +
                        R"(.25, "points": [)" + std::to_string(i % 97) + ", -3, 1e3, 0.5], \"ok\": true}");
    }
    return lines;
}

std::vector<std::string> texts() {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < k_rows; ++i) {
        lines.push_back(
            R"({"name": "Ada Lovelace )" + std::to_string(i) +
            R"(", "note": "a line\nand \u00e9 \"quoted\"", "city": "München", "tags": {"a": null}})");
    }
    return lines;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text += line + "\n";
    }
    return text;
}

void tokenize(State& state, const std::vector<std::string>& lines) {
    using backends::json::Token;
    const std::string text = joined(lines);
    TextSource source(text);
    backends::json::TokenizerOptions options;
    options.sequence = true;
    backends::json::Tokenizer tokenizer(source, "bench", options);
    std::size_t bytes = 0;
    for (auto _ : state) {
        source.rewind();
        tokenizer.restart();
        for (Token token = tokenizer.next(); token != Token::end; token = tokenizer.next()) {
            bytes += tokenizer.text().size();
        }
        benchmark::DoNotOptimize(bytes);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * lines.size()));
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}

void parse_documents(State& state, const std::vector<std::string>& lines) {
    const std::string text = joined(lines);
    for (auto _ : state) {
        for (const std::string& line : lines) {
            rapidjson::Document document;
            document.Parse<rapidjson::kParseValidateEncodingFlag>(line.data(), line.size());
            benchmark::DoNotOptimize(document.MemberCount());
        }
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * lines.size()));
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}

}  // namespace

void add_json_loops() {
    add_pair(
        "JSON tokens/record of numbers", "a RapidJSON document a record",
        [](State& state) { tokenize(state, numbers()); },
        [](State& state) { parse_documents(state, numbers()); });
    add_pair(
        "JSON tokens/record of texts", "a RapidJSON document a record",
        [](State& state) { tokenize(state, texts()); },
        [](State& state) { parse_documents(state, texts()); });
}

}  // namespace migrate::bench
