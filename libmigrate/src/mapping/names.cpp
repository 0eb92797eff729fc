#include "mapping/names.hpp"

#include <cctype>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "mapping/sql_names.hpp"
#include "model/left_behind.hpp"
#include "model/name_list.hpp"
#include "util/ascii.hpp"
#include "util/fit_name.hpp"

namespace migrate::mapping {
namespace {

/// What one table and its columns are called at the target.
struct TableNames {
    QualifiedName table;
    ColumnNames columns;  ///< Source name → target name, all columns.
    bool changed = false;
};

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_lower_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// "AlbumTitle" and "Album Title" are album_title; "HTTPServer" is http_server. Only ASCII is touched.
std::string snake(std::string_view name) {
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        if (c == ' ' || c == '-' || c == '.') {
            out += '_';
            continue;
        }
        const bool after_word = i > 0 && is_lower_or_digit(name[i - 1]);
        const bool ends_acronym =
            i > 0 && is_upper(name[i - 1]) && i + 1 < name.size() && name[i + 1] >= 'a' && name[i + 1] <= 'z';
        if (is_upper(c) && (after_word || ends_acronym)) {
            out += '_';
        }
        out += is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

std::string by_policy(const std::string& name, NamePolicy policy) {
    switch (policy) {
        case NamePolicy::lower:
            return util::lower_ascii(name);
        case NamePolicy::snake:
            return snake(name);
        case NamePolicy::preserve:
            break;
    }
    return name;
}

/// Hands out names that differ from all handed out before, as the target compares them.
class UniqueNames {
  public:
    UniqueNames(bool fold_case, std::size_t max_bytes) : m_fold_case(fold_case), m_max_bytes(max_bytes) {}

    void reserve(std::string_view name) { m_taken.emplace(name); }

    std::string take(const std::string& wanted) {
        std::string name = util::fit_name(wanted, m_max_bytes);
        for (int n = 2; !m_taken.insert(m_fold_case ? util::lower_ascii(name) : name).second; ++n) {
            const std::string number = "_" + std::to_string(n);
            name = util::fit_name(wanted, m_max_bytes == 0 ? 0 : m_max_bytes - number.size()) + number;
        }
        return name;
    }

  private:
    bool m_fold_case;
    std::size_t m_max_bytes;
    std::set<std::string> m_taken;
};

class Namer {
  public:
    Namer(const Schema& source, const NameRules& rules) : m_rules(rules), m_result{source, {}} {}

    NamedSchema run() {
        for (const Table& table : m_result.schema.tables) {
            m_names.push_back(names_of(table));
            std::vector<std::string> former{table.name.name};
            for (const Column& column : table.columns) {
                former.push_back(column.name);
            }
            m_former.push_back(model::write_name_list(former));
        }
        for (std::size_t i = 0; i < m_names.size(); ++i) {
            m_by_name.emplace(m_result.schema.tables[i].name, i);
        }
        for (std::size_t i = 0; i < m_names.size(); ++i) {
            rename_inside(i);
        }
        tell_former_names();
        for (std::size_t i = 0; i < m_names.size(); ++i) {
            m_result.schema.tables[i].name = m_names[i].table;
        }
        for (SchemaObject& object : m_result.schema.objects) {
            rename_view(object);
        }
        return std::move(m_result);
    }

  private:
    TableNames names_of(const Table& table) {
        TableNames names;
        names.table = table_name(table);
        const TableOrigin* origin =
            m_rules.policy == NamePolicy::preserve ? table.origin_on(m_rules.engine) : nullptr;
        UniqueNames unique(m_rules.fold_case, m_rules.max_bytes);
        for (const std::string_view name : m_rules.reserved_columns) {
            unique.reserve(name);
        }
        for (std::size_t c = 0; c < table.columns.size(); ++c) {
            const std::string& name = table.columns[c].name;
            std::string wanted = by_policy(name, m_rules.policy);
            if (origin != nullptr && c < origin->columns.size() && origin->columns[c] >= 0) {
                wanted = origin->table->columns[static_cast<std::size_t>(origin->columns[c])].name;
            }
            const std::string given = unique.take(wanted);
            if (given != wanted) {
                note_rename("column " + name + " of table " + table.name.display(), given);
            }
            names.changed = names.changed || given != name;
            names.columns[name] = given;
        }
        names.changed = names.changed || names.table != table.name;
        return names;
    }

    QualifiedName table_name(const Table& table) {
        QualifiedName wanted{table.name.schema, by_policy(table.name.name, m_rules.policy)};
        const TableOrigin* origin = table.origin_on(m_rules.engine);
        if (origin != nullptr && m_rules.policy == NamePolicy::preserve) {
            wanted = origin->table->name;
        } else if (!m_rules.schemas) {
            const bool plain = wanted.schema.empty() || wanted.schema == m_rules.default_schema;
            wanted = {{}, plain ? wanted.name : wanted.schema + "_" + wanted.name};
        }
        if (m_rules.schemas && !m_rules.schema.empty()) {
            wanted.schema = m_rules.schema;
        }
        auto [it, added] = m_unique.try_emplace(wanted.schema, m_rules.fold_case, m_rules.max_bytes);
        const std::string given = it->second.take(wanted.name);
        if (given != wanted.name) {
            note_rename("table " + table.name.display(), given);
        }
        return {wanted.schema, given};
    }

    void note_rename(const std::string& object, const std::string& given) {
        m_result.findings.push_back({Severity::note,
                                     "renamed",
                                     object,
                                     "is named " + QualifiedName{{}, given}.display() +
                                         " at the target, where its own name is taken, reserved or too long",
                                     {},
                                     0});
    }

    /// Statements that are taken as they are still have the source's names: the target is told of those that
    /// are no more.
    void tell_former_names() {
        std::vector<QualifiedName> former;
        for (std::size_t i = 0; i < m_names.size(); ++i) {
            if (m_names[i].changed) {
                former.push_back(m_result.schema.tables[i].name);
            }
        }
        if (!former.empty() && m_result.schema.engine == "postgresql") {
            model::set_names(m_result.schema, model::k_former_names, former);
        }
    }

    /// A view's own text still has the source's names: it is told them, by table, and what to be called.
    void rename_view(SchemaObject& object) const {
        const auto columns = object.properties.find("columns");
        if (object.kind != "view" || columns == object.properties.end()) {
            return;
        }
        for (std::size_t i = 0; i < m_names.size(); ++i) {
            if (m_names[i].changed) {
                object.properties["table " + std::to_string(i)] = m_former[i];
            }
        }
        if (m_rules.policy == NamePolicy::preserve) {
            return;
        }
        std::vector<std::string> names = model::read_name_list(columns->second);
        for (std::string& name : names) {
            name = by_policy(name, m_rules.policy);
        }
        object.properties["target_name"] = by_policy(object.name.name, m_rules.policy);
        object.properties["target_columns"] = model::write_name_list(names);
    }

    static void rename_list(std::vector<std::string>& list, const ColumnNames& names) {
        for (std::string& name : list) {
            if (const auto it = names.find(name); it != names.end()) {
                name = it->second;
            }
        }
    }

    void rename_inside(std::size_t i) {
        Table& table = m_result.schema.tables[i];
        const ColumnNames& names = m_names[i].columns;
        for (ForeignKey& key : table.foreign_keys) {
            rename_list(key.columns, names);
            rename_list(key.set_columns, names);
            if (const auto to = m_by_name.find(key.referenced_table); to != m_by_name.end()) {
                rename_list(key.referenced_columns, m_names[to->second].columns);
                key.referenced_table = m_names[to->second].table;
            } else if (!m_rules.schemas) {
                key.referenced_table.schema.clear();
            }
        }
        if (!m_names[i].changed) {
            return;
        }
        table.native_sql.clear();
        if (table.primary_key) {
            rename_key(*table.primary_key, names);
        }
        for (Key& key : table.unique_keys) {
            rename_key(key, names);
        }
        for (Check& check : table.checks) {
            check.expression = rename_in_sql(check.expression, names);
        }
        for (Index& index : table.indexes) {
            rename_index(index, names);
        }
        for (Column& column : table.columns) {
            if (column.generated) {
                column.generated->expression = rename_in_sql(column.generated->expression, names);
            }
            column.name = names.at(column.name);
        }
    }

    /// What the definition says beside the columns (NULLS NOT DISTINCT, INCLUDE) stays.
    void rename_key(Key& key, const ColumnNames& names) const {
        const std::size_t list = key.native_sql.find('(');
        if (dialect_of(m_result.schema) == Dialect::postgresql && list != std::string::npos) {
            key.native_sql =
                key.native_sql.substr(0, list) + rename_in_sql(key.native_sql.substr(list), names);
        } else {
            key.native_sql.clear();
        }
        rename_list(key.columns, names);
    }

    void rename_index(Index& index, const ColumnNames& names) const {
        index.native_sql.clear();
        rename_list(index.included, names);
        index.predicate = rename_in_sql(index.predicate, names);
        for (IndexPart& part : index.parts) {
            if (const auto it = names.find(part.column); it != names.end()) {
                part.column = it->second;
            }
            part.expression = rename_in_sql(part.expression, names);
        }
    }

    [[nodiscard]] std::string rename_in_sql(const std::string& sql, const ColumnNames& names) const {
        return mapping::rename_in_sql(sql, names, dialect_of(m_result.schema));
    }

    const NameRules& m_rules;
    NamedSchema m_result;
    std::map<std::string, UniqueNames> m_unique;
    std::vector<TableNames> m_names;
    std::vector<std::string> m_former;  ///< By table, its name and its columns'.
    std::map<QualifiedName, std::size_t> m_by_name;
};

}  // namespace

NamedSchema name_for_target(const Schema& source, const NameRules& rules) {
    return Namer(source, rules).run();
}

}  // namespace migrate::mapping
