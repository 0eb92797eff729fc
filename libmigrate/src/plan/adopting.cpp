#include "plan/adopting.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "mapping/selection.hpp"
#include "util/ascii.hpp"

namespace migrate::plan {
namespace {

/// Of columns that the mapping has made, nothing native is known: their types decide.
std::vector<backend::ColumnHint> made_columns(const mapping::MappedSchema& mapped, const Schema& named) {
    std::vector<backend::ColumnHint> made;
    for (std::size_t t = 0; t < mapped.tables.size(); ++t) {
        for (std::size_t c = 0; c < mapped.tables[t].made.size(); ++c) {
            if (mapped.tables[t].made[c]) {
                const Column& column = named.tables[t].columns[c];
                made.push_back({named.tables[t].name, column.name, column.type, {}, true});
            }
        }
    }
    return made;
}

bool has_expression(const Index& index) {
    return !index.predicate.empty() || std::any_of(index.parts.begin(), index.parts.end(),
                                                   [](const IndexPart& part) { return part.column.empty(); });
}

/// The rules of a table that only the record of another engine has, "the defaults of a, b; 2 checks"; empty
/// if there are none.
std::string recorded_rules(const Table& table, const TableOrigin& origin,
                           const std::set<std::string>& skipped) {
    std::string columns;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
        const int there = c < origin.columns.size() ? origin.columns[c] : -1;
        if (there < 0 || table.columns[c].default_sql || table.columns[c].generated) {
            continue;
        }
        const Column& before = origin.table->columns[static_cast<std::size_t>(there)];
        // A default of NULL is none.
        const bool has_default = before.default_sql && !util::equals_ignore_case(*before.default_sql, "null");
        if (has_default || before.generated) {
            columns += (columns.empty() ? "" : ", ") + table.columns[c].name;
        }
    }
    std::string out = columns.empty() ? "" : "what it computes for " + columns;
    const auto add = [&out](std::size_t count, const char* one, const char* several) {
        if (count > 0) {
            out += (out.empty() ? "" : "; ") + std::to_string(count) + ' ' + (count == 1 ? one : several);
        }
    };
    if (table.checks.empty() && !skipped.contains("check")) {
        add(origin.table->checks.size(), "check", "checks");
    }
    const auto& indexes = origin.table->indexes;
    if (!skipped.contains("index") &&
        std::none_of(table.indexes.begin(), table.indexes.end(), has_expression)) {
        add(static_cast<std::size_t>(std::count_if(indexes.begin(), indexes.end(), has_expression)),
            "index on a part of its rows or an expression", "indexes on parts of its rows or expressions");
    }
    return out;
}

/// Files of JSON evaluate nothing: rules of the engine that the data came from travel in the record beside
/// them, in that engine's words. Another engine is given none of them, which has to be told.
void tell_recorded_rules(const Table& table, const std::set<std::string>& skipped, const Table& adopted,
                         backend::Adoption& adoption) {
    for (const TableOrigin& origin : table.origins) {
        if (origin.table == nullptr || origin.reshaped || origin.engine == adoption.schema.engine ||
            table.origin_on(adoption.schema.engine) != nullptr) {
            continue;
        }
        const std::string rules = recorded_rules(table, origin, skipped);
        if (!rules.empty()) {
            Finding finding{Severity::left_out,
                            "rules-in-record",
                            "table " + table.name.display(),
                            "only the record of what it was in " + origin.engine + " has " + rules,
                            "migrate from that database itself, which translates them, or make them by hand",
                            0};
            finding.definition_of = adopted.name;
            adoption.findings.push_back(std::move(finding));
        }
    }
}

}  // namespace

mapping::NamedSchema name_at_target(const mapping::MappedSchema& mapped, const PlanOptions& options,
                                    const TargetTerms& terms) {
    mapping::NamedSchema named = mapping::name_for_target(
        mapped.schema, {options.names, terms.can.schemas, terms.can.case_insensitive_names, terms.engine,
                        terms.endpoint.option("schema"), "public", terms.can.max_identifier_bytes,
                        terms.can.reserved_columns});
    if (options.index_foreign_keys) {
        mapping::index_foreign_keys(named.schema, named.findings);
    }
    return named;
}

backend::Adoption adopt_at_target(backend::SchemaAdopter& target, const mapping::MappedSchema& mapped,
                                  const Schema& named, const PlanOptions& options, const TargetTerms& terms) {
    backend::AdoptOptions adopt;
    adopt.default_schema = terms.endpoint.option("schema");
    adopt.with_code = options.with_code;
    adopt.own_code = terms.own_code;
    for (const std::string& kind : options.skip) {
        adopt.skip_kinds.push_back(mapping::object_kind(kind));
    }
    if (mapped.schema.engine == terms.engine) {
        adopt.overrides = made_columns(mapped, named);
    }
    backend::Adoption adoption = target.adopt(named, adopt);
    if (terms.can.evaluates && mapped.schema.engine != terms.engine) {
        const std::set<std::string> skipped(adopt.skip_kinds.begin(), adopt.skip_kinds.end());
        for (std::size_t t = 0; t < named.tables.size(); ++t) {
            tell_recorded_rules(named.tables[t], skipped, adoption.schema.tables[t], adoption);
        }
    }
    return adoption;
}

}  // namespace migrate::plan
