#include "plan/adopting.hpp"

#include <vector>

#include "mapping/selection.hpp"

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
    for (const std::string& kind : options.skip) {
        adopt.skip_kinds.push_back(mapping::object_kind(kind));
    }
    if (mapped.schema.engine == terms.engine) {
        adopt.overrides = made_columns(mapped, named);
    }
    return target.adopt(named, adopt);
}

}  // namespace migrate::plan
