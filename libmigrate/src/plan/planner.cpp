#include "plan/planner.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <set>
#include <utility>

#include <migrate/error.hpp>

#include "mapping/conversion.hpp"
#include "mapping/names.hpp"
#include "mapping/selection.hpp"
#include "plan/estimate.hpp"
#include "plan/provenance.hpp"

namespace migrate::plan {
namespace {

void append(std::vector<Finding>& to, std::vector<Finding> from) {
    std::move(from.begin(), from.end(), std::back_inserter(to));
}

QualifiedName split_name(const std::string& text, const Schema& schema) {
    for (const Table& table : schema.tables) {
        if (table.name.name == text || table.name.display() == text) {
            return table.name;
        }
    }
    throw Error(ErrorCode::usage,
                "there is no table " + QualifiedName{{}, text}.display() + " at the source");
}

std::vector<backend::ColumnHint> hints_of_user(const PlanOptions& options, const Schema& catalog) {
    std::vector<backend::ColumnHint> hints;
    for (const TypeOverride& wish : options.types) {
        const QualifiedName name = split_name(wish.table, catalog);
        if (catalog.find_table(name)->find_column(wish.column) == nullptr) {
            throw Error(ErrorCode::usage, "table " + name.display() + " has no column " +
                                              QualifiedName{{}, wish.column}.display());
        }
        hints.push_back({name, wish.column, wish.type, wish.format, true});
    }
    return hints;
}

void check_selection(const PlanOptions& options, const Schema& catalog) {
    for (const std::string& glob : options.tables) {
        const bool hits = std::any_of(catalog.tables.begin(), catalog.tables.end(), [&](const Table& table) {
            return mapping::matches_any(table.name, {glob});
        });
        if (!hits) {
            throw Error(ErrorCode::usage, "no table of the source matches \"" + glob + "\"");
        }
    }
}

std::optional<Provenance> provenance_of(backend::Source& source, SourceReading& reading) {
    const std::optional<std::string> json = source.provenance();
    if (!json) {
        return std::nullopt;
    }
    try {
        Provenance provenance = parse_provenance(*json);
        reading.provenance_json = *json;
        return provenance;
    } catch (const Error& error) {
        reading.findings.push_back(
            {Severity::risk,
             "provenance-unreadable",
             "the source",
             std::string(error.what()) + "; types are decided from declarations and values instead",
             {},
             0});
        return std::nullopt;
    }
}

std::string why_of(const Column& source, const Column& target) {
    if (source.why.empty() || target.why.empty() || source.why == target.why) {
        return source.why.empty() ? target.why : source.why;
    }
    return source.why + "; " + target.why;
}

TablePlan plan_table(const Schema& source, const Schema& target, std::size_t index,
                     std::vector<Finding>& findings) {
    const Table& from = source.tables[index];
    const Table& to = target.tables[index];
    TablePlan plan;
    plan.source = index;
    plan.target = index;
    plan.rows = from.row_estimate;
    plan.bytes = from.byte_estimate;
    for (std::size_t c = 0; c < to.columns.size(); ++c) {
        if (to.columns[c].generated || to.columns[c].hidden) {
            continue;
        }
        const Column& column = from.columns[c];
        if (!mapping::convertible(column.type, to.columns[c].type)) {
            findings.push_back({Severity::blocker,
                                "not-convertible",
                                "table " + from.name.display() + ", column " + column.name,
                                to_string(column.type) + " cannot become " + to_string(to.columns[c].type),
                                {},
                                0});
        }
        plan.columns.push_back({c, c, to.columns[c].type, why_of(column, to.columns[c]), {}});
    }
    return plan;
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

backend::AdoptOptions adopt_options(const PlanOptions& options, const Endpoint& to) {
    backend::AdoptOptions adopt;
    adopt.default_schema = to.option("schema");
    adopt.with_code = options.with_code;
    for (const std::string& kind : options.skip) {
        adopt.skip_kinds.push_back(mapping::object_kind(kind));
    }
    return adopt;
}

std::string rollback_line(const MigrationPlan& plan) {
    return plan.to_summary.byte_size == 0 ? "remove the new target; nothing was there before"
                                          : "drop the tables that were added; nothing else is touched";
}

std::vector<std::string> steps_of(const MigrationPlan& plan) {
    std::vector<std::string> steps;
    steps.push_back("pin one snapshot of the source: " + plan.from_summary.snapshot_kind);
    steps.push_back("create " + std::to_string(plan.tables.size()) + " tables in staging");
    steps.push_back("load " + std::to_string(plan.estimates.rows) + " rows, each chunk with its checkpoint");
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
    steps.push_back("cut over in one step");
    return steps;
}

}  // namespace

EndpointSummary summary_of(const backend::SourceInfo& info) {
    return {info.engine, info.engine_version, info.display, info.snapshot_kind, info.byte_size, info.facts};
}

SourceReading read_source(backend::Source& source, const PlanOptions& options, bool profile) {
    SourceReading reading;
    backend::SchemaRequest request;
    request.bad_text = options.bad_text;
    request.profile = profile;
    const std::optional<Provenance> provenance = provenance_of(source, reading);
    if (provenance) {
        request.hints = hints_of(*provenance);
    }
    if (!options.tables.empty() || !options.exclude.empty() || !options.types.empty()) {
        // Names first, so that what is left out need not be profiled and what is misspelled is told at once.
        backend::SchemaRequest names;
        names.profile = false;
        names.count_rows = false;
        const Schema catalog = source.read_schema(names).schema;
        check_selection(options, catalog);
        for (backend::ColumnHint& hint : hints_of_user(options, catalog)) {
            request.hints.push_back(std::move(hint));
        }
        for (const Table& table : catalog.tables) {
            if (!mapping::is_selected(table.name, options)) {
                request.skip_tables.push_back(table.name);
                reading.findings.push_back({Severity::excluded,
                                            "table-excluded",
                                            "table " + table.name.display(),
                                            "is left out as asked",
                                            {},
                                            0});
            }
        }
    }
    backend::SchemaReading read = source.read_schema(request);
    reading.schema = std::move(read.schema);
    append(reading.findings, std::move(read.findings));
    mapping::apply_selection(options, reading.schema, reading.findings);
    if (provenance) {
        attach_origins(*provenance, reading.schema);
    }
    return reading;
}

MigrationPlan make_plan(const Sides& sides, const PlanOptions& options, const std::string& id,
                        const std::string& created_at) {
    MigrationPlan plan;
    plan.id = id;
    plan.created_at = created_at;
    plan.tool_version = MIGRATE_VERSION_STRING;
    plan.from = sides.from;
    plan.to = sides.to;
    plan.options = options;
    plan.source_fingerprint = sides.source.fingerprint();

    SourceReading reading = read_source(sides.source, options);
    plan.source = std::move(reading.schema);
    plan.findings = std::move(reading.findings);
    plan.source_provenance = std::move(reading.provenance_json);
    plan.from_summary = summary_of(sides.source.describe());
    plan.to_summary = summary_of(sides.target.describe());

    const mapping::NameRules rules{options.names,
                                   sides.target_can.schemas,
                                   sides.target_can.case_insensitive_names,
                                   plan.to_summary.engine,
                                   sides.to.option("schema"),
                                   "public",
                                   sides.target_can.max_identifier_bytes,
                                   sides.target_can.reserved_columns};
    mapping::NamedSchema named = mapping::name_for_target(plan.source, rules);
    append(plan.findings, std::move(named.findings));
    if (options.index_foreign_keys) {
        mapping::index_foreign_keys(named.schema, plan.findings);
    }
    backend::Adoption adoption = sides.target.adopt(named.schema, adopt_options(options, sides.to));
    plan.target = std::move(adoption.schema);
    append(plan.findings, std::move(adoption.findings));
    check_shape(plan.source, plan.target);
    mapping::report_foreign_keys_without_index(plan.target, plan.findings);

    for (std::size_t i = 0; i < plan.target.tables.size(); ++i) {
        plan.tables.push_back(plan_table(plan.source, plan.target, i, plan.findings));
    }
    std::stable_sort(plan.tables.begin(), plan.tables.end(), [](const TablePlan& a, const TablePlan& b) {
        return a.bytes != b.bytes ? a.bytes > b.bytes : a.rows > b.rows;
    });
    plan.estimates = estimate(plan);
    append(plan.findings, sides.target.preflight(target_plan_of(plan, {}), plan.estimates.target_bytes));
    plan.sql = sides.target.sql(target_plan_of(plan, {}));
    plan.steps = steps_of(plan);
    plan.rollback_strategy = rollback_line(plan);
    std::stable_sort(plan.findings.begin(), plan.findings.end(),
                     [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
    return plan;
}

backend::TargetPlan target_plan_of(const MigrationPlan& plan, const std::string& owner) {
    backend::TargetPlan target;
    target.migration = plan.id;
    target.schema = plan.target;
    target.provenance_json = make_provenance(plan.id, plan.source, plan.target);
    target.plan_json = render_json(plan);
    target.owner = owner;
    target.on_orphan = plan.options.on_orphan;
    target.on_reject = plan.options.on_reject;
    target.on_conflict = plan.options.on_conflict;
    target.newest_column = plan.options.newest_column;
    target.disable_triggers = plan.options.disable_triggers;
    return target;
}

bool same_mapping(const MigrationPlan& earlier, const MigrationPlan& now) {
    if (earlier.target.tables.size() != now.target.tables.size()) {
        return false;
    }
    for (std::size_t i = 0; i < now.target.tables.size(); ++i) {
        const Table& a = earlier.target.tables[i];
        const Table& b = now.target.tables[i];
        const Table& source_a = earlier.source.tables[i];
        const Table& source_b = now.source.tables[i];
        const bool same =
            a.name == b.name && a.columns.size() == b.columns.size() && source_a.name == source_b.name &&
            source_a.columns.size() == source_b.columns.size() && a.foreign_keys == b.foreign_keys &&
            a.indexes == b.indexes && a.primary_key == b.primary_key && a.unique_keys == b.unique_keys &&
            a.checks == b.checks;
        if (!same) {
            return false;
        }
        for (std::size_t c = 0; c < a.columns.size(); ++c) {
            if (a.columns[c].name != b.columns[c].name || !(a.columns[c].type == b.columns[c].type) ||
                a.columns[c].native_type != b.columns[c].native_type ||
                a.columns[c].format != b.columns[c].format ||
                !(source_a.columns[c].type == source_b.columns[c].type) ||
                source_a.columns[c].format != source_b.columns[c].format) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace migrate::plan
