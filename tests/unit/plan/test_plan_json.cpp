#include <memory>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>
#include <migrate/migration_plan.hpp>

#include "plan/planner.hpp"
#include "support/memory_backend.hpp"

namespace {

using namespace migrate;

MigrationPlan sample_plan(const PlanOptions& options = {}) {
    auto database = std::make_shared<test::InMemoryDatabase>();
    test::InMemoryTable& table = database->tables.emplace_back();
    table.table.name = {"s", "line\nbreak"};
    Column& column = table.table.columns.emplace_back();
    column.name = "total";
    column.type = LogicalType::decimal(10, 2);
    column.nullable = false;
    column.default_sql = "0";
    column.why = "fits (10,2)";
    column.identity = IdentityValue{};
    column.identity->next = 9223372036854775807;
    table.table.primary_key = Key{"pk", {"total"}, {}, false, false, "", ""};
    table.rows.reset({TypeKind::decimal});
    test::InMemorySource source(database);
    test::InMemoryTarget target(std::make_shared<test::InMemoryDatabase>());
    const backend::Capabilities can;
    return plan::make_plan({{"memory", "a", {}, {}}, {"memory", "b", {}, {}}, source, target, can}, options,
                           "0123456789ab", "2024-01-01T00:00:00Z");
}

}  // namespace

TEST_CASE("plan: what is saved is what is read back", "[plan]") {
    const MigrationPlan plan = sample_plan();
    const std::string json = render_json(plan);
    const MigrationPlan read = parse_plan(json);
    CHECK(render_json(read) == json);
    CHECK(read.source.tables[0].columns == plan.source.tables[0].columns);
    CHECK(plan::same_mapping(plan, read));
}

TEST_CASE("plan: trimmed decimals, and whose definition a finding is about, are saved", "[plan]") {
    MigrationPlan plan = sample_plan();
    LogicalType trimmed(TypeKind::decimal);
    trimmed.trimmed = true;
    LogicalType list(TypeKind::array);
    list.element = std::make_shared<const LogicalType>(trimmed);
    plan.target.tables[0].columns[0].type = trimmed;
    plan.tables[0].columns[0].compare = list;
    plan.findings.push_back({Severity::left_out, "check-left-out", "table t, check c", "no equal", "", 1});
    plan.findings.push_back(
        {Severity::note, "renamed", "index i", "is named j", "", 0, QualifiedName{"s", "t"}});
    const MigrationPlan read = parse_plan(render_json(plan));
    CHECK(read.target.tables[0].columns[0].type == trimmed);
    CHECK_FALSE(read.source.tables[0].columns[0].type.trimmed);
    CHECK(read.tables[0].columns[0].compare == list);
    REQUIRE(read.findings.size() == plan.findings.size());
    CHECK(read.findings.back().definition_of == QualifiedName{"s", "t"});
    CHECK_FALSE(read.findings[read.findings.size() - 2].definition_of);
}

TEST_CASE("plan: another type, name or key is another mapping", "[plan]") {
    const MigrationPlan plan = sample_plan();
    MigrationPlan other = plan;
    SECTION("type") {
        other.target.tables[0].columns[0].type = TypeKind::text;
    }
    SECTION("zeros that are not kept") {
        other.target.tables[0].columns[0].type = TypeKind::decimal;
        MigrationPlan trimmed = other;
        trimmed.target.tables[0].columns[0].type.trimmed = true;
        CHECK_FALSE(plan::same_mapping(other, trimmed));
    }
    SECTION("format at the source") {
        other.source.tables[0].columns[0].format = "epoch_s";
    }
    SECTION("name") {
        other.target.tables[0].name.name = "x";
    }
    SECTION("key") {
        other.target.tables[0].primary_key.reset();
    }
    CHECK_FALSE(plan::same_mapping(plan, other));
}

TEST_CASE("plan: a saved plan that does not fit together is refused", "[plan]") {
    std::string json = render_json(sample_plan());
    SECTION("no plan at all") {
        json = R"({"a":1})";
    }
    SECTION("not JSON") {
        json = "plan";
    }
    SECTION("a later format") {
        json.replace(json.find("\"plan_version\":1"), 16, "\"plan_version\":2");
    }
    SECTION("an index out of range") {
        json.replace(json.find("\"source\":0"), 10, "\"source\":7");
    }
    SECTION("an id that is none") {
        json.replace(json.find("0123456789ab"), 12, "../../../abc");
    }
    CHECK_THROWS_AS(parse_plan(json), Error);
}

TEST_CASE("plan: names with control characters are shown escaped", "[plan]") {
    const std::string text = render_text(sample_plan());
    CHECK(text.find("line\nbreak") == std::string::npos);
    CHECK(text.find("line\\nbreak") != std::string::npos);
    CHECK(text.find("fits (10,2)") != std::string::npos);
}

TEST_CASE("plan: a selection that hits nothing is an error, one that hits is told", "[plan]") {
    PlanOptions options;
    options.tables = {"nothing*"};
    CHECK_THROWS_AS(sample_plan(options), Error);
    options.tables.clear();
    options.exclude = {"line*"};
    const MigrationPlan plan = sample_plan(options);
    CHECK(plan.tables.empty());
    REQUIRE(plan.findings.size() == 1);
    CHECK(plan.findings[0].severity == Severity::excluded);
    CHECK(plan.exit_code() == 0);
}

TEST_CASE("plan: it remembers how backups are made, and one from before them is still read",
          "[plan][backup]") {
    PlanOptions options;
    options.target_backup = BackupPolicy::always;
    options.backup_key.passphrase_file = "/secrets/phrase";
    options.keep_backups = 7;
    std::string json = render_json(sample_plan(options));
    const PlanOptions again = parse_plan(json).options;
    CHECK(again.target_backup == BackupPolicy::always);
    CHECK(again.backup_key.passphrase_file == "/secrets/phrase");
    CHECK(again.backup_key.key_file.empty());
    CHECK(again.keep_backups == 7);

    const std::size_t seal = json.find(",\n \"checksum\"");
    REQUIRE(seal != std::string::npos);
    json.erase(seal, json.rfind('}') - seal);
    for (const std::string field :
         {"\"target_backup\":\"always\",", "\"backup_passphrase_file\":\"/secrets/phrase\",",
          "\"keep_backups\":7,"}) {
        REQUIRE(json.find(field) != std::string::npos);
        json.erase(json.find(field), field.size());
    }
    const PlanOptions old = parse_plan(json).options;
    CHECK(old.target_backup == BackupPolicy::automatic);
    CHECK_FALSE(old.backup_key.given());
    CHECK(old.keep_backups == 0);
}
