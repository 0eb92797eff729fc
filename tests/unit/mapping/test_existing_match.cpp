#include <catch2/catch.hpp>

#include "mapping/conversion.hpp"
#include "mapping/existing_match.hpp"
#include "mapping/jsonb_text.hpp"

namespace {

using namespace migrate;

Column column(const std::string& name, const LogicalType& type = TypeKind::text) {
    Column out;
    out.name = name;
    out.type = type;
    return out;
}

std::string normal(const std::string& json) {
    std::string out;
    return mapping::append_jsonb_text(json, out) ? out : "(none)";
}

}  // namespace

TEST_CASE("existing match: names match exactly, then by case, then by words, and never by guessing",
          "[mapping][existing]") {
    const std::vector<QualifiedName> names{{"", "Users"}, {"", "users"}, {"", "order_items"}, {"", "Plain"}};
    CHECK(mapping::match_name(names, {"", "users"}) == 1U);
    CHECK(mapping::match_name(names, {"", "USERS"}) == std::nullopt);
    CHECK(mapping::match_name(names, {"", "orderItems"}) == 2U);
    CHECK(mapping::match_name(names, {"", "plain"}) == 3U);
    CHECK(mapping::match_name(names, {"s", "plain"}) == std::nullopt);
}

TEST_CASE("existing match: what is replaced differs from its counterpart in the case of letters at most",
          "[mapping][existing]") {
    const std::vector<QualifiedName> names{{"", "users"}, {"", "Plain"}};
    CHECK(mapping::match_name(names, {"", "user_s"}) == 0U);
    CHECK(mapping::match_name(names, {"", "user_s"}, mapping::NameMatch::letters) == std::nullopt);
    CHECK(mapping::match_name(names, {"", "PLAIN"}, mapping::NameMatch::letters) == 1U);
}

TEST_CASE("existing match: values for a column that the target computes are not given up unasked",
          "[mapping][existing]") {
    Table source;
    source.name = {"", "t"};
    source.columns = {column("a"), column("b"), column("c"), column("d")};
    source.columns[2].generated = GeneratedValue{"upper(a)", true};
    Table existing = source;
    existing.columns[1].generated = GeneratedValue{"lower(a)", true};
    existing.columns[3].generated = GeneratedValue{"trim(a)", true};
    Table adopted = source;
    std::vector<Finding> findings;
    mapping::load_into(source, existing, {"t.d"}, adopted, findings);
    REQUIRE(findings.size() == 2);
    CHECK(findings[0].code == "column-computed-by-target");
    CHECK(findings[0].severity == Severity::blocker);
    CHECK(findings[0].object == "table t, column b");
    CHECK(findings[0].next_step.find("--ignore-column t.b") != std::string::npos);
    CHECK(findings[1].code == "column-ignored");
}

TEST_CASE("existing match: columns without a place are blockers, those without a source take defaults",
          "[mapping][existing]") {
    Table source;
    source.name = {"", "t"};
    source.columns = {column("id", TypeKind::int64), column("extra"), column("old")};
    Table existing;
    existing.name = {"public", "T"};
    existing.columns = {column("Id", TypeKind::int32), column("filled"), column("must")};
    existing.columns[1].default_sql = "1";
    existing.columns[2].nullable = false;
    Table adopted = source;
    std::vector<Finding> findings;
    mapping::load_into(source, existing, {"t.old"}, adopted, findings);
    CHECK(adopted.placement == Placement::load);
    CHECK(adopted.name == existing.name);
    CHECK(adopted.columns[0].name == "Id");
    CHECK(adopted.columns[0].type == LogicalType(TypeKind::int32));
    CHECK(adopted.columns[1].hidden);
    CHECK(adopted.columns[2].hidden);
    std::vector<std::string> codes;
    codes.reserve(findings.size());
    for (const Finding& finding : findings) {
        codes.push_back(finding.code + " " + std::string(to_string(finding.severity)));
    }
    CHECK(codes == std::vector<std::string>{"column-without-target blocker", "column-ignored excluded",
                                            "column-takes-default note", "column-without-source blocker"});
}

TEST_CASE("casts: a value is said exactly in the target's type, or is a reject", "[mapping][existing]") {
    const auto cast = [](const std::string& text, const LogicalType& to) {
        RowBatch batch;
        batch.reset({TypeKind::text});
        batch.columns[0].append_bytes(text);
        mapping::Transform({TypeKind::text}, {to}, {"c"}).apply(batch);
        return batch.rejects.empty();
    };
    CHECK(cast("yes", TypeKind::boolean));
    CHECK_FALSE(cast("perhaps", TypeKind::boolean));
    CHECK(cast("2024-02-29", TypeKind::date));
    CHECK_FALSE(cast("2023-02-29", TypeKind::date));
    CHECK(cast("10.10", LogicalType::decimal(4, 2)));
    CHECK_FALSE(cast("10.105", LogicalType::decimal(4, 2)));
    CHECK_FALSE(cast("{", TypeKind::jsonb));
}

TEST_CASE("casts: a decimal that a narrower one would round is a reject", "[mapping][existing]") {
    RowBatch batch;
    batch.reset({TypeKind::text});
    batch.columns[0].append_bytes("1.005");
    batch.columns[0].append_bytes("1.5");
    mapping::Transform({TypeKind::text}, {TypeKind::decimal}, {"c"}).apply(batch);
    mapping::Transform({TypeKind::decimal}, {LogicalType::decimal(6, 2)}, {"c"}).apply(batch);
    CHECK(batch.rejects.size() == 1);
    CHECK(batch.row_count() == 1);
}

TEST_CASE("jsonb text: is what PostgreSQL prints", "[mapping][existing]") {
    CHECK(normal(R"( {"bb":1,"a":[1.50,1e2,-0.0,{}]} )") == R"({"a": [1.50, 100, 0.0, {}], "bb": 1})");
    CHECK(normal(R"({"a":1,"a":1})") == "(none)");
    CHECK(normal(R"([1.50,1e2,-0,12E-1,true,null,"\u00e9\/\u0001"])") ==
          "[1.50, 100, 0, 1.2, true, null, \"\xC3\xA9/\\u0001\"]");
    CHECK(normal("\"\\ud83d\\ude00\"") == "\"\xF0\x9F\x98\x80\"");
    for (const char* bad : {"", "{", "[1,]", "01", "\"\\u0000\"", "\"\\ud800\"", "{\"a\" 1}", "nul", "1 2"}) {
        INFO(bad);
        CHECK(normal(bad) == "(none)");
    }
}
