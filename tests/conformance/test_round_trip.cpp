#include <memory>
#include <string>

#include <catch2/catch.hpp>

#include "conformance/engine.hpp"
#include "conformance/sample_rows.hpp"
#include "copy/loader.hpp"
#include "mapping/names.hpp"
#include "plan/planner.hpp"
#include "plan/provenance.hpp"
#include "verify/compare.hpp"

namespace {

using namespace migrate;
using test::InMemoryDatabase;
using test::InMemorySource;
using test::Place;

MigrationPlan plan_between(backend::Source& from, backend::Target& to, const Endpoint& endpoint,
                           const backend::Capabilities& can, const std::string& id = "0123456789ab") {
    return plan::make_plan({{}, endpoint, from, to, can}, {}, id, "2024-01-01T00:00:00Z");
}

/// Loads everything of a source into a target and shows it; gives what the loader says of each table.
std::vector<copy::LoadedTable> migrate_all(backend::Source& from, backend::Target& to,
                                           const MigrationPlan& plan, unsigned writers) {
    const auto target_plan = plan::target_plan_of(plan, "owner");
    to.lock(plan.id);
    to.begin(target_plan);
    auto loaded = copy::load(
        {from, to, plan, copy::list_chunks(from, plan), "owner", 1, 1, writers, 1U << 20U, {}, {}, {}});
    for (const backend::BuildStep& step : to.build_steps()) {
        CHECK(to.build(step).findings.empty());
    }
    return loaded;
}

void check_no_loss(const MigrationPlan& plan) {
    for (const Finding& finding : plan.findings) {
        INFO(finding.object << ": " << finding.message);
        CHECK(finding.severity < Severity::excluded);
    }
}

/// Every row of every table is the same on both sides, by the types of `a`.
void check_equal(backend::Source& a, const Schema& schema_a, backend::Source& b, const Schema& schema_b,
                 const backend::Capabilities& can, const std::string& engine) {
    mapping::NameRules rules;
    rules.schemas = can.schemas;
    rules.fold_case = can.case_insensitive_names;
    rules.engine = engine;
    const auto named = mapping::name_for_target(schema_a, rules);
    const auto mapped = mapping::map_schema({}, schema_a);
    const auto pairing = verify::pair_tables(schema_a, mapped, named.schema, schema_b);
    CHECK(pairing.only_a.empty());
    CHECK(pairing.only_b.empty());
    const auto report = verify::compare(a, b, pairing, {});
    for (const TableComparison& table : report.tables) {
        INFO(table.source << ": " << table.note);
        CHECK(table.equal);
    }
}

}  // namespace

TEST_CASE("conformance: every value of every logical type comes back from an engine as it was",
          "[conformance]") {
    for (const std::string& engine : test::engines()) {
        SECTION(engine) {
            const auto place = Place::make(engine);
            if (!place) {
                return;
            }
            const auto database = test::sample_database(test::every_type());
            InMemorySource memory(database);
            const backend::Capabilities& can = place->backend().capabilities();
            {
                const auto target = place->target();
                const MigrationPlan plan = plan_between(memory, *target, place->endpoint(), can);
                check_no_loss(plan);
                migrate_all(memory, *target, plan, can.parallel_writers ? 2 : 1);
                CHECK(target->cutover({}).empty());
            }
            const auto back = place->source();
            back->pin_snapshot(1);
            const auto reading = plan::read_source(*back, {});
            for (const Finding& finding : reading.findings) {
                INFO(finding.object << ": " << finding.message);
                CHECK(finding.severity < Severity::left_out);
            }
            const Schema schema = memory.read_schema({}).schema;
            for (const Table& table : reading.schema.tables) {
                const auto* original = schema.find_table({{}, table.name.name});
                REQUIRE(original != nullptr);
                for (std::size_t c = 0; c < table.columns.size(); ++c) {
                    INFO(table.name.display() << "." << table.columns[c].name);
                    // Ranges are of types that only the engine they come from can name; elsewhere they are
                    // text.
                    if (original->columns[c].type.kind != TypeKind::range) {
                        CHECK(to_string(table.columns[c].type.kind) ==
                              to_string(original->columns[c].type.kind));
                    }
                }
            }
            check_equal(memory, schema, *back, reading.schema, can, engine);
        }
    }
}

TEST_CASE("conformance: what was written goes on to every other engine unchanged", "[conformance]") {
    const auto database = test::sample_database(test::every_type());
    for (const std::string& first : test::engines()) {
        for (const std::string& second : test::engines()) {
            SECTION(first + " to " + second) {
                const auto a = Place::make(first);
                const auto b = Place::make(second);
                if (!a || !b) {
                    return;
                }
                InMemorySource memory(database);
                {
                    const auto target = a->target();
                    const auto plan =
                        plan_between(memory, *target, a->endpoint(), a->backend().capabilities());
                    migrate_all(memory, *target, plan, 1);
                    target->cutover({});
                }
                const auto from = a->source();
                from->pin_snapshot(1);
                {
                    const auto target = b->target();
                    const auto plan =
                        plan_between(*from, *target, b->endpoint(), b->backend().capabilities());
                    check_no_loss(plan);
                    migrate_all(*from, *target, plan, 1);
                    target->cutover({});
                }
                const auto back = b->source();
                back->pin_snapshot(1);
                const auto reading = plan::read_source(*back, {});
                check_equal(memory, memory.read_schema({}).schema, *back, reading.schema,
                            b->backend().capabilities(), second);
            }
        }
    }
}

TEST_CASE("conformance: staged rows read back digest to what was sent, and abandoning leaves nothing",
          "[conformance]") {
    for (const std::string& engine : test::engines()) {
        SECTION(engine) {
            const auto place = Place::make(engine);
            if (!place) {
                return;
            }
            const auto database = test::sample_database(test::every_type());
            InMemorySource memory(database);
            const auto target = place->target();
            const MigrationPlan plan =
                plan_between(memory, *target, place->endpoint(), place->backend().capabilities());
            const auto loaded = migrate_all(memory, *target, plan, 1);
            {
                const auto staging = target->open_staging();
                staging->pin_snapshot(1);
                std::vector<verify::DigestTask> tasks;
                for (const TablePlan& table : plan.tables) {
                    verify::DigestTask task;
                    task.table = &plan.target.tables[table.target];
                    for (const ColumnPlan& column : table.columns) {
                        task.columns.push_back(column.target);
                    }
                    tasks.push_back(std::move(task));
                }
                const auto digests = verify::digest_tables(*staging, tasks, {});
                for (std::size_t i = 0; i < tasks.size(); ++i) {
                    INFO(tasks[i].table->name.display());
                    CHECK(to_string(digests[i].digest) == to_string(loaded[i].digest));
                    CHECK(staging->count_rows(*tasks[i].table) == loaded[i].rows);
                }
            }
            target->abandon(plan.id);
            target->abandon(plan.id);
            CHECK(place->target()->existing_tables().empty());
        }
    }
}

TEST_CASE("conformance: tables that are there already are in the way, and stay as they are",
          "[conformance]") {
    for (const std::string& engine : test::engines()) {
        SECTION(engine) {
            const auto place = Place::make(engine);
            if (!place) {
                return;
            }
            const auto database = std::make_shared<InMemoryDatabase>();
            database->tables.push_back(test::sample_table("first", {test::every_type().front()}));
            InMemorySource memory(database);
            const backend::Capabilities& can = place->backend().capabilities();
            {
                const auto target = place->target();
                const MigrationPlan plan = plan_between(memory, *target, place->endpoint(), can);
                migrate_all(memory, *target, plan, 1);
                target->cutover({});
            }
            const auto again = place->target();
            const MigrationPlan plan = plan_between(memory, *again, place->endpoint(), can);
            CHECK_FALSE(plan.executable());
            bool told = false;
            for (const Finding& finding : plan.findings) {
                told = told || (finding.severity == Severity::blocker && finding.code == "table-exists" &&
                                !finding.next_step.empty());
            }
            CHECK(told);

            // Another table beside it is welcome, and the first one stays.
            database->tables[0].table.name.name = "second";
            const MigrationPlan beside = plan_between(memory, *again, place->endpoint(), can, "ba9876543210");
            CHECK(beside.executable());
            migrate_all(memory, *again, beside, 1);
            again->cutover({});
            const auto both = place->source();
            both->pin_snapshot(1);
            const Schema schema = plan::read_source(*both, {}).schema;
            CHECK(schema.tables.size() == 2);
            for (const Table& table : schema.tables) {
                CHECK(both->count_rows(table) == 3);
            }
        }
    }
}
