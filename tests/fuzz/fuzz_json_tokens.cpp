#include <string>
#include <vector>

#include "backends/json/document.hpp"
#include "backends/json/file_source.hpp"
#include "fuzz/fuzz_input.hpp"

using namespace migrate;
using namespace migrate::backends::json;

namespace {

/// The tokens of a text with all that is said of them, and whether it was taken.
struct Reading {
    std::string tokens;
    bool accepted = false;
    friend bool operator==(const Reading&, const Reading&) = default;
};

Reading read(std::string_view text, const TokenizerOptions& options) {
    ViewSource source(text);
    Tokenizer tokenizer(source, "input", options);
    Reading reading;
    reading.accepted = fuzz::accepts([&] {
        for (Token token = tokenizer.next(); token != Token::end; token = tokenizer.next()) {
            reading.tokens += static_cast<char>('a' + static_cast<int>(token));
            reading.tokens +=
                std::to_string(tokenizer.token_begin()) + ',' + std::to_string(tokenizer.token_end());
            if (token == Token::key || token == Token::string || token == Token::number) {
                reading.tokens += tokenizer.text();
            }
            reading.tokens += tokenizer.duplicate_key() ? "!" : ";";
        }
    });
    return reading;
}

// Every part of a document stands where it says, and is itself a document with the same nodes.
void check_document(std::string_view text, const TokenizerOptions& options) {
    ViewSource source(text);
    Tokenizer tokenizer(source, "input", options);
    fuzz::accepts([&] {
        Document document;
        for (Token token = tokenizer.next(); token != Token::end; token = tokenizer.next()) {
            const std::uint64_t begin = tokenizer.token_begin();
            document.read(tokenizer, token);
            const std::string_view raw = document.raw(Document::k_root);
            fuzz::require(text.substr(begin, raw.size()) == raw, "a document's text is that of the input");
            const Document::Index count = document.end(Document::k_root);
            for (Document::Index node = 0; node < count; ++node) {
                fuzz::require(document.end(node) <= count, "a node ends within its document");
                ViewSource part_source(document.raw(node));
                Tokenizer part(part_source, "part", options);
                Document again;
                again.read(part, part.next());
                fuzz::require(document.kind(node) == NodeKind::key || again.kind(0) == document.kind(node),
                              "a part is what it was in the whole");
                if (count > 64) {
                    break;
                }
            }
        }
    });
}

}  // namespace

// Two bytes of options, then a text: whatever the size of the blocks it comes in, it is read the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    TokenizerOptions options;
    const std::uint8_t flags = input.byte();
    options.refuse_duplicate_keys = (flags & 1U) != 0;
    options.sequence = (flags & 2U) != 0;
    options.max_depth = (flags & 4U) != 0 ? 8 : 256;
    const Reading whole = read(input.rest(), options);
    TokenizerOptions in_blocks = options;
    in_blocks.block_bytes = flags % 7U + 1U;
    fuzz::require(read(input.rest(), in_blocks) == whole, "the size of the blocks changes nothing");
    check_document(input.rest(), options);
    return 0;
}
