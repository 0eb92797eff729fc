#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "backends/postgresql/adopter.hpp"
#include "backends/postgresql/catalog.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/object_kind.hpp"
#include "backends/postgresql/staging_names.hpp"
#include "model/name_list.hpp"

namespace migrate::backends::postgresql {
namespace {

std::string property_of(const SchemaObject& object, const char* name) {
    const auto found = object.properties.find(name);
    return found == object.properties.end() ? std::string() : found->second;
}

/// Kinds that share their names: what a comment calls a type is listed as a domain or an enum.
std::string_view family_of(std::string_view kind) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 12> k_families{
        {{"enum", "type"},
         {"domain", "type"},
         {"composite type", "type"},
         {"composite type column", "type"},
         {"range type", "type"},
         {"base type", "type"},
         {"domain constraint", "type"},
         {"function", "routine"},
         {"procedure", "routine"},
         {"aggregate", "routine"},
         {"statistics object", "statistics"},
         {"materialized view", "view"}}};
    const auto* const found = std::find_if(k_families.begin(), k_families.end(),
                                           [&](const auto& family) { return family.first == kind; });
    return found == k_families.end() ? kind : found->second;
}

bool has_constraint(const Table& table, const std::string& name) {
    const auto named = [&](const auto& one) { return one.name == name; };
    return (table.primary_key && named(*table.primary_key)) ||
           std::any_of(table.unique_keys.begin(), table.unique_keys.end(), named) ||
           std::any_of(table.checks.begin(), table.checks.end(), named) ||
           std::any_of(table.foreign_keys.begin(), table.foreign_keys.end(), named);
}

bool has_index(const Table& table, const std::string& name) {
    const auto named = [&](const auto& one) { return one.name == name; };
    return (table.primary_key && named(*table.primary_key)) ||
           std::any_of(table.unique_keys.begin(), table.unique_keys.end(), named) ||
           std::any_of(table.indexes.begin(), table.indexes.end(), named);
}

}  // namespace

/// Partitions and heirs have what their parents have.
std::vector<QualifiedName> Adopter::line_of(const QualifiedName& table) const {
    std::vector<QualifiedName> line{table};
    const auto& schema = m_adoption.schema;
    for (std::size_t i = 0; i < line.size(); ++i) {
        std::vector<std::string> parents;
        for (const SchemaObject& object : schema.objects) {
            if (object.kind == "partition" && object.name == line[i]) {
                parents.push_back(object.table);
            }
        }
        const Table* heir = schema.find_table(line[i]);
        if (heir != nullptr && heir->properties.contains(property::k_inherits_columns)) {
            parents = split_names(heir->properties.at(property::k_inherits));
        }
        for (const std::string& quoted : parents) {
            const QualifiedName parent = parse_name(quoted);
            if (std::find(line.begin(), line.end(), parent) == line.end()) {
                line.push_back(parent);
            }
        }
    }
    return line;
}

bool Adopter::has_part(const QualifiedName& table, const std::string& kind, const std::string& name) const {
    const auto is_part = [&](const Table& one) {
        if (kind == "column") {
            return one.find_column(name) != nullptr;
        }
        return kind == "constraint" ? has_constraint(one, name) : kind == "index" && has_index(one, name);
    };
    const auto& schema = m_adoption.schema;
    const bool code_or_rule = kind == "trigger" || kind == "rule" || kind == "policy";
    const std::vector<QualifiedName> line = line_of(table);
    return std::any_of(line.begin(), line.end(), [&](const QualifiedName& ancestor) {
        const Table* found = schema.find_table(ancestor);
        const auto made_apart = [&](const SchemaObject& object) {
            return !is_detail(object) && object.name == QualifiedName{ancestor.schema, name} &&
                   object.table == ancestor.name && (!code_or_rule || object.kind == kind);
        };
        return (found != nullptr && is_part(*found)) ||
               std::any_of(schema.objects.begin(), schema.objects.end(), made_apart);
    });
}

bool Adopter::has_sequence(const QualifiedName& name) const {
    return std::any_of(
        m_adoption.schema.tables.begin(), m_adoption.schema.tables.end(), [&](const Table& table) {
            return std::any_of(table.columns.begin(), table.columns.end(), [&](const Column& column) {
                return column.identity && sequence_of(table, column) == name;
            });
        });
}

bool Adopter::has_object(std::string_view kind, const QualifiedName& name) const {
    const auto& objects = m_adoption.schema.objects;
    return std::any_of(objects.begin(), objects.end(),
                       [&](const SchemaObject& object) {
                           return object.name == name && !is_detail(object) &&
                                  family_of(object.kind) == family_of(kind);
                       }) ||
           (kind == "sequence" && has_sequence(name));
}

bool Adopter::has_what_it_needs(const SchemaObject& detail) const {
    const std::vector<std::string> needs = model::read_name_list(property_of(detail, property::k_needs));
    const auto& objects = m_adoption.schema.objects;
    for (std::size_t i = 0; i + 1 < needs.size(); i += 2) {
        const std::string& kind = needs[i];
        const std::string& name = needs[i + 1];
        bool there = false;
        if (kind == "routine" || kind == "operator") {
            there = std::any_of(objects.begin(), objects.end(), [&](const SchemaObject& object) {
                return property_of(object, property::k_signature) == name;
            });
        } else if (kind == "sequence" || kind == "statistics") {
            there = has_object(kind, {detail.name.schema, name});
        } else {
            there = has_part({detail.name.schema, detail.table}, kind, name);
        }
        if (!there) {
            return false;
        }
    }
    return true;
}

bool Adopter::is_about_something_here(const SchemaObject& detail) const {
    const std::string kind = property_of(detail, property::k_about_kind);
    const QualifiedName about{detail.name.schema, property_of(detail, property::k_about)};
    if (kind == "schema") {
        return true;
    }
    if (!detail.table.empty()) {
        const QualifiedName table{detail.name.schema, detail.table};
        const auto& objects = m_adoption.schema.objects;
        return has_table(table) ||
               std::any_of(objects.begin(), objects.end(), [&](const SchemaObject& object) {
                   return object.name == table && !is_detail(object);
               });
    }
    return has_object(kind, about);
}

}  // namespace migrate::backends::postgresql
