#include "plan/planner.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include <migrate/error.hpp>

#include "mapping/conversion.hpp"
#include "mapping/mapping_problems.hpp"
#include "mapping/names.hpp"
#include "mapping/schema_mapping.hpp"
#include "mapping/selection.hpp"
#include "plan/adopting.hpp"
#include "plan/estimate.hpp"
#include "plan/existing.hpp"
#include "plan/provenance.hpp"
#include "plan/read_probe.hpp"
#include "plan/source_violations.hpp"
#include "plan/stored_reading.hpp"
#include "plan/undo_strategy.hpp"
#include "plan/workload.hpp"

namespace migrate::plan {
namespace {

void append(std::vector<Finding>& to, std::vector<Finding> from) {
    std::move(from.begin(), from.end(), std::back_inserter(to));
}

std::string why_of(const Column& source, const Column& target) {
    if (source.why.empty() || target.why.empty() || source.why == target.why) {
        return source.why.empty() ? target.why : source.why;
    }
    return source.why + "; " + target.why;
}

ColumnPlan plan_column(const mapping::ColumnSource& source, std::size_t target, const Column& from,
                       const Column& to) {
    ColumnPlan plan;
    plan.source = source.source;
    plan.target = target;
    plan.compare = to.type;
    plan.note = why_of(from, to);
    plan.expression = source.expression;
    return plan;
}

TablePlan plan_table(const MigrationPlan& plan, const mapping::MappedSchema& mapped, std::size_t index,
                     const mapping::TableInput& input, std::vector<Finding>& findings) {
    const Table& from = plan.source.tables[input.source];
    const Table& to = plan.target.tables[index];
    TablePlan table;
    table.source = input.source;
    table.target = index;
    table.where = input.where;
    table.rows = from.row_estimate;
    table.bytes = from.byte_estimate;
    for (std::size_t c = 0; c < to.columns.size(); ++c) {
        if (to.columns[c].generated || to.columns[c].hidden) {
            continue;
        }
        const mapping::ColumnSource& source = input.columns[c];
        const Column& column = mapped.schema.tables[index].columns[c];
        const LogicalType& type =
            source.source == ColumnPlan::k_computed ? column.type : from.columns[source.source].type;
        if (!mapping::convertible(type, to.columns[c].type)) {
            findings.push_back({Severity::blocker,
                                "not-convertible",
                                "table " + from.name.display() + ", column " + column.name,
                                to_string(type) + " cannot become " + to_string(to.columns[c].type),
                                {},
                                0});
        }
        table.columns.push_back(plan_column(source, c, column, to.columns[c]));
    }
    return table;
}

/// A name that the mapping gives is meant: the target is not to have it otherwise.
void check_given_names(const MappingSpec& spec, const mapping::MappedSchema& mapped, const Schema& named,
                       std::vector<Finding>& findings) {
    const auto check = [&](const MappingText& given, const std::string& object, const std::string& got) {
        if (!given.empty() && got != given.text && !got.ends_with("_" + given.text) &&
            !given.text.ends_with("." + got)) {
            findings.push_back({Severity::blocker, "mapped-name", object,
                                mapping::place_of(spec, given.at) +
                                    ": the target cannot have this name as it is (too long, or taken but "
                                    "for case); it would become " +
                                    QualifiedName{{}, got}.display(),
                                "choose another name", 0});
        }
    };
    for (const TableMapping& entry : spec.tables) {
        for (std::size_t t = 0; t < mapped.tables.size(); ++t) {
            const Table& table = mapped.schema.tables[t];
            const Table& target = named.tables[t];
            if (mapped.tables[t].at != entry.from.at) {
                continue;
            }
            check(entry.to, "table " + table.name.display(), target.name.name);
            for (std::size_t c = 0; c < table.columns.size(); ++c) {
                const std::string& name = table.columns[c].name;
                const std::string object = "table " + table.name.display() + ", column " + name;
                for (const ColumnMapping& column : entry.columns) {
                    check(column.to.text == name ? column.to : MappingText(), object, target.columns[c].name);
                }
                for (const ComputedColumn& column : entry.compute) {
                    check(column.name.text == name ? column.name : MappingText(), object,
                          target.columns[c].name);
                }
            }
        }
    }
}

/// Tables that the user wants first, then the largest.
void sort_tables(const std::vector<std::size_t>& order, std::vector<TablePlan>& tables) {
    const auto rank = [&](const TablePlan& table) {
        return std::find(order.begin(), order.end(), table.target) - order.begin();
    };
    std::stable_sort(tables.begin(), tables.end(), [&](const TablePlan& a, const TablePlan& b) {
        if (rank(a) != rank(b)) {
            return rank(a) < rank(b);
        }
        return a.bytes != b.bytes ? a.bytes > b.bytes : a.rows > b.rows;
    });
}

void check_shape(const Schema& source, const Schema& target) {
    bool same = source.tables.size() == target.tables.size();
    for (std::size_t i = 0; same && i < source.tables.size(); ++i) {
        same = source.tables[i].columns.size() == target.tables[i].columns.size();
    }
    if (!same) {
        throw Error(ErrorCode::internal, "the target's schema does not have the source's tables and columns");
    }
}

std::vector<std::string> steps_of(const MigrationPlan& plan) {
    std::vector<std::string> steps;
    steps.push_back("pin one snapshot of the source: " + plan.from_summary.snapshot_kind);
    if (backs_up_source(plan)) {
        steps.emplace_back("back the source up, and read the backup back");
    }
    if (backs_up_target(plan)) {
        steps.emplace_back("back the target up as it is, and read the backup back");
    }
    steps.push_back("create " + std::to_string(plan.target.tables.size()) + " tables in staging");
    const bool filtered = std::any_of(plan.tables.begin(), plan.tables.end(),
                                      [](const TablePlan& table) { return !table.where.empty(); });
    steps.push_back("load " + std::string(filtered ? "what the filters let through of " : "") +
                    std::to_string(plan.estimates.rows) + " rows, each chunk with its checkpoint");
    std::size_t indexes = 0;
    std::size_t keys = 0;
    for (const Table& table : plan.target.tables) {
        indexes += table.indexes.size();
        keys += table.foreign_keys.size();
    }
    steps.push_back("build keys, " + std::to_string(indexes) + " indexes and " + std::to_string(keys) +
                    " foreign keys; set sequences");
    steps.push_back(plan.options.level == VerificationLevel::basic
                        ? "verify: independent counts and the schema"
                        : "verify: independent counts, the schema, and every row read back by digest");
    for (std::string& line : existing_lines(plan)) {
        steps.push_back(std::move(line));
    }
    steps.push_back("cut over in one step");
    return steps;
}

/// The source's schema as the target is to have it; what is found on the way goes to the plan.
mapping::MappedSchema shape_target(const Sides& sides, MigrationPlan& plan) {
    const PlanOptions& options = plan.options;
    const TargetTerms terms{sides.to, sides.target_can, plan.to_summary.engine, sides.own_code};
    mapping::MappedSchema mapped = mapping::map_schema(options.mapping, plan.source);
    append(plan.findings, std::move(mapped.findings));
    mapping::NamedSchema named = name_at_target(mapped, options, terms);
    append(plan.findings, std::move(named.findings));
    if (options.names == NamePolicy::preserve) {
        check_given_names(options.mapping, mapped, named.schema, plan.findings);
    }
    backend::Adoption adoption = adopt_at_target(sides.target, mapped, named.schema, options, terms);
    plan.target = std::move(adoption.schema);
    append(plan.findings, std::move(adoption.findings));
    check_shape(mapped.schema, plan.target);
    settle_existing(sides.target, mapped.schema, plan);
    return mapped;
}

}  // namespace

EndpointSummary summary_of(const backend::SourceInfo& info) {
    return {info.engine, info.engine_version, info.display, info.snapshot_kind, info.byte_size, info.facts};
}

MigrationPlan decide(const Sides& sides, const PlanOptions& options) {
    MigrationPlan plan;
    plan.options = options;
    SourceReading reading = read_source(sides.source, options);
    plan.source = std::move(reading.schema);
    plan.findings = std::move(reading.findings);
    plan.source_provenance = std::move(reading.provenance_json);
    plan.provisional = reading.provisional;
    plan.from_summary = summary_of(sides.source.describe());
    plan.to_summary = summary_of(sides.target.describe());

    const std::vector<Finding> of_the_source = plan.findings;
    mapping::MappedSchema mapped = shape_target(sides, plan);
    while (read_as_stored(mapped, plan)) {
        plan.findings = of_the_source;
        mapped = shape_target(sides, plan);
    }
    mapping::report_foreign_keys_without_index(plan.target, plan.findings);

    for (std::size_t i = 0; i < plan.target.tables.size(); ++i) {
        for (const mapping::TableInput& input : mapped.tables[i].inputs) {
            plan.tables.push_back(plan_table(plan, mapped, i, input, plan.findings));
        }
    }
    weigh_violations(plan, sides.target_can);
    forget_stored_forms(plan);
    sort_tables(mapped.order, plan.tables);
    return plan;
}

namespace {

MigrationPlan decide_and_estimate(const Sides& sides, const PlanOptions& options, const std::string& id,
                                  const std::string& created_at) {
    const backend::Fingerprint fingerprint = sides.source.fingerprint();
    MigrationPlan plan = decide(sides, options);
    plan.id = id;
    plan.created_at = created_at;
    plan.tool_version = MIGRATE_VERSION_STRING;
    plan.from = sides.from;
    plan.to = sides.to;
    plan.source_fingerprint = fingerprint;
    plan.estimates = estimate(plan, {probe_read_speed(sides.source, plan), sides.readers, sides.past});
    return plan;
}

/// What follows from the rest.
void describe(const Sides& sides, MigrationPlan& plan) {
    plan.sql = sides.target.sql(target_plan_of(plan, {}));
    plan.steps = steps_of(plan);
    ChosenStrategy chosen = strategy_of(plan);
    plan.strategy = chosen.strategy;
    plan.strategy_reason = std::move(chosen.reason);
    plan.rollback_strategy = rollback_line(plan);
    std::stable_sort(plan.findings.begin(), plan.findings.end(),
                     [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
}

}  // namespace

MigrationPlan make_plan(const Sides& sides, const PlanOptions& options, const std::string& id,
                        const std::string& created_at) {
    MigrationPlan plan = decide_and_estimate(sides, options, id, created_at);
    append(plan.findings, sides.target.preflight(target_plan_of(plan, {}), plan.estimates.target_bytes));
    append(plan.findings, sides_too_large_to_back_up(plan));
    describe(sides, plan);
    return plan;
}

MigrationPlan plan_again(const Sides& sides, const MigrationPlan& earlier) {
    PlanOptions options = earlier.options;
    options.profile_ahead = true;
    MigrationPlan plan = decide_and_estimate(sides, options, earlier.id, earlier.created_at);
    append(plan.findings, sides_too_large_to_back_up(plan));
    describe(sides, plan);
    return plan;
}

void give_id(MigrationPlan& plan, const std::string& id) {
    for (std::string& line : plan.sql) {
        for (std::size_t at = 0; (at = line.find(plan.id, at)) != std::string::npos; at += id.size()) {
            line.replace(at, plan.id.size(), id);
        }
    }
    plan.id = id;
    plan.rollback_strategy = rollback_line(plan);
}

backend::TargetPlan target_plan_of(const MigrationPlan& plan, const std::string& owner) {
    backend::TargetPlan target;
    target.migration = plan.id;
    target.schema = plan.target;
    mapping::MappedSchema source = mapping::map_schema(plan.options.mapping, plan.source);
    for (std::shared_ptr<const Schema>& origin : source.schema.origins) {
        origin = mapping::without_skipped(plan.options.skip, origin);
    }
    target.provenance_json = make_provenance(plan.id, source, plan.target);
    target.plan_json = render_json(plan);
    target.audit_head = plan.audit_head;
    target.owner = owner;
    target.on_orphan = plan.options.on_orphan;
    target.on_reject = plan.options.on_reject;
    target.on_conflict = plan.options.on_conflict;
    target.newest_column = plan.options.newest_column;
    target.disable_triggers = plan.options.disable_triggers;
    target.digest_written = plan.options.level == VerificationLevel::basic;
    target.digests = digest_algorithm_of(plan.options.level);
    return target;
}

namespace {

bool same_table(const Table& a, const Table& b) {
    return a.name == b.name && a.foreign_keys == b.foreign_keys && a.indexes == b.indexes &&
           a.primary_key == b.primary_key && a.unique_keys == b.unique_keys && a.checks == b.checks &&
           std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(),
                      [](const Column& x, const Column& y) {
                          return x.name == y.name && x.type == y.type && x.native_type == y.native_type &&
                                 x.format == y.format;
                      });
}

bool same_readings(const Table& a, const Table& b) {
    return a.name == b.name && std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(),
                                          b.columns.end(), [](const Column& x, const Column& y) {
                                              return x.type == y.type && x.format == y.format;
                                          });
}

/// One way of a table into another, whatever its place in the order.
const TablePlan* find_way(const MigrationPlan& plan, const TablePlan& way) {
    const auto it = std::find_if(plan.tables.begin(), plan.tables.end(), [&](const TablePlan& other) {
        return other.source == way.source && other.target == way.target && other.where == way.where;
    });
    return it == plan.tables.end() ? nullptr : &*it;
}

bool same_columns(const TablePlan& a, const TablePlan& b) {
    return std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(),
                      [](const ColumnPlan& x, const ColumnPlan& y) {
                          return x.source == y.source && x.target == y.target && x.expression == y.expression;
                      });
}

}  // namespace

bool same_mapping(const MigrationPlan& earlier, const MigrationPlan& now) {
    const auto& targets = now.target.tables;
    const auto& sources = now.source.tables;
    return std::equal(earlier.target.tables.begin(), earlier.target.tables.end(), targets.begin(),
                      targets.end(), same_table) &&
           std::equal(earlier.source.tables.begin(), earlier.source.tables.end(), sources.begin(),
                      sources.end(), same_readings) &&
           earlier.tables.size() == now.tables.size() &&
           std::all_of(now.tables.begin(), now.tables.end(), [&](const TablePlan& way) {
               const TablePlan* before = find_way(earlier, way);
               return before != nullptr && same_columns(*before, way);
           });
}

namespace {

/// Sizes, counts and explanations say how much was read. What follows from them is in the target's schema.
void forget_extent(Schema& schema) {
    for (Table& table : schema.tables) {
        table.row_estimate = 0;
        table.byte_estimate = 0;
        for (Column& column : table.columns) {
            column.why.clear();
            for (auto& [name, value] : column.properties) {
                if (value.find_first_not_of("0123456789") == std::string::npos) {
                    value.clear();
                }
            }
        }
    }
}

/// All that was decided, as text.
std::string decided(const MigrationPlan& plan) {
    MigrationPlan bare;
    bare.source = plan.source;
    bare.target = plan.target;
    forget_extent(bare.source);
    forget_extent(bare.target);
    bare.tables = plan.tables;
    for (TablePlan& table : bare.tables) {
        table.rows = 0;
        table.bytes = 0;
        for (ColumnPlan& column : table.columns) {
            column.note.clear();
        }
    }
    // In the order of their sizes.
    std::sort(bare.tables.begin(), bare.tables.end(), [](const TablePlan& a, const TablePlan& b) {
        return std::tie(a.source, a.target, a.where) < std::tie(b.source, b.target, b.where);
    });
    return render_json(bare);
}

void forget_next_values(Schema& schema) {
    for (Table& table : schema.tables) {
        for (Column& column : table.columns) {
            if (column.identity) {
                column.identity->next.reset();
            }
        }
    }
    for (SchemaObject& object : schema.objects) {
        if (object.kind == "sequence") {
            object.properties.erase("next");
        }
    }
}

MigrationPlan without_next_values(MigrationPlan plan) {
    forget_next_values(plan.source);
    forget_next_values(plan.target);
    return plan;
}

}  // namespace

bool same_decision(const MigrationPlan& a, const MigrationPlan& b) {
    return decided(a) == decided(b);
}

bool same_staging(const MigrationPlan& a, const MigrationPlan& b) {
    return decided(without_next_values(a)) == decided(without_next_values(b));
}

}  // namespace migrate::plan
