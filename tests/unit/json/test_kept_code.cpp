#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>

#include "backend/kept_code.hpp"
#include "backends/json/adoption.hpp"
#include "backends/json/manifest.hpp"
#include "unit/json/json_fixture.hpp"

using namespace migrate;
using namespace migrate::backends::json;
using namespace migrate::test;

namespace {

using Rows = std::vector<std::string>;

/// Of PostgreSQL: one table, and objects of every fate.
Schema with_objects() {
    Schema source;
    source.engine = "postgresql";
    source.tables = {make_table("t", {{"id", TypeKind::int64}})};
    source.objects = {{"view", {"", "v"}, "", "CREATE VIEW v AS SELECT 1", {{"owner", "o"}}, ""},
                      {"policy", {"", "p"}, "t", "CREATE POLICY p ON t", {}, ""},
                      {"comment", {"", "t"}, "t", "COMMENT ON TABLE t IS 'x'", {{"about_kind", "table"}}, ""},
                      {"cast", {"", "(a AS b)"}, "", "", {}, ""},
                      {"foreign table", {"", "f"}, "", "CREATE FOREIGN TABLE f", {}, "It is elsewhere."}};
    return source;
}

std::vector<std::string> said(const backend::Adoption& adoption, Severity severity) {
    std::vector<std::string> out;
    for (const Finding& finding : adoption.findings) {
        if (finding.severity == severity) {
            out.push_back(finding.object + ": " + finding.message);
        }
    }
    return out;
}

}  // namespace

TEST_CASE("json target: code that is asked for is kept as text, and what has no definition is listed",
          "[json][target][code]") {
    const Schema source = with_objects();
    const std::vector<std::string> never{
        "cast (a AS b): nothing of its definition is known that could be kept",
        "foreign table f: It is elsewhere."};
    backend::AdoptOptions options;

    const backend::Adoption plain = adopt(source, options);
    CHECK_FALSE(backend::keeps_code(plain.schema));
    CHECK(said(plain, Severity::left_out) == Rows{"view v: JSON holds rows and their description, no code",
                                                  "policy p: JSON holds rows and their description, no code",
                                                  never[0], never[1]});

    options.with_code = true;
    const backend::Adoption kept = adopt(source, options);
    CHECK(backend::keeps_code(kept.schema));
    CHECK(said(kept, Severity::left_out) == never);
    CHECK(said(kept, Severity::note) ==
          Rows{"policy, view: kept as text for the way back to postgresql; nothing in JSON runs or "
               "enforces it"});

    // A column comes before the functions that it would call.
    Schema generated = source;
    generated.objects.clear();
    generated.tables[0].columns[0].generated = GeneratedValue{"f(x)", true};
    CHECK(said(adopt(generated, options), Severity::left_out) == Rows{});
    generated.tables[0].columns[0].properties[backend::k_calls_code] = "yes";
    CHECK(said(adopt(generated, options), Severity::left_out).size() == 1);

    // Documents that go back to where they came from have no manifest.
    CHECK_FALSE(backend::keeps_code(adopt(source, options, false).schema));
    CHECK(said(adopt(source, options, false), Severity::left_out).size() == 4);

    options.skip_kinds = {"view", "policy"};
    const backend::Adoption skipped = adopt(source, options);
    CHECK(said(skipped, Severity::excluded) ==
          Rows{"view v: left out as asked", "policy p: left out as asked"});
    CHECK(said(skipped, Severity::note) == Rows{});
}

TEST_CASE("json target: what a record keeps is kept on, or listed by whoever keeps it no longer",
          "[json][target][code]") {
    auto record = std::make_shared<Schema>(with_objects());
    record->objects[0].properties[backend::k_kept] = "yes";
    Schema source;
    source.engine = "json";
    source.tables = record->tables;
    source.properties[backend::k_keeps_code] = "yes";
    source.origins = {record};
    backend::AdoptOptions options;
    const backend::Adoption without = adopt(source, options);
    CHECK_FALSE(backend::keeps_code(without.schema));
    CHECK(said(without, Severity::left_out) ==
          Rows{"view v: JSON holds rows and their description, no code"});
    options.with_code = true;
    const backend::Adoption with = adopt(source, options);
    CHECK(backend::keeps_code(with.schema));
    CHECK(said(with, Severity::left_out) == Rows{});
}

TEST_CASE("json target: a manifest says that its record keeps code, and is believed in nothing else",
          "[json][target][code][manifest]") {
    Manifest manifest;
    CHECK(render_manifest(manifest).find("keeps_code") == std::string::npos);
    manifest.keeps_code = true;
    manifest.provenance = "[{}]";
    CHECK(parse_manifest(render_manifest(manifest), "m").keeps_code);
    const auto refused = [](const std::string& members) {
        try {
            parse_manifest(R"({"format":"libmigrate-json","version":1)" + members + "}", "m");
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::malformed);
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK(refused(R"(,"keeps_code":false)").empty());
    CHECK(refused(R"(,"keeps_code":true,"provenance":[{}])").empty());
    CHECK_THAT(refused(R"(,"keeps_code":"yes","provenance":[{}])"),
               Catch::Contains("neither true nor false"));
    CHECK_THAT(refused(R"(,"keeps_code":1,"provenance":[{}])"), Catch::Contains("neither true nor false"));
    CHECK_THAT(refused(R"(,"keeps_code":true)"), Catch::Contains("\"provenance\", is missing"));
}
