#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "backends/json/document.hpp"
#include "support/random.hpp"
#include "unit/json/memory_source.hpp"

/// What RapidJSON says of a value is what the tokenizer says.
namespace migrate::backends::json {
namespace {

std::string nodes_of(const std::string& text, bool read_again) {
    test::MemorySource source(text);
    TokenizerOptions options;
    options.read_again = read_again;
    options.refuse_duplicate_keys = false;
    Tokenizer tokenizer(source, "t.json", options);
    Document document;
    document.read(tokenizer, tokenizer.next());
    std::string out;
    for (Document::Index node = 0; node != document.end(Document::k_root); ++node) {
        const NodeKind kind = document.kind(node);
        const bool has_text = kind == NodeKind::key || kind == NodeKind::string || kind == NodeKind::number;
        out += std::to_string(static_cast<int>(kind)) + " to " + std::to_string(document.end(node)) +
               " raw " + std::string(document.raw(node)) + " text " +
               (has_text ? std::string(document.text(node)) : "");
        out += kind == NodeKind::object && document.has_duplicate_keys(node) ? " twice\n" : "\n";
    }
    return out;
}

void append_blanks(test::Random& random, std::string& out) {
    constexpr std::string_view k_blanks = " \t\r\n";
    while (random.chance(30)) {
        out += random.pick(k_blanks);
    }
}

void append_string(test::Random& random, std::string& out) {
    static const std::string k_parts[] = {"a",    "é",       "\U0001F600", "\\n",     "\\\\",
                                          "\\\"", "\\u0000", "\\/",        "\\u00e9", "\\ud83d\\ude00",
                                          "b c",  ",",       ":",          "}"};
    out += '"';
    for (std::int64_t i = random.between(0, 4); i > 0; --i) {
        out += random.pick(k_parts);
    }
    out += '"';
}

void append_value(test::Random& random, int depth, std::string& out) {
    static const std::string k_scalars[] = {"null", "true",     "false", "0",
                                            "-0",   "-1.50e+3", "1E-5",  "123456789012345678901234567890",
                                            "0.1",  "1e308"};
    append_blanks(random, out);
    const std::int64_t what = random.between(0, depth > 0 ? 4 : 1);
    if (what == 0) {
        out += random.pick(k_scalars);
    } else if (what == 1) {
        append_string(random, out);
    } else {
        const bool is_object = what > 2;
        out += is_object ? '{' : '[';
        for (std::int64_t i = 0, size = random.between(0, 3); i < size; ++i) {
            out += i == 0 ? "" : ",";
            append_blanks(random, out);
            if (is_object) {
                append_string(random, out);
                append_blanks(random, out);
                out += ':';
            }
            append_value(random, depth - 1, out);
        }
        append_blanks(random, out);
        out += is_object ? '}' : ']';
    }
    append_blanks(random, out);
}

}  // namespace

TEST_CASE("json documents: a second parser gives the same nodes", "[json][forensic][random]") {
    test::Random random;
    CAPTURE(random.seed());
    for (int i = 0; i < 3000; ++i) {
        std::string text;
        append_value(random, 4, text);
        CAPTURE(text);
        REQUIRE(nodes_of(text, true) == nodes_of(text, false));
    }
}

TEST_CASE("json documents: what the second parser cannot hold is taken from the first", "[json][forensic]") {
    const std::string digits(400, '7');
    for (const std::string& text : {std::string("{\"a\":1e400,\"b\":\"x\"}"), "[" + digits + "]",
                                    std::string("{\"a\":1,\"a\":[{\"b\":1,\"b\":1}]}")}) {
        CAPTURE(text);
        CHECK(nodes_of(text, true) == nodes_of(text, false));
    }
    std::string deep(5000, '[');
    deep.append(5000, ']');
    test::MemorySource source(deep);
    TokenizerOptions options;
    options.read_again = true;
    options.max_depth = 10'000;
    Tokenizer tokenizer(source, "t.json", options);
    Document document;
    document.read(tokenizer, tokenizer.next());
    CHECK(document.end(Document::k_root) == 5000);
}

}  // namespace migrate::backends::json
