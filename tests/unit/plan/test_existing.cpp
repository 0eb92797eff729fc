#include <algorithm>
#include <string>

#include <catch2/catch.hpp>

#include "plan/existing.hpp"
#include "support/memory_backend.hpp"

namespace {

using namespace migrate;

Table table_named(const QualifiedName& name) {
    Table table;
    table.name = name;
    Column& column = table.columns.emplace_back();
    column.name = "id";
    column.type = TypeKind::int64;
    return table;
}

/// A target that has one table.
class TargetWithTable : public test::InMemoryTarget {
  public:
    explicit TargetWithTable(const Table& table)
        : InMemoryTarget(std::make_shared<test::InMemoryDatabase>()), m_table(table) {
        database().tables.emplace_back().table = table;
    }
    Schema existing_schema(const std::vector<QualifiedName>& /*names*/) override {
        Schema schema;
        schema.tables.push_back(m_table);
        return schema;
    }

  private:
    Table m_table;
};

Finding found(const std::string& code, const std::string& object,
              const std::optional<QualifiedName>& definition_of = std::nullopt,
              Severity severity = Severity::left_out) {
    return {severity, code, object, "what and why", "", 0, definition_of};
}

/// The codes that are left of findings about two tables, t, which is there, and u, which is new.
std::vector<std::string> left_of(const std::vector<Finding>& findings, ExistingTables handling) {
    const QualifiedName there{"public", "T"};
    TargetWithTable target(table_named(there));
    MigrationPlan plan;
    plan.options.on_existing = handling;
    plan.target.tables = {table_named({"public", "t"}), table_named({"public", "u"})};
    plan.findings = findings;
    Schema source;
    source.tables = {table_named({"", "t"}), table_named({"", "u"})};
    plan::settle_existing(target, source, plan);
    CHECK(plan.target.tables[0].name == there);
    std::vector<std::string> codes;
    for (const Finding& finding : plan.findings) {
        codes.push_back(finding.code);
    }
    std::erase(codes, "table-replaced");
    return codes;
}

const QualifiedName k_t{"public", "t"};
const QualifiedName k_u{"public", "u"};

}  // namespace

TEST_CASE("existing: what is found of the definition of a table that is not made is not said",
          "[plan][existing]") {
    const std::vector<Finding> findings{
        found("check-left-out", "table t, check c", k_t), found("foreign-key-left-out", "key k of t", k_t),
        found("renamed", "index i on t", k_t, Severity::note), found("of-u", "table u, check c", k_u)};
    CHECK(left_of(findings, ExistingTables::load) == std::vector<std::string>{"of-u"});
    CHECK(left_of(findings, ExistingTables::replace).size() == findings.size());
}

TEST_CASE("existing: what is lost besides a definition is said, whatever it is called", "[plan][existing]") {
    const std::vector<Finding> findings{
        found("column-left-out", "table t, column id"), found("definition-not-understood", "table t"),
        found("trigger-left-out", "trigger r on public.t"), found("index-invalid", "index i on public.t"),
        found("column-left-out", "table public.t, column id")};
    CHECK(left_of(findings, ExistingTables::load).size() == findings.size());
}

TEST_CASE("existing: a blocker stays where the table that is there is loaded", "[plan][existing]") {
    const std::vector<Finding> findings{found("name-reserved", "table t", k_t, Severity::blocker)};
    CHECK(left_of(findings, ExistingTables::load).size() == 1);
}
