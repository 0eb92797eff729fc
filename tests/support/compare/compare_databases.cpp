#include "support/compare_databases.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "support/compare/database_reader.hpp"
#include "support/compare/meaning.hpp"

namespace migrate::test {
namespace {

constexpr std::size_t k_shown_bytes = 160;

std::unique_ptr<DatabaseReader> open(const std::string& endpoint) {
    if (endpoint.starts_with("sqlite:")) {
        return read_sqlite_database(endpoint.substr(7));
    }
    if (endpoint.starts_with("json:")) {
        return read_json_database(endpoint.substr(5));
    }
    if (endpoint.starts_with("pg:")) {
        return read_postgresql_database(endpoint.substr(3));
    }
    if (endpoint.starts_with("postgresql://") || endpoint.starts_with("postgres://")) {
        return read_postgresql_database(endpoint);
    }
    throw std::runtime_error("not sqlite:PATH, pg:CONNINFO or json:PATH: " + endpoint);
}

std::string shortened(const std::string& text) {
    std::string out;
    for (const char c : text.substr(0, k_shown_bytes)) {
        out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
    return out + (text.size() > k_shown_bytes ? "…" : "");
}

/// A pair of columns of one name.
struct ColumnPair {
    std::size_t left = 0;
    std::size_t right = 0;
    std::string name;
    std::string type;
    bool is_key = false;
};

using Meanings = std::vector<std::vector<std::string>>;

/// A database whose tables and columns go by other names.
class RenamedReader : public DatabaseReader {
  public:
    RenamedReader(std::unique_ptr<DatabaseReader> inner,
                  const std::map<std::pair<std::string, std::string>, RightName>& names)
        : m_inner(std::move(inner)) {
        for (const ComparedTable& original : m_inner->tables()) {
            ComparedTable table = original;
            if (const auto found = names.find({table.schema, table.name}); found != names.end()) {
                rename(table, found->second);
            }
            m_originals[{table.schema, table.name}] = &original;
            m_tables.push_back(std::move(table));
        }
    }

    [[nodiscard]] std::string engine() const override { return m_inner->engine(); }
    [[nodiscard]] const std::vector<ComparedTable>& tables() const override { return m_tables; }
    [[nodiscard]] const std::map<std::string, std::string>& facts() const override {
        return m_inner->facts();
    }
    std::vector<Row> rows(const ComparedTable& table) override {
        return m_inner->rows(*m_originals.at({table.schema, table.name}));
    }

  private:
    static void rename(ComparedTable& table, const RightName& name) {
        table.schema = name.schema;
        table.name = name.name;
        const auto rename_column = [&name](std::string& column) {
            const auto found = name.columns.find(column);
            column = found == name.columns.end() ? column : found->second;
        };
        for (ComparedColumn& column : table.columns) {
            rename_column(column.name);
        }
        for (std::string& column : table.key) {
            rename_column(column);
        }
    }

    std::unique_ptr<DatabaseReader> m_inner;
    std::vector<ComparedTable> m_tables;
    std::map<std::pair<std::string, std::string>, const ComparedTable*> m_originals;
};

class Comparison {
  public:
    Comparison(DatabaseReader& left, DatabaseReader& right, const CompareOptions& options)
        : m_left(left), m_right(right), m_options(options), m_same_engine(left.engine() == right.engine()) {}

    CompareResult run() {
        std::vector<bool> matched(m_right.tables().size());
        for (const ComparedTable& table : m_left.tables()) {
            if (is_skipped(table)) {
                continue;
            }
            const std::size_t other = match(table);
            if (other == matched.size()) {
                add("table " + table.display() + ": only on the left");
                continue;
            }
            matched[other] = true;
            compare_tables(table, m_right.tables()[other]);
        }
        for (std::size_t i = 0; i < matched.size(); ++i) {
            if (!matched[i] && !is_skipped(m_right.tables()[i])) {
                add("table " + m_right.tables()[i].display() + ": only on the right");
            }
        }
        if (m_same_engine && !m_options.rows_only) {
            compare_facts();
        }
        return std::move(m_result);
    }

  private:
    void add(const std::string& difference) {
        ++m_result.difference_count;
        if (m_result.differences.size() < m_options.max_reported) {
            m_result.differences.push_back(difference);
        }
    }

    [[nodiscard]] bool is_skipped(const ComparedTable& table) const {
        return m_options.skip_tables.contains(table.name) || m_options.skip_tables.contains(table.display());
    }

    [[nodiscard]] std::string named(const std::string& name) const {
        std::string out;
        for (const char c : name) {
            if (!m_options.fold_names) {
                out += c;
            } else if (c != '_') {
                out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
            }
        }
        return out;
    }

    [[nodiscard]] std::vector<std::string> named(const std::vector<std::string>& names) const {
        std::vector<std::string> out;
        out.reserve(names.size());
        for (const std::string& name : names) {
            out.push_back(named(name));
        }
        return out;
    }

    /// The same name; else, across engines, a schema that became a prefix, or the same name in whatever
    /// schema.
    [[nodiscard]] std::size_t match(const ComparedTable& table) const {
        const auto& others = m_right.tables();
        const auto find = [&others](auto same) {
            return static_cast<std::size_t>(std::find_if(others.begin(), others.end(), same) -
                                            others.begin());
        };
        const auto prefixed = [](const ComparedTable& t) { return t.schema + "_" + t.name; };
        std::size_t found = find([&](const ComparedTable& o) {
            return named(o.name) == named(table.name) && o.schema == table.schema;
        });
        if (found == others.size() && !m_same_engine) {
            found = find([&](const ComparedTable& o) {
                return prefixed(o) == table.name || prefixed(table) == o.name;
            });
        }
        if (found == others.size() && (!m_same_engine || table.schema.empty())) {
            found = find([&](const ComparedTable& o) { return named(o.name) == named(table.name); });
        }
        return found;
    }

    void compare_facts() {
        std::map<std::string, std::string> right = m_right.facts();
        for (const auto& [name, value] : m_left.facts()) {
            const auto other = right.find(name);
            if (other == right.end()) {
                add(name + ": only on the left");
                continue;
            }
            if (other->second != value) {
                add(name + ": " + value + " | " + other->second);
            }
            right.erase(other);
        }
        for (const auto& [name, value] : right) {
            add(name + ": only on the right");
        }
    }

    void compare_tables(const ComparedTable& left, const ComparedTable& right) {
        ++m_result.tables;
        if (!m_options.rows_only) {
            m_same_engine ? compare_definitions(left, right) : compare_counts(left, right);
        }
        compare_rows(left, right, pair_columns(left, right));
    }

    std::vector<ColumnPair> pair_columns(const ComparedTable& left, const ComparedTable& right) {
        std::vector<ColumnPair> pairs;
        const auto place = [this](const ComparedTable& table, const std::string& name) {
            const auto found =
                std::find_if(table.columns.begin(), table.columns.end(),
                             [&](const ComparedColumn& c) { return named(c.name) == named(name); });
            return static_cast<std::size_t>(found - table.columns.begin());
        };
        for (std::size_t i = 0; i < left.columns.size(); ++i) {
            const ComparedColumn& column = left.columns[i];
            const std::size_t other = place(right, column.name);
            if (other == right.columns.size()) {
                add(left.display() + ", column " + column.name + ": only on the left");
                continue;
            }
            const bool is_key = std::find(left.key.begin(), left.key.end(), column.name) != left.key.end();
            const std::string& right_type = right.columns[other].type;
            const bool right_decides = m_right.engine() == "postgresql" || column.type.empty();
            pairs.push_back({i, other, column.name, right_decides ? right_type : column.type, is_key});
        }
        for (const ComparedColumn& column : right.columns) {
            if (place(left, column.name) == left.columns.size()) {
                add(left.display() + ", column " + column.name + ": only on the right");
            }
        }
        return pairs;
    }

    void compare_lists(const std::string& what, const std::vector<std::string>& left,
                       const std::vector<std::string>& right) {
        const auto only = [&](const std::vector<std::string>& a, const std::vector<std::string>& b,
                              const std::string& side) {
            std::vector<std::string> rest;
            std::vector<std::string> sorted_a = a;
            std::vector<std::string> sorted_b = b;
            std::sort(sorted_a.begin(), sorted_a.end());
            std::sort(sorted_b.begin(), sorted_b.end());
            std::set_difference(sorted_a.begin(), sorted_a.end(), sorted_b.begin(), sorted_b.end(),
                                std::back_inserter(rest));
            for (const std::string& item : rest) {
                add(what + ": only on the " + side + ": " + item);
            }
        };
        only(left, right, "left");
        only(right, left, "right");
    }

    void compare_definitions(const ComparedTable& left, const ComparedTable& right) {
        for (const ComparedColumn& column : left.columns) {
            for (const ComparedColumn& other : right.columns) {
                if (other.name == column.name && other.definition != column.definition) {
                    add(left.display() + ", column " + column.name + ": " + column.definition + " | " +
                        other.definition);
                }
            }
        }
        compare_lists(left.display() + ", key", left.key, right.key);
        compare_lists(left.display() + ", foreign keys", left.foreign_keys, right.foreign_keys);
        compare_lists(left.display() + ", unique keys", left.unique_keys, right.unique_keys);
        compare_lists(left.display() + ", indexes", left.indexes, right.indexes);
        compare_lists(left.display() + ", constraints and properties", left.others, right.others);
    }

    void compare_count(const std::string& what, std::size_t left, std::size_t right) {
        if (left != right) {
            add(what + ": " + std::to_string(left) + " | " + std::to_string(right));
        }
    }

    /// Key columns are never NULL in PostgreSQL, and in SQLite where that is not declared.
    void compare_counts(const ComparedTable& left, const ComparedTable& right) {
        const std::string table = left.display();
        compare_lists(table + ", key columns", named(left.key), named(right.key));
        const auto never_null = [](const ComparedTable& t) {
            std::vector<std::string> names = t.key;
            for (const ComparedColumn& column : t.columns) {
                if (column.not_null && std::find(t.key.begin(), t.key.end(), column.name) == t.key.end()) {
                    names.push_back(column.name);
                }
            }
            return names;
        };
        compare_lists(table + ", NOT NULL", named(never_null(left)), named(never_null(right)));
        compare_count(table + ", foreign keys", left.foreign_keys.size(), right.foreign_keys.size());
        if (m_left.engine() != "json" && m_right.engine() != "json") {
            compare_count(table + ", unique keys and indexes", left.unique_keys.size() + left.indexes.size(),
                          right.unique_keys.size() + right.indexes.size());
        }
    }

    [[nodiscard]] std::string exact(const Value& value) const {
        return value.kind == Value::Kind::null
                   ? "\x01NULL"
                   : std::to_string(static_cast<int>(value.kind)) + " " + value.text;
    }

    /// Both sides' rows as texts that are equal where the values are, columns in the order of the pairs.
    std::pair<Meanings, Meanings> understand(const std::vector<Row>& left, const std::vector<Row>& right,
                                             const std::vector<ColumnPair>& pairs) {
        std::pair<Meanings, Meanings> out{Meanings(left.size()), Meanings(right.size())};
        for (const ColumnPair& pair : pairs) {
            Reading reading;
            if (!m_same_engine) {
                reading = choose_reading(column_of(left, pair.left), column_of(right, pair.right), pair.type);
            }
            const auto put = [&](const std::vector<Row>& rows, std::size_t column, Meanings& meanings) {
                for (std::size_t i = 0; i < rows.size(); ++i) {
                    const Value& value = rows[i][column];
                    meanings[i].push_back(m_same_engine ? exact(value) : meaning(value, pair.type, reading));
                }
            };
            put(left, pair.left, out.first);
            put(right, pair.right, out.second);
        }
        return out;
    }

    static std::vector<Value> column_of(const std::vector<Row>& rows, std::size_t column) {
        std::vector<Value> values;
        values.reserve(rows.size());
        for (const Row& row : rows) {
            values.push_back(row[column]);
        }
        return values;
    }

    void compare_rows(const ComparedTable& left, const ComparedTable& right,
                      const std::vector<ColumnPair>& pairs) {
        const std::vector<Row> left_rows = m_left.rows(left);
        const std::vector<Row> right_rows = m_right.rows(right);
        m_result.rows += left_rows.size();
        compare_count(left.display() + ", rows", left_rows.size(), right_rows.size());
        auto [a, b] = understand(left_rows, right_rows, pairs);
        std::sort(a.begin(), a.end());
        std::sort(b.begin(), b.end());
        Meanings only_left;
        Meanings only_right;
        std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only_left));
        std::set_difference(b.begin(), b.end(), a.begin(), a.end(), std::back_inserter(only_right));
        report_rows(left.display(), pairs, only_left, only_right);
    }

    static std::string key_of(const std::vector<ColumnPair>& pairs, const std::vector<std::string>& row) {
        std::string key;
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            if (pairs[i].is_key) {
                key += pairs[i].name + " " + row[i] + ", ";
            }
        }
        return key;
    }

    void report_rows(const std::string& table, const std::vector<ColumnPair>& pairs,
                     const Meanings& only_left, const Meanings& only_right) {
        std::multimap<std::string, const std::vector<std::string>*> by_key;
        for (const auto& row : only_right) {
            by_key.emplace(key_of(pairs, row), &row);
        }
        for (const auto& row : only_left) {
            const std::string key = key_of(pairs, row);
            const auto other = key.empty() ? by_key.end() : by_key.find(key);
            if (other == by_key.end()) {
                add(table + ", row only on the left: " + show(pairs, row));
                continue;
            }
            for (std::size_t i = 0; i < pairs.size(); ++i) {
                if (row[i] != (*other->second)[i]) {
                    add(table + ", " + key + "column " + pairs[i].name + ": " + shortened(row[i]) + " | " +
                        shortened((*other->second)[i]));
                }
            }
            by_key.erase(other);
        }
        for (const auto& [key, row] : by_key) {
            add(table + ", row only on the right: " + show(pairs, *row));
        }
    }

    static std::string show(const std::vector<ColumnPair>& pairs, const std::vector<std::string>& row) {
        std::string out;
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            out += (i == 0 ? "" : ", ") + pairs[i].name + " " + shortened(row[i]);
        }
        return out;
    }

    DatabaseReader& m_left;
    DatabaseReader& m_right;
    const CompareOptions& m_options;
    bool m_same_engine;
    CompareResult m_result;
};

}  // namespace

CompareResult compare_databases(const std::string& left, const std::string& right,
                                const CompareOptions& options) {
    const auto left_reader = open(left);
    auto right_reader = open(right);
    if (!options.right_names.empty()) {
        right_reader = std::make_unique<RenamedReader>(std::move(right_reader), options.right_names);
    }
    return Comparison(*left_reader, *right_reader, options).run();
}

}  // namespace migrate::test
