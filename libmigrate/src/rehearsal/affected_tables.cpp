#include "rehearsal/affected_tables.hpp"

#include <algorithm>
#include <utility>

#include "util/ascii.hpp"

namespace migrate::rehearsal {
namespace {

bool is_there(const Table& table) {
    return table.placement != Placement::create;
}

std::string without_quotes(std::string sql) {
    std::erase(sql, '"');
    return sql;
}

/// Where the source has what the plan copies into the target's columns as it is.
std::optional<Places> source_places(const Table& target, const TablePlan& way,
                                    const std::vector<std::string>& columns) {
    const auto places = places_of(target, columns);
    if (!places) {
        return std::nullopt;
    }
    Places found;
    for (const std::size_t place : *places) {
        const auto column = std::find_if(way.columns.begin(), way.columns.end(),
                                         [&](const ColumnPlan& one) { return one.target == place; });
        if (column == way.columns.end() || column->source == ColumnPlan::k_computed ||
            !column->expression.empty()) {
            return std::nullopt;
        }
        found.push_back(column->source);
    }
    return found;
}

}  // namespace

bool changes_what_is_there(const MigrationPlan& plan) {
    return std::any_of(plan.target.tables.begin(), plan.target.tables.end(), is_there);
}

AffectedTables::AffectedTables(const MigrationPlan& plan, Schema there, bool any_case)
    : m_any_case(any_case), m_schema(std::move(there)) {
    std::set<QualifiedName> names;
    for (const Table& table : plan.target.tables) {
        if (is_there(table)) {
            names.insert(comparable(table.name));
        }
        if (table.placement == Placement::replace) {
            m_replaced.push_back(comparable(table.name));
        }
    }
    for (std::size_t before = 0; before != names.size();) {
        before = names.size();
        for (const Table& table : m_schema.tables) {
            for (const ForeignKey& key : table.foreign_keys) {
                if (names.contains(comparable(table.name)) ||
                    names.contains(comparable(key.referenced_table))) {
                    names.insert(comparable(table.name));
                    names.insert(comparable(key.referenced_table));
                }
            }
        }
    }
    if (is_reached_by_code(names)) {
        for (const Table& table : m_schema.tables) {
            names.insert(comparable(table.name));
        }
    }
    std::erase_if(m_schema.tables,
                  [&](const Table& table) { return !names.contains(comparable(table.name)); });
    const std::set<QualifiedName> partitions = partitions_of(names);
    std::erase_if(m_schema.objects, [&](const SchemaObject& object) {
        const QualifiedName table = comparable({object.name.schema, object.table});
        return object.kind == "partition" ? !partitions.contains(object.name)
                                          : !object.table.empty() && !names.contains(table) &&
                                                !partitions.contains({object.name.schema, object.table});
    });
    for (std::size_t t = 0; t < m_schema.tables.size(); ++t) {
        for (const ForeignKey& key : m_schema.tables[t].foreign_keys) {
            const auto columns = places_of(m_schema.tables[t], key.columns);
            if (is_replaced(key.referenced_table) && !is_replaced(m_schema.tables[t].name)) {
                m_outward.push_back({{t, columns.value_or(Places())}, std::nullopt});
            }
        }
    }
    for (const TablePlan& way : plan.tables) {
        find_inward(plan, way);
    }
}

QualifiedName AffectedTables::comparable(const QualifiedName& name) const {
    return m_any_case ? QualifiedName{util::lower_ascii(name.schema), util::lower_ascii(name.name)} : name;
}

/// Those of the tables, and theirs. They name their parents in SQL.
std::set<QualifiedName> AffectedTables::partitions_of(const std::set<QualifiedName>& tables) const {
    std::set<std::string> parents;
    for (const QualifiedName& name : tables) {
        parents.insert(without_quotes(name.schema + "." + name.name));
    }
    std::set<QualifiedName> found;
    for (std::size_t before = 1; before != found.size();) {
        before = found.size();
        for (const SchemaObject& object : m_schema.objects) {
            if (object.kind == "partition" && parents.contains(without_quotes(object.table))) {
                found.insert(object.name);
                parents.insert(without_quotes(object.name.schema + "." + object.name.name));
            }
        }
        if (found.empty()) {
            break;
        }
    }
    return found;
}

bool AffectedTables::is_reached_by_code(const std::set<QualifiedName>& names) const {
    return std::any_of(m_schema.objects.begin(), m_schema.objects.end(), [&](const SchemaObject& object) {
        const bool fires = object.kind == "trigger" || object.kind == "rule";
        const bool reads = object.kind == "view" || object.kind == "materialized view";
        return fires ? names.contains(comparable({object.name.schema, object.table}))
                     : reads && !m_replaced.empty();
    });
}

bool AffectedTables::is_replaced(const QualifiedName& name) const {
    return std::find(m_replaced.begin(), m_replaced.end(), comparable(name)) != m_replaced.end();
}

std::optional<std::size_t> AffectedTables::place_of(const QualifiedName& name) const {
    const auto found = std::find_if(m_schema.tables.begin(), m_schema.tables.end(), [&](const Table& table) {
        return comparable(table.name) == comparable(name);
    });
    return found == m_schema.tables.end()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(found - m_schema.tables.begin()));
}

void AffectedTables::find_inward(const MigrationPlan& plan, const TablePlan& way) {
    const Table& target = plan.target.tables[way.target];
    for (const ForeignKey& key : target.foreign_keys) {
        const auto from = source_places(target, way, key.columns);
        if (!from) {
            // Rows go into a table that is there, and its own key is checked by then.
            if (target.placement == Placement::load) {
                m_inward.push_back({{way.source, {}}, std::nullopt, std::nullopt});
            }
            continue;
        }
        Inward inward{{way.source, *from}, std::nullopt, std::nullopt};
        for (const TablePlan& other : plan.tables) {
            const Table& parent = plan.target.tables[other.target];
            if (comparable(parent.name) != comparable(key.referenced_table)) {
                continue;
            }
            const std::vector<std::string>& columns = !key.referenced_columns.empty() ? key.referenced_columns
                                                      : parent.primary_key ? parent.primary_key->columns
                                                                           : key.referenced_columns;
            if (auto to = source_places(parent, other, columns)) {
                inward.to = KeyPlaces{other.source, *to};
            }
        }
        const auto place = place_of(key.referenced_table);
        if (place && !is_replaced(key.referenced_table)) {
            if (const auto there = places_referred_to(m_schema.tables[*place], key)) {
                inward.there = KeyPlaces{*place, *there};
            }
        }
        if (!inward.to && !inward.there && target.placement == Placement::load) {
            inward.from.columns.clear();  // It leads to what is not read, as a generated column.
        }
        if (inward.to || inward.there || inward.from.columns.empty()) {
            m_inward.push_back(std::move(inward));
        }
    }
}

SampleRequest AffectedTables::first_request_source(std::uint64_t rows) const {
    SampleRequest request;
    request.rows = rows;
    for (const Inward& inward : m_inward) {
        if (inward.there) {
            request.remember.push_back(inward.from);
        } else {
            request.conditions.push_back({inward.from, inward.to});
        }
    }
    return request;
}

SampleRequest AffectedTables::request_there(std::uint64_t rows, const Sample& of_source) const {
    SampleRequest request;
    request.rows = rows;
    request.conditions = m_outward;
    for (const Inward& inward : m_inward) {
        if (inward.there) {
            request.remember.push_back(*inward.there);
            const KeyValues& wanted = of_source.values(inward.from);
            request.wanted[*inward.there].insert(wanted.begin(), wanted.end());
        }
    }
    return request;
}

SampleRequest AffectedTables::request_source(std::uint64_t rows, const Sample& there) const {
    SampleRequest request;
    request.rows = rows;
    for (const Inward& inward : m_inward) {
        request.conditions.push_back(
            {inward.from, inward.to, inward.there ? there.values(*inward.there) : KeyValues()});
    }
    return request;
}

}  // namespace migrate::rehearsal
