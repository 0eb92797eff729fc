#include <algorithm>
#include <regex>

#include "support/compare/database_reader.hpp"
#include "support/pg.hpp"

namespace migrate::test {
namespace {

constexpr const char* k_user_schemas =
    "n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema') AND n.nspname !~ '^_migrate'";

/// The type's internal name, a domain's being that of what it is over.
constexpr const char* k_columns = R"(
SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       coalesce(pg_get_expr(d.adbin, d.adrelid), '(none)'), a.attidentity, a.attgenerated,
       CASE WHEN t.typtype = 'd' THEN b.typname ELSE t.typname END,
       coalesce(c.collname, '(none)')
FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_collation c ON c.oid = a.attcollation AND a.attcollation <> t.typcollation
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum)";

constexpr const char* k_key = R"(
SELECT a.attname
FROM pg_constraint k
CROSS JOIN LATERAL unnest(k.conkey) WITH ORDINALITY AS u(number, place)
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number
WHERE k.conrelid = $1::oid AND k.contype = 'p'
ORDER BY u.place)";

constexpr const char* k_constraints = R"(
SELECT k.contype, 'constraint ' || k.conname || ' ' || pg_get_constraintdef(k.oid)
FROM pg_constraint k
WHERE k.conrelid = $1::oid AND k.contype IN ('p', 'u', 'f', 'c', 'x') AND k.conparentid = 0
ORDER BY 2)";

/// The server reads (ARRAY['a', 'b'])::text[] as ARRAY[('a')::text, ('b')::text], and prints what it has
/// read.
std::string as_read_back(std::string definition) {
    static const std::regex k_cast(
        R"(\(ARRAY\[((?:'(?:[^']|'')*'|[^'\]])*)\]\)::([a-z ]+(?:\([0-9,]+\))?)\[\])");
    static const std::regex k_element(R"((?:'(?:[^']|'')*'|\([^()]*\)|[^',(])+)");
    for (std::smatch found; std::regex_search(definition, found, k_cast);) {
        std::string elements;
        const std::string inside = found[1];
        for (std::sregex_iterator at(inside.begin(), inside.end(), k_element), end; at != end; ++at) {
            const std::string element = at->str();
            elements += (elements.empty() ? "(" : ", (") + element.substr(element.find_first_not_of(' ')) +
                        ")::" + found[2].str();
        }
        definition = found.prefix().str() + "ARRAY[" + elements + "]" + found.suffix().str();
    }
    return definition;
}

constexpr const char* k_indexes = R"(
SELECT pg_get_indexdef(i.indexrelid)
FROM pg_index i
WHERE i.indrelid = $1::oid
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY 1)";

/// What partitions it and what they hold, what it inherits from, what is said about it.
constexpr const char* k_family = R"(
SELECT 'partitioned by ' || pg_get_partkeydef($1::oid) WHERE pg_get_partkeydef($1::oid) IS NOT NULL
UNION ALL
SELECT 'partition ' || c.oid::regclass || ' of ' || t.parentrelid::regclass || ' ' || pg_get_expr(c.relpartbound, c.oid)
FROM pg_partition_tree($1::oid) t JOIN pg_class c ON c.oid = t.relid WHERE t.level > 0
UNION ALL
SELECT 'inherits ' || i.inhseqno || ' ' || i.inhparent::regclass FROM pg_inherits i WHERE i.inhrelid = $1::oid
UNION ALL
SELECT 'comment ' || coalesce(a.attname, '') || ': ' || d.description
FROM pg_description d LEFT JOIN pg_attribute a ON a.attrelid = d.objoid AND a.attnum = d.objsubid AND d.objsubid > 0
WHERE d.classoid = 'pg_class'::regclass AND d.objoid = $1::oid
ORDER BY 1)";

/// A sequence is named by the column it belongs to, where it does: its own name may differ.
constexpr const char* k_sequences = R"(
SELECT coalesce('sequence of ' || r.relnamespace::regnamespace || '.' || r.relname || '.' || a.attname,
                'sequence ' || n.nspname || '.' || c.relname),
       format('%s start %s increment %s minimum %s maximum %s cycle %s', format_type(s.seqtypid, NULL),
              s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcycle),
       format('SELECT last_value + CASE WHEN is_called THEN %s ELSE 0 END FROM %I.%I', s.seqincrement,
              n.nspname, c.relname)
FROM pg_sequence s
JOIN pg_class c ON c.oid = s.seqrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_depend d ON d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
     AND d.refclassid = 'pg_class'::regclass
LEFT JOIN pg_class r ON r.oid = d.refobjid
LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE )";

constexpr const char* k_enums = R"(
SELECT 'enumeration ' || n.nspname || '.' || t.typname, string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder)
FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE )";

class PostgresqlReader : public DatabaseReader {
  public:
    explicit PostgresqlReader(const std::string& conninfo) : m_server(conninfo) {
        m_server.exec(
            "SET search_path = ''; SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; "
            "SET IntervalStyle = 'iso_8601'; SET extra_float_digits = 3; SET bytea_output = 'hex'; "
            "SET client_encoding = 'UTF8'; SET row_security = off");
        const PgRows tables = m_server.query(
            std::string(
                "SELECT c.oid, n.nspname, c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON "
                "n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND ") +
            k_user_schemas + " ORDER BY 2, 3");
        for (const auto& row : tables) {
            read_table(row[0].value(), row[1].value(), row[2].value(), row[3].value());
        }
        read_facts();
    }

    [[nodiscard]] std::string engine() const override { return "postgresql"; }
    [[nodiscard]] const std::vector<ComparedTable>& tables() const override { return m_tables; }
    [[nodiscard]] const std::map<std::string, std::string>& facts() const override { return m_facts; }

    std::vector<Row> rows(const ComparedTable& table) override {
        std::string list;
        for (const ComparedColumn& column : table.columns) {
            list += (list.empty() ? "" : ", ") + m_server.quote(column.name);
        }
        const bool only = m_only[table.display()];
        const PgResult found =
            m_server.result("SELECT " + list + " FROM " + (only ? "ONLY " : "") +
                            m_server.quote(table.schema) + "." + m_server.quote(table.name));
        std::vector<Row> rows(static_cast<std::size_t>(found.rows()));
        for (int row = 0; row < found.rows(); ++row) {
            for (int column = 0; column < found.columns(); ++column) {
                Value value;
                if (!found.is_null(row, column)) {
                    value = {Value::Kind::server, std::string(found.value(row, column))};
                }
                rows[static_cast<std::size_t>(row)].push_back(std::move(value));
            }
        }
        return rows;
    }

  private:
    void read_table(const std::string& oid, const std::string& schema, const std::string& name,
                    const std::string& kind) {
        ComparedTable table;
        table.schema = schema;
        table.name = name;
        m_only[table.display()] = kind == "r";
        for (const auto& row : m_server.query(k_columns, {oid})) {
            ComparedColumn& column = table.columns.emplace_back();
            column.name = row[0].value();
            column.type = row[6].value();
            column.not_null = row[2] == "t";
            column.definition = "type " + row[1].value() + ", not null " + row[2].value() + ", default " +
                                row[3].value() + ", identity '" + row[4].value() + "', generated '" +
                                row[5].value() + "', collation " + row[7].value();
        }
        for (const auto& row : m_server.query(k_key, {oid})) {
            table.key.push_back(row[0].value());
        }
        for (const auto& row : m_server.query(k_constraints, {oid})) {
            const std::string& type = row[0].value();
            auto& list = type == "f" ? table.foreign_keys : type == "u" ? table.unique_keys : table.others;
            list.push_back(as_read_back(row[1].value()));
        }
        for (const auto& row : m_server.query(k_indexes, {oid})) {
            table.indexes.push_back(as_read_back(row[0].value()));
        }
        for (const auto& row : m_server.query(k_family, {oid})) {
            table.others.push_back(row[0].value());
        }
        m_tables.push_back(std::move(table));
    }

    void read_facts() {
        for (const auto& row : m_server.query(std::string(k_sequences) + k_user_schemas)) {
            m_facts[row[0].value()] = row[1].value() + " next " + m_server.value(row[2].value());
        }
        for (const auto& row : m_server.query(std::string(k_enums) + k_user_schemas + " GROUP BY 1")) {
            m_facts[row[0].value()] = row[1].value();
        }
    }

    PgConnection m_server;
    std::vector<ComparedTable> m_tables;
    std::map<std::string, std::string> m_facts;
    std::map<std::string, bool> m_only;  ///< By display name: rows of this table alone, not of its children.
};

}  // namespace

std::unique_ptr<DatabaseReader> read_postgresql_database(const std::string& conninfo) {
    return std::make_unique<PostgresqlReader>(conninfo);
}

}  // namespace migrate::test
