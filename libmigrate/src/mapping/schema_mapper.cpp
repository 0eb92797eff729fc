#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "mapping/column_mapper.hpp"
#include "mapping/constraint_mapper.hpp"
#include "mapping/mapping_problems.hpp"
#include "mapping/origin_mapper.hpp"
#include "mapping/row_compiler.hpp"
#include "mapping/schema_mapping.hpp"
#include "mapping/table_merge.hpp"
#include "model/sql_lexer.hpp"
#include "util/near_name.hpp"
#include "util/printable.hpp"

namespace migrate::mapping {
namespace {

/// One source table's part in a mapped one.
struct Part {
    std::size_t source = 0;
    const TableMapping* entry = nullptr;  ///< Null: as it is.
};

struct Draft {
    QualifiedName name;
    std::vector<Part> parts;
};

class SchemaMapper {
  public:
    SchemaMapper(const MappingSpec& spec, const Schema& source)
        : m_spec(spec), m_source(source), m_problems(spec) {}

    MappedSchema run() {
        plan_tables();
        copy_properties();
        for (const Draft& draft : m_drafts) {
            make_table(draft);
        }
        m_problems.raise();
        map_foreign_keys();
        drop_shapes();
        drop_inheritance();
        map_objects();
        map_origins(m_source, m_inner, m_out);
        find_order();
        m_problems.raise();
        return std::move(m_out);
    }

  private:
    void copy_properties() {
        m_out.schema.engine = m_source.engine;
        m_out.schema.engine_version = m_source.engine_version;
        m_out.schema.properties = m_source.properties;
        m_out.schema.origins = m_source.origins;
    }

    void plan_tables() {
        for (std::size_t i = 0; i < m_source.tables.size(); ++i) {
            bool any = false;
            for (const TableMapping& entry : m_spec.tables) {
                if (find_mapped_source(entry.from, m_source) == &m_source.tables[i]) {
                    draft(mapped_name(entry, m_source.tables[i])).parts.push_back({i, &entry});
                    any = true;
                }
            }
            if (!any) {
                draft(m_source.tables[i].name).parts.push_back({i, nullptr});
            }
        }
    }

    Draft& draft(const QualifiedName& name) {
        const auto it =
            std::find_if(m_drafts.begin(), m_drafts.end(), [&](const Draft& d) { return d.name == name; });
        return it != m_drafts.end() ? *it : m_drafts.emplace_back(Draft{name, {}});
    }

    void make_table(const Draft& draft) {
        MappedTable mapped;
        std::vector<MappedColumns> columns;
        for (const Part& part : draft.parts) {
            if (part.entry != nullptr && mapped.at.line == 0) {
                mapped.at = part.entry->from.at;
            }
        }
        for (const Part& part : draft.parts) {
            columns.push_back(map_columns(m_source.tables[part.source], part.entry, m_problems));
            mapped.inputs.push_back({part.source, filter_of(part), {}});
            if (part.entry == nullptr && draft.parts.size() > 1) {
                m_problems.add(
                    mapped.at,
                    "table " + m_source.tables[part.source].name.display() + " has this name already",
                    "an entry for it as well merges them, another `to` keeps them apart");
            }
        }
        const Table& first = m_source.tables[draft.parts[0].source];
        const bool merged = draft.parts.size() > 1;
        mapped.changed = merged || columns[0].changed || draft.name != first.name;
        Table table = mapped.changed ? start_table(draft, merged) : first;
        if (merged) {
            merge_columns(m_source, columns, mapped, table, m_problems, m_out.findings);
            for (const Part& part : draft.parts) {
                leave_constraints_out(m_source.tables[part.source], table, m_out.findings);
            }
        } else if (mapped.changed) {
            for (const MappedColumn& column : columns[0].columns) {
                table.columns.push_back(column.column);
                mapped.inputs[0].columns.push_back(column.source);
                mapped.made.push_back(column.made);
            }
            const bool another = !m_mapped_before.insert(draft.parts[0].source).second;
            map_constraints(m_source, first, columns[0], another, table, m_out.findings);
        } else {
            m_mapped_before.insert(draft.parts[0].source);
            for (const MappedColumn& column : columns[0].columns) {
                mapped.inputs[0].columns.push_back(column.source);
            }
            mapped.made.assign(table.columns.size(), false);
        }
        give_key(draft, table, mapped);
        note_filters(draft, mapped, table);
        m_inner.push_back(std::move(columns));
        m_out.schema.tables.push_back(std::move(table));
        m_out.tables.push_back(std::move(mapped));
    }

    /// The table without columns.
    Table start_table(const Draft& draft, bool merged) const {
        Table table = m_source.tables[draft.parts[0].source];
        table.name = draft.name;
        table.columns.clear();
        table.native_sql.clear();
        table.origins.clear();
        if (merged) {
            table.primary_key.reset();
            table.unique_keys.clear();
            table.checks.clear();
            table.foreign_keys.clear();
            table.indexes.clear();
            table.properties.clear();
            for (std::size_t i = 1; i < draft.parts.size(); ++i) {
                const Table& other = m_source.tables[draft.parts[i].source];
                table.row_estimate += other.row_estimate;
                table.byte_estimate += other.byte_estimate;
                table.row_count_exact = table.row_count_exact && other.row_count_exact;
            }
        }
        return table;
    }

    std::string filter_of(const Part& part) {
        if (part.entry == nullptr || part.entry->where.empty()) {
            return {};
        }
        try {
            RowCompiler(m_source.tables[part.source]).compile_condition(part.entry->where.text);
        } catch (const ExpressionError& error) {
            m_problems.add(part.entry->where, error.offset(), error.what(), error.facts().next_step);
        }
        return part.entry->where.text;
    }

    void note_filters(const Draft& draft, const MappedTable& mapped, Table& table) {
        for (const TableInput& input : mapped.inputs) {
            if (!input.where.empty()) {
                table.row_count_exact = false;
                m_out.findings.push_back(excluded_by_mapping(
                    "rows-filtered", "table " + m_source.tables[input.source].name.display(),
                    "only its rows with " + input.where + " travel" +
                        (mapped.changed ? " to " + draft.name.display() : std::string())));
            }
        }
    }

    void give_key(const Draft& draft, Table& table, MappedTable& mapped) {
        const std::vector<MappingText>* key = nullptr;
        for (const Part& part : draft.parts) {
            if (part.entry == nullptr || part.entry->key.empty()) {
                continue;
            }
            if (key != nullptr) {
                m_problems.add(part.entry->key[0].at,
                               "another entry for table " + draft.name.display() + " has a key already");
            }
            key = &part.entry->key;
        }
        if (key == nullptr) {
            return;
        }
        Key made;
        for (const MappingText& column : *key) {
            made.columns.push_back(column.text);
            for (Column& other : table.columns) {
                other.nullable = other.nullable && other.name != column.text;
            }
        }
        if (table.primary_key && table.primary_key->columns == made.columns) {
            return;
        }
        for (Column& column : table.columns) {
            const bool alone = made.columns.size() == 1 && made.columns[0] == column.name;
            if (column.identity && !alone) {
                column.identity.reset();
            }
        }
        table.primary_key = std::move(made);
        table.native_sql.clear();
        mapped.changed = true;
    }

    /// The mapped table in which a source's foreign key still finds what it refers to: one that holds all
    /// rows, or else the only one there is.
    const Table* referenced(const QualifiedName& name, const ForeignKey& key,
                            std::vector<std::string>& columns) const {
        std::vector<std::size_t> candidates;
        for (std::size_t t = 0; t < m_out.tables.size(); ++t) {
            const MappedTable& mapped = m_out.tables[t];
            if (mapped.inputs.size() == 1 && m_source.tables[mapped.inputs[0].source].name == name &&
                renamed_columns(t, 0, key.referenced_columns)) {
                candidates.push_back(t);
            }
        }
        const auto whole = std::find_if(candidates.begin(), candidates.end(), [&](std::size_t t) {
            return m_out.tables[t].inputs[0].where.empty();
        });
        if (whole == candidates.end() && candidates.size() != 1) {
            return nullptr;
        }
        const std::size_t chosen = whole != candidates.end() ? *whole : candidates[0];
        columns = *renamed_columns(chosen, 0, key.referenced_columns);
        const Table& table = m_out.schema.tables[chosen];
        const Table& source = m_source.tables[m_out.tables[chosen].inputs[0].source];
        const bool by_primary_key = key.referenced_columns.empty();
        const bool key_kept = !by_primary_key || !source.primary_key ||
                              (table.primary_key && renamed_columns(chosen, 0, source.primary_key->columns) ==
                                                        table.primary_key->columns);
        return key_kept ? &table : nullptr;
    }

    /// What one input's columns are called in its mapped table; nullopt where one is gone.
    [[nodiscard]] std::optional<std::vector<std::string>> renamed_columns(
        std::size_t table, std::size_t input, const std::vector<std::string>& columns) const {
        const Table& source = m_source.tables[m_out.tables[table].inputs[input].source];
        std::vector<std::string> out;
        for (const std::string& name : columns) {
            const auto& mapped = m_inner[table][input].columns;
            const auto it = std::find_if(mapped.begin(), mapped.end(), [&](const MappedColumn& column) {
                return column.origin != k_no_column && source.columns[column.origin].name == name;
            });
            if (it == mapped.end()) {
                return std::nullopt;
            }
            out.push_back(it->column.name);
        }
        return out;
    }

    void map_foreign_keys() {
        for (std::size_t t = 0; t < m_out.tables.size(); ++t) {
            const MappedTable& mapped = m_out.tables[t];
            std::vector<ForeignKey> kept = mapped_keys(t, 0);
            for (std::size_t input = 1; input < mapped.inputs.size(); ++input) {
                // A merged table has the keys that hold for all its rows.
                const std::vector<ForeignKey> others = mapped_keys(t, input);
                std::erase_if(kept, [&](const ForeignKey& key) {
                    return std::none_of(others.begin(), others.end(),
                                        [&](const ForeignKey& other) { return same_reference(key, other); });
                });
            }
            for (std::size_t input = 0; input < mapped.inputs.size(); ++input) {
                tell_lost_keys(t, input, kept);
            }
            Table& table = m_out.schema.tables[t];
            if (!mapped.changed && kept != table.foreign_keys) {
                m_out.tables[t].changed = true;
                table.native_sql.clear();
            }
            table.foreign_keys = std::move(kept);
        }
    }

    static bool same_reference(const ForeignKey& a, const ForeignKey& b) {
        return a.columns == b.columns && a.referenced_table == b.referenced_table &&
               a.referenced_columns == b.referenced_columns;
    }

    /// The keys of one input that still find what they refer to, in the mapped table's names.
    [[nodiscard]] std::vector<ForeignKey> mapped_keys(std::size_t t, std::size_t input) const {
        std::vector<ForeignKey> keys;
        for (const ForeignKey& key : m_source.tables[m_out.tables[t].inputs[input].source].foreign_keys) {
            if (auto mapped = mapped_key(t, input, key)) {
                keys.push_back(std::move(*mapped));
            }
        }
        return keys;
    }

    [[nodiscard]] std::optional<ForeignKey> mapped_key(std::size_t t, std::size_t input,
                                                       const ForeignKey& before) const {
        ForeignKey key = before;
        const auto columns = renamed_columns(t, input, before.columns);
        const auto set_columns = renamed_columns(t, input, before.set_columns);
        if (!columns || !set_columns) {
            return std::nullopt;
        }
        key.columns = *columns;
        key.set_columns = *set_columns;
        if (m_source.find_table(before.referenced_table) == nullptr) {
            return key;
        }
        const Table* to = referenced(before.referenced_table, before, key.referenced_columns);
        if (to == nullptr) {
            return std::nullopt;
        }
        key.referenced_table = to->name;
        return key;
    }

    void tell_lost_keys(std::size_t t, std::size_t input, const std::vector<ForeignKey>& kept) {
        const Table& source = m_source.tables[m_out.tables[t].inputs[input].source];
        for (const ForeignKey& key : source.foreign_keys) {
            const auto mapped = mapped_key(t, input, key);
            const bool there = mapped && std::any_of(kept.begin(), kept.end(), [&](const ForeignKey& one) {
                                   return same_reference(one, *mapped);
                               });
            if (!there) {
                m_out.findings.push_back(excluded_by_mapping(
                    "mapping-left-out",
                    "table " + source.name.display() + ", foreign key to " + key.referenced_table.display(),
                    "the mapping splits, merges or leaves out what it refers from or to"));
            }
        }
    }

    /// Inheritance and partitioning speak of tables and columns by their former names.
    void drop_inheritance() {
        const bool any_changed = std::any_of(m_out.tables.begin(), m_out.tables.end(),
                                             [](const MappedTable& table) { return table.changed; });
        for (std::size_t t = 0; any_changed && t < m_out.tables.size(); ++t) {
            Table& table = m_out.schema.tables[t];
            bool dropped = table.properties.erase("inherits") > 0;
            if (m_out.tables[t].changed) {
                dropped = table.properties.erase("partition_by") > 0 || dropped;
            }
            if (!dropped) {
                continue;
            }
            table.properties.erase("inherits_columns");
            table.properties.erase("inherited_checks");
            for (Column& column : table.columns) {
                column.properties.erase("inherited");
            }
            table.native_sql.clear();
            m_out.findings.push_back(excluded_by_mapping(
                "mapping-left-out", "table " + table.name.display() + ", inheritance or partitioning",
                "the mapping changes tables that it speaks of; the rows are all there"));
        }
    }

    /// The record of documents' shapes speaks of tables as they were.
    void drop_shapes() {
        const bool changed = std::any_of(m_out.tables.begin(), m_out.tables.end(),
                                         [](const MappedTable& table) { return table.changed; });
        for (std::size_t t = m_out.tables.size(); changed && t-- > 0;) {
            if (m_out.schema.tables[t].role != TableRole::shape) {
                continue;
            }
            m_out.findings.push_back(excluded_by_mapping(
                "shapes-left-out", "table " + m_out.schema.tables[t].name.display(),
                "tables are mapped, so the documents they came from cannot be made anew"));
            const auto at = static_cast<std::ptrdiff_t>(t);
            m_out.schema.tables.erase(m_out.schema.tables.begin() + at);
            m_out.tables.erase(m_out.tables.begin() + at);
            m_inner.erase(m_inner.begin() + at);
        }
    }

    void map_objects() {
        ColumnNames changed;
        for (const Table& table : m_source.tables) {
            const auto same =
                std::find_if(m_out.tables.begin(), m_out.tables.end(), [&](const MappedTable& t) {
                    return !t.changed && &m_source.tables[t.inputs[0].source] == &table;
                });
            if (same == m_out.tables.end()) {
                changed.emplace(table.name.name, table.name.name);
            }
        }
        for (const SchemaObject& object : m_source.objects) {
            if (changed.contains(object.table) ||
                mentions(object.native_sql, changed, dialect_of(m_source))) {
                m_out.findings.push_back(
                    excluded_by_mapping("mapping-left-out", object.kind + " " + object.name.display(),
                                        "it speaks of a table that the mapping changes"));
            } else {
                m_out.schema.objects.push_back(object);
            }
        }
    }

    void find_order() {
        std::vector<std::string> names;
        for (const Table& table : m_out.schema.tables) {
            names.push_back(table.name.name);
        }
        for (const MappingText& wanted : m_spec.order) {
            const auto it =
                std::find_if(m_out.schema.tables.begin(), m_out.schema.tables.end(), [&](const Table& table) {
                    return table.name.name == wanted.text ||
                           table.name.schema + "." + table.name.name == wanted.text;
                });
            const auto index = static_cast<std::size_t>(it - m_out.schema.tables.begin());
            if (it == m_out.schema.tables.end()) {
                m_problems.add(wanted.at, "the target would have no table " + util::printable(wanted.text),
                               util::did_you_mean(wanted.text, names));
            } else if (std::find(m_out.order.begin(), m_out.order.end(), index) != m_out.order.end()) {
                m_problems.add(wanted.at,
                               "table " + util::printable(wanted.text) + " is in the order already");
            } else {
                m_out.order.push_back(index);
            }
        }
    }

    const MappingSpec& m_spec;
    const Schema& m_source;
    MappingProblems m_problems;
    std::vector<Draft> m_drafts;
    std::set<std::size_t> m_mapped_before;
    std::vector<std::vector<MappedColumns>> m_inner;  ///< Per mapped table and input.
    MappedSchema m_out;
};

MappedSchema as_it_is(const Schema& source) {
    MappedSchema out;
    out.schema = source;
    for (std::size_t i = 0; i < source.tables.size(); ++i) {
        MappedTable& table = out.tables.emplace_back();
        TableInput& input = table.inputs.emplace_back();
        input.source = i;
        for (std::size_t c = 0; c < source.tables[i].columns.size(); ++c) {
            input.columns.push_back({c, {}});
        }
        table.made.assign(source.tables[i].columns.size(), false);
    }
    return out;
}

}  // namespace

MappedSchema map_schema(const MappingSpec& spec, const Schema& source) {
    return spec.tables.empty() && spec.order.empty() ? as_it_is(source) : SchemaMapper(spec, source).run();
}

}  // namespace migrate::mapping
