#include "plan/source_reading.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <migrate/error.hpp>

#include "backend/kept_code.hpp"
#include "mapping/schema_mapping.hpp"
#include "mapping/selection.hpp"
#include "plan/provenance.hpp"
#include "util/ascii.hpp"

namespace migrate::plan {
namespace {

constexpr const char* k_unreadable_record = "provenance-unreadable";

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

/// Kinds that engines without them hold in other forms, which the reader has to undo. Values of the others
/// are cast.
bool is_read_from_forms(TypeKind kind) {
    switch (kind) {
        case TypeKind::boolean:
        case TypeKind::date:
        case TypeKind::time:
        case TypeKind::timestamp:
        case TypeKind::timestamp_tz:
        case TypeKind::uuid:
        case TypeKind::json:
        case TypeKind::jsonb:
            return true;
        default:
            return false;
    }
}

void add_hints_of_mapping(const MappingSpec& spec, const Schema& catalog,
                          std::vector<backend::ColumnHint>& hints) {
    for (const TableMapping& entry : spec.tables) {
        const Table* table = mapping::find_mapped_source(entry.from, catalog);
        for (const ColumnMapping& column : entry.columns) {
            const auto type = parse_logical_type(column.type.text);
            const bool reading = type && (!column.format.empty() || is_read_from_forms(type->kind));
            if (reading && column.expression.empty() && column.values.empty()) {
                hints.push_back({table->name, column.column.text, *type, column.format.text, true});
            }
        }
    }
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
             k_unreadable_record,
             "the source",
             std::string(error.what()) + "; types are decided from declarations and values instead",
             {},
             0});
        return std::nullopt;
    }
}

/// Of a table in a schema whose engine may not tell capitals apart; the number of tables if it is not there.
std::size_t place_of(const Schema& schema, const QualifiedName& name) {
    const auto& tables = schema.tables;
    auto found =
        std::find_if(tables.begin(), tables.end(), [&](const Table& one) { return one.name == name; });
    if (found == tables.end()) {
        found = std::find_if(tables.begin(), tables.end(), [&](const Table& one) {
            return one.name.schema == name.schema && util::equals_ignore_case(one.name.name, name.name);
        });
    }
    return static_cast<std::size_t>(found - tables.begin());
}

/// The schema without foreign keys to the tables that are `excluded` (by their places in it), and without
/// what belongs to these tables.
std::shared_ptr<const Schema> without_ties(const std::vector<bool>& excluded,
                                           const std::shared_ptr<const Schema>& record) {
    if (std::none_of(excluded.begin(), excluded.end(), [](bool one) { return one; })) {
        return record;
    }
    const auto is_excluded = [&](const QualifiedName& name) {
        const std::size_t table = place_of(*record, name);
        return table < excluded.size() && excluded[table];
    };
    auto kept = std::make_shared<Schema>(*record);
    for (Table& table : kept->tables) {
        const std::size_t dangling = std::erase_if(
            table.foreign_keys, [&](const ForeignKey& key) { return is_excluded(key.referenced_table); });
        if (dangling > 0) {
            table.native_sql.clear();
        }
    }
    std::erase_if(kept->objects, [&](const SchemaObject& object) {
        return !object.table.empty() && object.kind != "partition" &&
               is_excluded({object.name.schema, object.table});
    });
    return kept;
}

/// What the user leaves out would come back from the record of where the tables were before.
void leave_out_of_record(const PlanOptions& options, Provenance& provenance) {
    for (Origin& origin : provenance.origins) {
        std::vector<bool> excluded(origin.schema->tables.size());
        std::vector<bool> kept(origin.schema->tables.size());
        for (std::size_t i = 0; i < origin.tables.size(); ++i) {
            if (origin.tables[i].table >= 0) {
                const bool selected = mapping::is_selected(provenance.written.tables[i].name, options);
                (selected ? kept : excluded)[static_cast<std::size_t>(origin.tables[i].table)] = true;
            }
        }
        // A table that was split is still there in any of its parts.
        std::transform(excluded.begin(), excluded.end(), kept.begin(), excluded.begin(),
                       [](bool is_excluded, bool is_kept) { return is_excluded && !is_kept; });
        origin.schema = without_ties(excluded, mapping::skip_in_record(options.skip, origin.schema));
    }
}

/// What the source keeps would be lost without a word.
[[noreturn]] void refuse_without_record(const SourceReading& reading) {
    ErrorFacts facts;
    facts.code = ErrorCode::malformed;
    facts.next_step =
        "Bring it back from a copy; without what it keeps, it is read once the member keeps_code is taken "
        "away.";
    std::string why;
    for (const Finding& finding : reading.findings) {
        why = finding.code == k_unreadable_record ? ": " + finding.message : why;
    }
    throw Error(std::move(facts),
                "the source keeps views, functions and the like in the record of where it came from, which "
                "cannot be read" +
                    why);
}

}  // namespace

SourceReading read_source(backend::Source& source, const PlanOptions& options, bool profile) {
    SourceReading reading;
    backend::SchemaRequest request;
    // Where rows may be rejected, what a reading cannot read is left to it.
    const bool may_reject = options.on_reject != RejectHandling::stop;
    request.bad_text = may_reject && options.bad_text == "stop" ? "reject" : options.bad_text;
    request.profile = profile;
    request.count_orphans = options.foresee_orphans || options.on_orphan == OrphanHandling::stop;
    // What tables that are there make of it is settled once, before anything is staged.
    request.first_rows = !options.profile_ahead && options.on_existing == ExistingTables::refuse;
    request.virtual_tables = options.virtual_tables == VirtualTables::data;
    std::optional<Provenance> provenance = provenance_of(source, reading);
    if (provenance) {
        leave_out_of_record(options, *provenance);
        request.hints = hints_of(*provenance);
    }
    if (!options.tables.empty() || !options.exclude.empty() || !options.types.empty() ||
        !options.mapping.empty()) {
        // Names first, so that what is left out need not be profiled and what is misspelled is told at once.
        backend::SchemaRequest names;
        names.profile = false;
        names.count_rows = false;
        names.virtual_tables = request.virtual_tables;
        const Schema catalog = source.read_schema(names).schema;
        check_selection(options, catalog);
        for (backend::ColumnHint& hint : hints_of_user(options, catalog)) {
            request.hints.push_back(std::move(hint));
        }
        mapping::check_mapping(options.mapping, catalog);
        add_hints_of_mapping(options.mapping, catalog, request.hints);
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
    reading.provisional = read.provisional;
    std::move(read.findings.begin(), read.findings.end(), std::back_inserter(reading.findings));
    mapping::apply_selection(options, reading.schema, reading.findings, request.skip_tables);
    if (provenance) {
        attach_origins(*provenance, reading.schema);
    } else if (backend::keeps_code(reading.schema)) {
        refuse_without_record(reading);
    }
    return reading;
}

}  // namespace migrate::plan
