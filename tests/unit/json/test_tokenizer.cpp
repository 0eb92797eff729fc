#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "backends/json/tokenizer.hpp"
#include "io/file.hpp"
#include "support/shared_data.hpp"
#include "unit/json/memory_source.hpp"

using namespace migrate::backends::json;
using migrate::test::MemorySource;

namespace {

const char* name_of(Token token) {
    static constexpr const char* k_names[] = {
        "{", "}", "[", "]", "key:", "str:", "num:", "true", "false", "null", "end"};
    return k_names[static_cast<std::size_t>(token)];
}

// Every token on one line, texts included.
std::string tokens_of(const std::string& text, TokenizerOptions options = {}, std::size_t piece = 1U << 20U) {
    MemorySource source(text, piece);
    options.block_bytes = std::min<std::size_t>(options.block_bytes, piece);
    Tokenizer tokenizer(source, "t.json", options);
    std::string out;
    for (;;) {
        const Token token = tokenizer.next();
        if (token == Token::end) {
            return out;
        }
        out += name_of(token);
        if (token == Token::key || token == Token::string || token == Token::number) {
            out += tokenizer.text();
        }
        out += ' ';
    }
}

std::string error_of(const std::string& text, TokenizerOptions options = {}) {
    try {
        tokens_of(text, options);
        return "accepted";
    } catch (const migrate::Error& error) {
        CHECK(error.code() == migrate::ErrorCode::malformed);
        return error.what();
    }
}

}  // namespace

TEST_CASE("json tokenizer: every token is delivered, however the bytes arrive", "[json][tokenizer]") {
    const std::string text =
        R"( {"a" : [1, -2.50e+3, true,false , null], "b\u00e9\n\ud83d\ude00":"x\"y", "c":{}, "d":[]} )";
    const std::string expected =
        "{ key:a [ num:1 num:-2.50e+3 true false null ] key:b\u00e9\n\U0001F600 str:x\"y key:c { } key:d [ ] "
        "} ";
    for (const std::size_t piece : {1, 2, 3, 7, 1000}) {
        CHECK(tokens_of(text, {}, piece) == expected);
    }
}

TEST_CASE("json tokenizer: numbers arrive as they are spelled", "[json][tokenizer]") {
    CHECK(tokens_of("[1e400,-0,1.50e3,9007199254740993]") ==
          "[ num:1e400 num:-0 num:1.50e3 num:9007199254740993 ] ");
    const std::string digits(4000, '7');
    CHECK(tokens_of(digits, {}, 13) == "num:" + digits + " ");
}

TEST_CASE("json tokenizer: an escaped NUL is a character of its string", "[json][tokenizer]") {
    CHECK(tokens_of(R"("a\u0000b")") == std::string("str:a\0b ", 8));
}

TEST_CASE("json tokenizer: an error names file, line and byte", "[json][tokenizer][bad-input]") {
    CHECK(error_of("{\n  \"a\": 1,\n  \"b\" 2\n}") ==
          "t.json, line 3, byte 18 of the file: expected ':' after a member's name, found '2'");
    CHECK(
        error_of("") ==
        "t.json, line 1, byte 0 of the file: there is no JSON value in it: it is empty or only white space");
    CHECK(error_of("[1,").find("found the end of the file (is it cut off?)") != std::string::npos);
    CHECK(error_of("\"abc").find("ends inside this string") != std::string::npos);
    CHECK(error_of("{} x").find("something follows the end of the value") != std::string::npos);
    CHECK(error_of("\"\xC0\xAF\"").find("not valid UTF-8") != std::string::npos);
    CHECK(error_of(R"("\uDC00")").find("low surrogate") != std::string::npos);
    CHECK(error_of(R"("\uD800x")").find("high surrogate") != std::string::npos);
}

TEST_CASE("json tokenizer: lines are counted over many blocks", "[json][tokenizer][bad-input]") {
    MemorySource source(std::string(5000, '\n') + "]", 64);
    TokenizerOptions options;
    options.block_bytes = 64;
    Tokenizer tokenizer(source, "t.json", options);
    CHECK_THROWS_WITH(tokenizer.next(), Catch::Contains("line 5001, byte 5000"));
}

TEST_CASE("json tokenizer: duplicate keys are refused, or reported where asked for", "[json][tokenizer]") {
    CHECK(error_of(R"({"a":1,"b":{"a":2},"\u0061":3})").find("two members of this name") !=
          std::string::npos);
    CHECK(tokens_of(R"([{"a":1},{"a":1}])") == "[ { key:a num:1 } { key:a num:1 } ] ");
    TokenizerOptions keep;
    keep.refuse_duplicate_keys = false;
    MemorySource source(R"({"a":1,"a":2})");
    Tokenizer tokenizer(source, "t.json", keep);
    std::vector<bool> duplicates;
    for (Token token = tokenizer.next(); token != Token::end; token = tokenizer.next()) {
        if (token == Token::key) {
            duplicates.push_back(tokenizer.duplicate_key());
        }
    }
    CHECK(duplicates == std::vector<bool>{false, true});
}

TEST_CASE("json tokenizer: one duplicate among many keys is found", "[json][tokenizer]") {
    std::string text = "{";
    for (int i = 0; i < 5000; ++i) {
        text += "\"k" + std::to_string(i) + "\":0,";
    }
    CHECK(error_of(text + "\"other\":0}") == "accepted");
    CHECK(error_of(text + "\"k17\":0}").find("two members") != std::string::npos);
}

TEST_CASE("json tokenizer: a duplicate is found whatever members the object before had",
          "[json][tokenizer]") {
    const std::vector<std::string> before{R"({"a":1,"b":2,"c":3})", R"({"a":1})", R"({})", R"({"b":1,"a":2})",
                                          R"({"a":{"a":1,"b":2},"b":{"a":1}})"};
    const std::vector<std::string> good{R"({"a":1,"b":2,"c":3,"d":4})", R"({"a":1,"c":2,"b":3})",
                                        R"({"c":1})", R"({"a":1,"b":{"a":1,"b":2}})"};
    const std::vector<std::string> bad{
        R"({"a":1,"a":2})",       R"({"a":1,"b":2,"a":3})",       R"({"b":1,"b":2})",
        R"({"a":1,"c":2,"a":3})", R"({"a":1,"b":2,"c":3,"c":4})", R"({"x":{"a":1,"b":2,"b":3}})"};
    for (const std::string& first : before) {
        for (const std::string& second : before) {
            const std::string start = "[" + first + "," + second + "," + first + ",";
            for (const std::string& object : good) {
                CAPTURE(start, object);
                CHECK(error_of(start + object + "]") == "accepted");
            }
            for (const std::string& object : bad) {
                CAPTURE(start, object);
                CHECK_THAT(error_of(start + object + "]"), Catch::Contains("two members of this name"));
            }
        }
    }
}

TEST_CASE("json tokenizer: duplicates are found in wide objects that follow wide ones", "[json][tokenizer]") {
    const auto wide = [](int members, int repeated) {
        std::string out = "{";
        for (int i = 0; i < members; ++i) {
            out += (i == 0 ? "\"k" : ",\"k") + std::to_string(i == members - 1 ? repeated : i) + "\":0";
        }
        return out + "}";
    };
    const int members = GENERATE(2, 15, 16, 17, 18, 127, 128, 129, 130, 400);
    const std::string start = "[" + wide(members, members - 1) + "," + wide(members, members - 1) + ",";
    CHECK(error_of(start + wide(members + 3, members + 2) + "]") == "accepted");
    for (const int repeated : {0, (members - 1) / 2, members - 2}) {
        CAPTURE(members, repeated);
        CHECK_THAT(error_of(start + wide(members, repeated) + "]"),
                   Catch::Contains("two members of this name"));
    }
}

TEST_CASE("json tokenizer: a text in memory is read as one that arrives in pieces", "[json][tokenizer]") {
    MemorySource nothing("");
    TokenizerOptions options;
    options.sequence = true;
    Tokenizer tokenizer(nothing, "t.json", options);
    const std::string text = "\xEF\xBB\xBF {\"a\":[1,\"\\u00e9\"]} 2";
    for (int round = 0; round < 2; ++round) {
        tokenizer.restart(text);
        CHECK(tokenizer.next() == Token::begin_object);
        CHECK(tokenizer.has_byte_order_mark());
        CHECK(tokenizer.next() == Token::key);
        CHECK(tokenizer.next() == Token::begin_array);
        CHECK(tokenizer.next() == Token::number);
        CHECK(tokenizer.next() == Token::string);
        CHECK(tokenizer.text() == "\xC3\xA9");
        CHECK(tokenizer.next() == Token::end_array);
        CHECK(tokenizer.next() == Token::end_object);
        CHECK(tokenizer.next() == Token::number);
        CHECK(tokenizer.text() == "2");
        CHECK(tokenizer.next() == Token::end);
    }
    tokenizer.restart("[1,\n2");
    tokenizer.set_origin({7, 100});
    CHECK(tokenizer.next() == Token::begin_array);
    CHECK(tokenizer.next() == Token::number);
    CHECK(tokenizer.next() == Token::number);
    CHECK_THROWS_WITH(tokenizer.next(), Catch::Contains("line 8, byte 105"));
}

TEST_CASE("json tokenizer: the nesting limit is exact and settable", "[json][tokenizer]") {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    CHECK(error_of(nested(256)) == "accepted");
    CHECK(error_of(nested(257)).find("more than 256 deep") != std::string::npos);
    TokenizerOptions options;
    options.max_depth = 1'000'000;
    CHECK(error_of(nested(1'000'000), options) == "accepted");
}

TEST_CASE("json tokenizer: a byte order mark is passed over and remembered", "[json][tokenizer]") {
    MemorySource source("\xEF\xBB\xBF{}");
    Tokenizer tokenizer(source, "t.json");
    CHECK(tokenizer.next() == Token::begin_object);
    CHECK(tokenizer.has_byte_order_mark());
    CHECK(error_of("{}\xEF\xBB\xBF").find("something follows") != std::string::npos);
}

TEST_CASE("json tokenizer: a sequence holds any number of values", "[json][tokenizer]") {
    TokenizerOptions sequence;
    sequence.sequence = true;
    CHECK(tokens_of("{\"a\":1}\n[2]\r\n3 {\"a\":4}", sequence) ==
          "{ key:a num:1 } [ num:2 ] num:3 { key:a num:4 } ");
    CHECK(tokens_of("  \n", sequence).empty());
    CHECK(error_of("12true", sequence).find("expected white space") != std::string::npos);
}

TEST_CASE("json tokenizer: the raw text of a value is kept as it is spelled", "[json][tokenizer]") {
    for (const std::size_t piece : {1, 5, 1000}) {
        MemorySource source(R"({"a": {"x" : [1.50e3 , "\u0041"]} , "b":2})", piece);
        TokenizerOptions options;
        options.block_bytes = piece;
        Tokenizer tokenizer(source, "t.json", options);
        tokenizer.next();
        tokenizer.next();
        CHECK(tokenizer.next() == Token::begin_object);
        tokenizer.begin_raw();
        while (tokenizer.depth() > 1) {
            tokenizer.next();
        }
        CHECK(tokenizer.raw() == R"({"x" : [1.50e3 , "\u0041"]})");
        tokenizer.end_raw();
        CHECK(tokenizer.next() == Token::key);
        CHECK(tokenizer.text() == "b");
    }
}

TEST_CASE("json tokenizer: JSONTestSuite is decided as it should be", "[json][tokenizer][shared-data]") {
    const auto directory = migrate::test::shared_data("json/JSONTestSuite/test_parsing");
    if (!directory) {
        return;
    }
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(*directory)) {
        const std::string name = entry.path().filename().string();
        const std::string text = migrate::io::read_whole(entry.path().string(), 1U << 20U);
        TokenizerOptions options;
        options.max_depth = 1000;
        options.refuse_duplicate_keys = false;
        for (const std::size_t piece : {1, 7, 1 << 20}) {
            bool accepted = true;
            try {
                tokens_of(text, options, piece);
            } catch (const migrate::Error&) {
                accepted = false;
            }
            INFO(name << " in pieces of " << piece);
            CHECK((name[0] == 'i' || accepted == (name[0] == 'y')));
        }
        ++files;
    }
    CHECK(files == 318);
}
