#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "model/value_text.hpp"
#include "support/random.hpp"

using namespace migrate;

namespace {

std::string json_of(std::string_view literal, const LogicalType& element) {
    std::string out;
    return model::array_to_json(literal, element, out) ? out : "refused";
}

std::string literal_of(std::string_view json, const LogicalType& element) {
    std::string out;
    return model::array_from_json(json, element, out) ? out : "refused";
}

void check_pair(std::string_view literal, std::string_view json, const LogicalType& element) {
    CAPTURE(literal, json);
    CHECK(json_of(literal, element) == json);
    CHECK(literal_of(json, element) == literal);
}

}  // namespace

TEST_CASE("array: exact kinds are JSON numbers and booleans", "[value][array]") {
    check_pair("{1,-2,NULL}", "[1,-2,null]", TypeKind::int32);
    check_pair("{t,f}", "[true,false]", TypeKind::boolean);
    check_pair("{10.10,0.5,-3,NaN,Infinity}", R"([10.10,0.5,-3,"NaN","Infinity"])", TypeKind::decimal);
    check_pair("{9223372036854775807}", "[9223372036854775807]", TypeKind::int64);
    check_pair("{}", "[]", TypeKind::int32);
    check_pair("{NULL}", "[null]", TypeKind::text);
}

TEST_CASE("array: all other kinds are JSON strings, quoted in the literal where they must be",
          "[value][array]") {
    check_pair(R"({"a b","",NULL,"NULL","null","x\"y","a\\b","{","}","a,b",é,plain})",
               R"(["a b","",null,"NULL","null","x\"y","a\\b","{","}","a,b","é","plain"])", TypeKind::text);
    check_pair("{\"a\nb\",\"\t\",\"\v\",\x01}", "[\"a\\nb\",\"\\t\",\"\\u000b\",\"\\u0001\"]",
               TypeKind::text);
    check_pair("{1.5,1e+20,Infinity}", R"(["1.5","1e+20","Infinity"])", TypeKind::float64);
    check_pair(R"({"\\x00ff"})", R"(["\\x00ff"])", TypeKind::bytes);
    check_pair(R"({"2024-01-01 00:00:00"})", R"(["2024-01-01 00:00:00"])", TypeKind::timestamp);
}

TEST_CASE("array: dimensions and lower bounds are kept", "[value][array]") {
    check_pair("{{1,2},{3,NULL}}", "[[1,2],[3,null]]", TypeKind::int32);
    check_pair("{{{{{{1}}}}}}", "[[[[[[1]]]]]]", TypeKind::int32);
    check_pair("[0:1]={1,2}", R"({"lower":[0],"values":[1,2]})", TypeKind::int32);
    check_pair("[-1:0][2:3]={{1,2},{3,4}}", R"({"lower":[-1,2],"values":[[1,2],[3,4]]})", TypeKind::int32);
    LogicalType box(TypeKind::opaque);
    box.native_name = "box";
    check_pair("{(1,1),(0,0);(2,2),(1,1)}", R"j(["(1,1),(0,0)","(2,2),(1,1)"])j", box);
}

TEST_CASE("array: literals that array_out never gives are refused", "[value][array]") {
    for (const char* const literal : {"",
                                      "{",
                                      "}",
                                      "{1",
                                      "1,2",
                                      "{1,}",
                                      "{,1}",
                                      "{1 2}",
                                      "{ 1}",
                                      "{1}x",
                                      "{{1},{2,3}}",
                                      "{{1},2}",
                                      "{1,{2}}",
                                      "{{}}",
                                      "{{},{}}",
                                      "[1:2]={1,2}",
                                      "[0:2]={1,2}",
                                      "[0:1]={}",
                                      "[0:1]{1,2}",
                                      "[0:1][0:1]={1,2}",
                                      "{\"1\"",
                                      "{a}",
                                      "{1.5}",
                                      "{99999999999}",
                                      "{null}",
                                      "{{{{{{{1}}}}}}}"}) {
        CAPTURE(literal);
        CHECK(json_of(literal, TypeKind::int32) == "refused");
    }
    CHECK(json_of("{-0.0}", TypeKind::decimal) == "refused");
    CHECK(json_of("{\xFF}", TypeKind::text) == "refused");
}

TEST_CASE("array: JSON of another shape is refused", "[value][array]") {
    for (const char* const json : {"",
                                   "[",
                                   "[1",
                                   "[1,]",
                                   "[,1]",
                                   "1",
                                   "null",
                                   "{}",
                                   "[1]x",
                                   "[[1],[2,3]]",
                                   "[[1],2]",
                                   "[[]]",
                                   "[\"1\"]",
                                   "[true]",
                                   "[1.5]",
                                   "[01]",
                                   "[+1]",
                                   "[.5]",
                                   "[1e2]",
                                   "{\"lower\":[1],\"values\":[1]}",
                                   "{\"values\":[1],\"lower\":[0]}",
                                   "{\"lower\":[0,0],\"values\":[1]}",
                                   "{\"lower\":[],\"values\":[1]}",
                                   "{\"lower\":[0],\"values\":[]}",
                                   "{\"lower\":[2147483647],\"values\":[1,2]}"}) {
        CAPTURE(json);
        CHECK(literal_of(json, TypeKind::int32) == "refused");
    }
    for (const char* const json : {R"(["\u0000"])", R"(["\ud800"])", R"(["\udc00"])", R"(["\x"])",
                                   "[\"a\nb\"]", R"(["\u12"])", "[\"a]", "[\"\xFF\"]", "[1]"}) {
        CAPTURE(json);
        CHECK(literal_of(json, TypeKind::text) == "refused");
    }
    CHECK(literal_of(R"( [ "\ud83d\ude00" , "\u00e9\/" ] )", TypeKind::text) == "{😀,é/}");
    CHECK(literal_of("[1e3,1.50]", TypeKind::decimal) == "{1000,1.50}");
}

TEST_CASE("array: any strings come back", "[value][array][random]") {
    test::Random random;
    CAPTURE(random.seed());
    constexpr std::string_view alphabet = "ab,{}\"\\ \t\nNULLnull;:[]=/";
    for (int i = 0; i < 5'000; ++i) {
        std::string json = "[";
        for (std::int64_t n = random.between(1, 4); n > 0; --n) {
            std::string text;
            for (std::int64_t length = random.between(0, 6); length > 0; --length) {
                const char c = alphabet[static_cast<std::size_t>(
                    random.between(0, static_cast<std::int64_t>(alphabet.size()) - 1))];
                text += c == '"'    ? "\\\""
                        : c == '\\' ? "\\\\"
                        : c == '\t' ? "\\t"
                        : c == '\n' ? "\\n"
                                    : std::string(1, c);
            }
            json += (json.size() > 1 ? ",\"" : "\"") + text + "\"";
        }
        json += "]";
        CAPTURE(json);
        REQUIRE(json_of(literal_of(json, TypeKind::text), TypeKind::text) == json);
    }
}
