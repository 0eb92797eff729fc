#include <string>

#include <catch2/catch.hpp>

#include "support/random.hpp"
#include "util/base64.hpp"
#include "util/hash.hpp"
#include "util/hex.hpp"
#include "util/json_string.hpp"
#include "util/percent.hpp"
#include "util/utf8.hpp"

using namespace migrate;
using namespace std::string_literals;

namespace {

std::string base64(std::string_view bytes) {
    std::string out;
    util::append_base64(bytes, out);
    return out;
}

std::string unbase64(std::string_view text) {
    std::string out;
    return util::read_base64(text, out) ? out : "refused";
}

}  // namespace

TEST_CASE("base64: RFC 4648's examples, and one text for each value", "[util]") {
    CHECK(base64("") == "");
    CHECK(base64("f") == "Zg==");
    CHECK(base64("fo") == "Zm8=");
    CHECK(base64("foo") == "Zm9v");
    CHECK(base64("foobar") == "Zm9vYmFy");
    CHECK(base64("\xfb\xff\xfe") == "+//+");
    for (const char* const text : {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm9v\n", "Zm-_",
                                   "====", "=Zg=", "Zg==Zg==", "Zm9v Zm9", "Z\xC3\xA9g"}) {
        CAPTURE(text);
        CHECK(unbase64(text) == "refused");
    }
    test::Random random;
    CAPTURE(random.seed());
    for (int i = 0; i < 2'000; ++i) {
        const std::string bytes = random.bytes(random.between(0, 50));
        REQUIRE(unbase64(base64(bytes)) == bytes);
    }
}

TEST_CASE("hex: both cases are read, odd lengths are not", "[util]") {
    std::string out;
    CHECK(util::read_hex("00fF", out));
    CHECK(out == "\0\xFF"s);
    CHECK(util::to_hex(out) == "00ff");
    CHECK_FALSE(util::read_hex("0", out));
    CHECK_FALSE(util::read_hex("0g", out));
}

TEST_CASE("percent: any bytes come back", "[util]") {
    CHECK(util::percent_encode("a/b c%é~") == "a%2Fb%20c%25%C3%A9~");
    CHECK(util::percent_encode("a/b", "/") == "a/b");
    CHECK(util::percent_decode("a%2fb+") == "a/b+");
    CHECK_FALSE(util::percent_decode("%"));
    CHECK_FALSE(util::percent_decode("%2"));
    CHECK_FALSE(util::percent_decode("%zz"));
    test::Random random;
    CAPTURE(random.seed());
    const std::string bytes = random.bytes(500);
    CHECK(util::percent_decode(util::percent_encode(bytes)) == bytes);
}

TEST_CASE("utf8: well-formed sequences at their limits, and nothing else", "[util]") {
    for (const char* const good :
         {"", "a", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
          "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "eight by\xC3\xA9 eight bytes and more"}) {
        CAPTURE(good);
        CHECK(util::is_valid_utf8(good));
    }
    for (const char* const bad :
         {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x7F", "\xE0\x9F\xBF", "\xED\xA0\x80",
          "\xED\xBF\xBF", "\xE2\x82", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF",
          "\xF0\x9F\x98", "12345678\xFF", "1234567\xC3"}) {
        CAPTURE(bad);
        CHECK_FALSE(util::is_valid_utf8(bad));
    }
    CHECK(util::find_invalid_utf8("12345678é\xFF") == 10);
    CHECK(util::count_utf8("aé😀") == 3);
    for (std::uint32_t code = 0; code <= 0x10FFFF; code += code >= 0xD7FF && code < 0xE000 ? 0x801 : 1) {
        std::string text;
        util::append_utf8(code, text);
        const auto back = util::decode_utf8(text);
        if (back.code != code || back.size != text.size()) {
            CAPTURE(code);
            FAIL("a character does not come back");
        }
    }
}

TEST_CASE("json string: what must be escaped is, all else stays", "[util]") {
    std::string out;
    util::append_json_string("a\"b\\c/\b\f\n\r\t\x01\x1f\x7f\xC3\xA9\0"s, out);
    CHECK(out == R"("a\"b\\c/\b\f\n\r\t\u0001\u001f)"
                 "\x7f\xC3\xA9\\u0000\"");
}

TEST_CASE("hash: known answers", "[util]") {
    CHECK(util::sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    util::Sha256 parts;
    parts.update("a");
    parts.update("bc");
    CHECK(parts.finish_hex() == util::sha256_hex("abc"));
    CHECK(util::hash128_hex("abc") == "06b05ab6733a618578af5f94892f3950");
}
