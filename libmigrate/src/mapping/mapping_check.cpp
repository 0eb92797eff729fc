#include <algorithm>
#include <map>
#include <set>

#include <migrate/logical_type.hpp>

#include "mapping/mapping_problems.hpp"
#include "mapping/schema_mapping.hpp"
#include "mapping/selection.hpp"
#include "util/ascii.hpp"
#include "util/near_name.hpp"
#include "util/printable.hpp"

namespace migrate::mapping {
namespace {

std::vector<std::string> names_of(const Schema& schema) {
    std::vector<std::string> names;
    for (const Table& table : schema.tables) {
        names.push_back(table.name.name);
        if (!table.name.schema.empty()) {
            names.push_back(table.name.schema + "." + table.name.name);
        }
    }
    return names;
}

std::vector<std::string> names_of(const Table& table) {
    std::vector<std::string> names;
    for (const Column& column : table.columns) {
        if (!column.hidden) {
            names.push_back(column.name);
        }
    }
    return names;
}

class MappingCheck {
  public:
    MappingCheck(const MappingSpec& spec, const Schema& source)
        : m_spec(spec), m_source(source), m_problems(spec) {}

    void run() {
        check_table_globs(m_spec.include);
        check_table_globs(m_spec.exclude);
        for (const TableMapping& entry : m_spec.tables) {
            check_entry(entry);
        }
        check_twice();
        m_problems.raise();
    }

  private:
    void check_table_globs(const std::vector<MappingText>& globs) {
        for (const MappingText& glob : globs) {
            const bool hits =
                std::any_of(m_source.tables.begin(), m_source.tables.end(),
                            [&](const Table& table) { return matches_any(table.name, {glob.text}); });
            if (!hits) {
                m_problems.add(glob.at, "no table of the source matches " + util::printable(glob.text),
                               util::did_you_mean(glob.text, names_of(m_source)));
            }
        }
    }

    void check_entry(const TableMapping& entry) {
        const Table* table = find_mapped_source(entry.from, m_source);
        if (table == nullptr) {
            m_problems.add(entry.from.at, "the source has no table " + util::printable(entry.from.text),
                           util::did_you_mean(entry.from.text, names_of(m_source)));
            return;
        }
        for (const MappingText& glob : m_spec.exclude) {
            if (matches_any(table->name, {glob.text})) {
                m_problems.add(entry.from.at, "this entry is never used: table " + table->name.display() +
                                                  " is excluded at " + place_of(m_spec, glob.at));
            }
        }
        check_column_globs(entry.include, *table);
        check_column_globs(entry.exclude, *table);
        std::set<std::string> seen;
        for (const ColumnMapping& column : entry.columns) {
            check_column(entry, column, *table);
            if (!seen.insert(column.column.text).second) {
                m_problems.add(column.column.at,
                               "column " + util::printable(column.column.text) + " has an entry already");
            }
        }
        for (const ComputedColumn& column : entry.compute) {
            check_computed(column);
        }
        check_output_names(entry, *table);
    }

    void check_column_globs(const std::vector<MappingText>& globs, const Table& table) {
        const std::vector<std::string> names = names_of(table);
        for (const MappingText& glob : globs) {
            const bool hits = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
                return matches_any({{}, name}, {glob.text});
            });
            if (!hits) {
                m_problems.add(
                    glob.at, "table " + table.name.display() + " has no column " + util::printable(glob.text),
                    util::did_you_mean(glob.text, names));
            }
        }
    }

    void check_column(const TableMapping& entry, const ColumnMapping& column, const Table& table) {
        const std::vector<std::string> names = names_of(table);
        if (std::find(names.begin(), names.end(), column.column.text) == names.end()) {
            m_problems.add(
                column.column.at,
                "table " + table.name.display() + " has no column " + util::printable(column.column.text),
                util::did_you_mean(column.column.text, names));
        } else if (!is_column_kept(entry, column.column.text)) {
            m_problems.add(column.column.at,
                           "this entry is never used: the column is left out by `include` or "
                           "`exclude`");
        }
        check_type(column.type);
        if (!column.format.empty() && (column.type.empty() || !column.expression.empty())) {
            m_problems.add(column.format.at,
                           "`format` says how the source holds a `type`: give that, and no "
                           "`expression`");
        }
        if (!column.values.empty() && !column.expression.empty()) {
            m_problems.add(column.column.at, "`values` and `expression` exclude each other");
        }
        if (column.values.empty() && column.otherwise != UnmappedValue::reject) {
            m_problems.add(column.column.at, "`otherwise` belongs to `values`, and there are none");
        }
    }

    void check_type(const MappingText& type) {
        if (!type.empty() && !parse_logical_type(type.text)) {
            m_problems.add(type.at, "there is no type " + util::printable(type.text),
                           "types are boolean, int64, decimal(p,s), float64, text, bytes, date, time, "
                           "timestamp, timestamp_tz, uuid, json and others in the documentation");
        }
    }

    void check_computed(const ComputedColumn& column) {
        check_type(column.type);
        if (column.expression.empty() == column.constant.empty()) {
            m_problems.add(column.name.at, "a computed column has either a `constant` or an `expression`");
        }
    }

    void check_output_names(const TableMapping& entry, const Table& table) {
        std::map<std::string, SourcePosition> given;
        const auto give = [&](const std::string& name, const SourcePosition& at) {
            const auto [it, added] = given.try_emplace(name, at);
            if (!added) {
                m_problems.add(at.line > 0 ? at : it->second,
                               "the target would have two columns " + util::printable(name));
            }
        };
        for (const std::string& name : names_of(table)) {
            if (!is_column_kept(entry, name)) {
                continue;
            }
            const auto it = std::find_if(entry.columns.begin(), entry.columns.end(),
                                         [&](const ColumnMapping& c) { return c.column.text == name; });
            const bool renamed = it != entry.columns.end() && !it->to.empty();
            give(renamed ? it->to.text : name, renamed ? it->to.at : SourcePosition());
        }
        for (const ComputedColumn& column : entry.compute) {
            give(column.name.text, column.name.at);
        }
        if (given.empty()) {
            m_problems.add(entry.from.at, "nothing is left of table " + table.name.display(),
                           "leave the whole table out with `exclude`");
        }
        std::set<std::string> key;
        for (const MappingText& column : entry.key) {
            std::vector<std::string> names;
            names.reserve(given.size());
            for (const auto& [name, at] : given) {
                names.push_back(name);
            }
            if (!given.contains(column.text)) {
                m_problems.add(
                    column.at,
                    "the target's table has no column " + util::printable(column.text) + " for its key",
                    util::did_you_mean(column.text, names));
            } else if (!key.insert(column.text).second) {
                m_problems.add(column.at, "the key has column " + util::printable(column.text) + " twice");
            }
        }
    }

    void check_twice() {
        std::set<std::pair<QualifiedName, QualifiedName>> ways;
        for (const TableMapping& entry : m_spec.tables) {
            const Table* table = find_mapped_source(entry.from, m_source);
            if (table != nullptr && !ways.emplace(table->name, mapped_name(entry, *table)).second) {
                m_problems.add(entry.from.at,
                               "table " + table->name.display() + " goes to table " +
                                   mapped_name(entry, *table).display() + " twice",
                               "one entry with `or` between the conditions says it once");
            }
        }
    }

    const MappingSpec& m_spec;
    const Schema& m_source;
    MappingProblems m_problems;
};

}  // namespace

void check_mapping(const MappingSpec& spec, const Schema& source) {
    MappingCheck(spec, source).run();
}

const Table* find_mapped_source(const MappingText& from, const Schema& source) {
    const auto find = [&](auto same) -> const Table* {
        const auto it = std::find_if(source.tables.begin(), source.tables.end(), same);
        return it == source.tables.end() ? nullptr : &*it;
    };
    if (const Table* exact = find([&](const Table& t) {
            return !t.name.schema.empty() && t.name.schema + "." + t.name.name == from.text;
        })) {
        return exact;
    }
    return find([&](const Table& t) { return t.name.name == from.text; });
}

QualifiedName mapped_name(const TableMapping& entry, const Table& source) {
    if (entry.to.empty()) {
        return source.name;
    }
    const std::size_t dot = entry.to.text.find('.');
    if (source.name.schema.empty() || dot == std::string::npos) {
        return {source.name.schema, entry.to.text};
    }
    return {entry.to.text.substr(0, dot), entry.to.text.substr(dot + 1)};
}

}  // namespace migrate::mapping
