#include <array>

#include "property/database_case.hpp"
#include "property/random_text.hpp"

namespace migrate::property {
namespace {

/// A type with SQL for some of its values: the odd ones, and a way to more.
struct TypeCase {
    const char* type;
    std::vector<const char*> values;
    bool key = true;  ///< Has equality and an order of B-trees.
};

const std::vector<TypeCase>& types() {
    static const std::vector<TypeCase> list = {
        {"boolean", {"true", "false"}},
        {"smallint", {"-32768", "32767", "0", "7"}},
        {"integer", {"-2147483648", "2147483647", "0", "42", "-1"}},
        {"bigint", {"-9223372036854775808", "9223372036854775807", "9007199254740993", "0"}},
        {"real", {"'NaN'", "'Infinity'", "'-Infinity'", "'-0'", "1e-45", "3.4028235e38", "0.1", "16777217"}},
        {"double precision",
         {"'NaN'", "'Infinity'", "'-Infinity'", "'-0'", "5e-324", "1.7976931348623157e308", "0.1", "1e22",
          "100"}},
        {"numeric",
         {"'NaN'", "'Infinity'", "'-Infinity'", "0", "0.00", "10.10", "10.1", "-0.000001", "1e100", "1e-100",
          "123456789012345678901234567890.123456789"}},
        {"numeric(12,2)", {"10.10", "-9999999999.99", "0", "'NaN'", "0.01"}},
        {"numeric(5,-2)", {"12300", "-100", "0"}},
        {"money", {"'-92233720368547758.08'", "0", "12.34"}},
        {"text",
         {"''", "'x'", "'1'", "'007'", "'NULL'", "E'a\\nb\\t'", "'{}'", "'\\x00'", "E'\\\\N'", "'2024-02-29'",
          "'true'"}},
        {"varchar(5)", {"''", "'abcde'", "'ä🦜'", "'a '"}},
        {"char(4)", {"''", "'ab'", "'abcd'"}},
        {"name", {"'x'", "''"}},
        {"\"char\"", {"'x'", "''"}},
        {"bytea", {"'\\x'", "'\\x00ff'", "'\\xdeadbeef'"}},
        {"date",
         {"'infinity'", "'-infinity'", "'4713-01-01 BC'", "'5874897-12-31'", "'2024-02-29'", "'0001-01-01'",
          "'9999-12-31'", "'10000-01-01'"}},
        {"time", {"'00:00'", "'24:00:00'", "'12:34:56.789012'", "'12:34:56'"}},
        {"timetz", {"'00:00+00'", "'24:00:00-15:59:59'", "'12:34:56.789012+05:30'", "'12:34:56-08'"}},
        {"timestamp",
         {"'infinity'", "'-infinity'", "'4713-01-01 00:00:00 BC'", "'294276-12-31 23:59:59.999999'",
          "'2024-02-29 12:34:56.000001'", "'2024-02-29 00:00:00'", "'0044-03-15 12:00:00 BC'"}},
        {"timestamp(3)", {"'2024-02-29 12:34:56.123'", "'infinity'"}},
        {"timestamptz",
         {"'infinity'", "'-infinity'", "'4713-01-01 00:00:00+00 BC'", "'294276-12-31 23:59:59.999999+00'",
          "'2024-02-29 12:34:56.000001+02'", "'1999-12-31 23:59:59+14'"}},
        {"interval",
         {"'0'", "'1 year -2 days 00:00:00.000001'", "'-178000000 years'", "'1 mon -1 day +25:00:00'",
          "'-00:00:01'", "'999 days 23:59:59.999999'"}},
        {"interval day to second(2)", {"'1 day 00:00:01.25'", "'0'"}},
        {"uuid", {"'00000000-0000-0000-0000-000000000000'", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"}},
        {"json",
         {"'{\"a\":1, \"a\": 1.0}'", "'null'", "'[1e400,-0]'", "'\"\\u0000\"'", "' { } '", "'1.50'",
          "'\"x\"'"},
         false},
        {"jsonb",
         {"'{\"a\":1,\"b\":[null,true,\"\\u00e9\"]}'", "'null'", "'[]'", "'1.50'", "'\"\"'",
          "'123456789012345678901234567890'"}},
        {"xml", {"'<a/>'", "''", "'text<b>c</b>'"}, false},
        {"inet", {"'0.0.0.0/0'", "'192.168.1.5/24'", "'::1'", "'::ffff:1.2.3.4/96'", "'10.0.0.1'"}},
        {"cidr", {"'10.0.0.0/8'", "'::/0'", "'192.168.1.5/32'"}},
        {"macaddr", {"'08:00:2b:01:02:03'", "'ff:ff:ff:ff:ff:ff'"}},
        {"macaddr8", {"'08:00:2b:01:02:03:04:05'"}},
        {"bit(3)", {"B'101'", "B'000'"}},
        {"bit varying(70)",
         {"B''", "B'1'", "B'1010101010101010101010101010101010101010101010101010101010101010101'"}},
        {"int4range", {"'empty'", "'[1,5)'", "'(,)'", "'[3,]'", "'(,2)'"}},
        {"numrange", {"'[1.10,2.0]'", "'(1.5,)'", "'empty'", "'(-infinity,0]'"}},
        {"tstzrange", {"'[2024-01-01 00:00+00,infinity)'", "'empty'", "'(,2024-01-01 00:00+02]'"}},
        {"daterange", {"'[2024-02-28,2024-03-01)'", "'[,]'"}},
        {"int8multirange", {"'{}'", "'{[1,2),[5,9)}'", "'{(,)}'"}},
        {"point", {"'(1,-2.5)'", "'(NaN,Infinity)'"}, false},
        {"box", {"'((0,0),(1,1))'"}, false},
        {"path", {"'[(0,0),(1,1)]'", "'((0,0),(1,1))'"}, false},
        {"polygon", {"'((0,0),(1,1),(1,0))'"}, false},
        {"line", {"'{1,-1,0}'"}, false},
        {"lseg", {"'[(0,0),(1,1)]'"}, false},
        {"circle", {"'<(0,0),2.5>'"}, false},
        {"tsvector", {"'a:1A b:2 ''x y'''", "''"}},
        {"tsquery", {"'a & !b | (c <-> d:*)'", "''"}},
        {"oid", {"0", "4294967295", "16384"}},
        {"xid", {"'0'", "'4294967295'"}, false},
        {"pg_lsn", {"'0/0'", "'FFFFFFFF/FFFFFFFF'"}},
        {"regclass", {"'pg_class'", "'pg_catalog.pg_type'"}},
        {"int[]",
         {"'{}'", "'{1,NULL,3}'", "'{{1,2},{3,4}}'", "'[0:1]={5,6}'", "'[-1:0][2:3]={{1,2},{3,4}}'"}},
        {"text[]",
         {"'{}'", "'{\"\",\"NULL\",NULL,\"a,b\",\"q\\\"q\",\"b\\\\s\"}'", "'{x}'", "'{\" \",\"{}\"}'"}},
        {"timestamptz[]", {"'{2024-02-29 12:00+00,infinity,NULL}'"}},
        {"numeric[]", {"'{1.10,NaN,NULL}'", "'{{1},{2.00}}'"}},
        {"jsonb[]", {"ARRAY['{\"a\": 1}'::jsonb, NULL, '[]']", "'{}'"}},
        {"bytea[]", {"ARRAY['\\x00ff'::bytea, NULL]"}},
        {"boolean[]", {"'{t,f,NULL}'"}},
        {"mood", {"'sad'", "'it''s'", "'🦜'", "'a b'"}},
        {"mood[]", {"'{sad,\"it''s\",NULL}'"}},
        {"positive", {"1", "99.50"}},
        {"pair", {"'(1,x)'", "'(,)'", "'(1,\"a,\"\"b\")'"}, false},
    };
    return list;
}

struct ColumnShape {
    CaseColumn column;
    const TypeCase* type = nullptr;
};

class PostgresqlGenerator {
  public:
    explicit PostgresqlGenerator(std::uint64_t seed) : m_random(seed), m_names(m_random) {
        m_case.seed = seed;
    }

    DatabaseCase run() {
        m_case.before = {"CREATE TYPE mood AS ENUM ('sad', 'it''s', '🦜', 'a b')",
                         "CREATE DOMAIN positive AS numeric CHECK (VALUE > 0)",
                         "CREATE TYPE pair AS (a integer, b text)"};
        m_schemas.emplace_back("public");
        if (m_random.chance(35)) {
            m_schemas.push_back(m_names.quoted_name(63));
            m_case.before.push_back("CREATE SCHEMA " + m_schemas.back());
        }
        if (m_random.chance(20)) {
            m_case.before.push_back("CREATE SEQUENCE " + m_names.quoted_name(63) +
                                    " START 5 INCREMENT -2 MINVALUE -100");
        }
        const auto count = m_random.between(1, 4);
        for (std::int64_t i = 0; i < count; ++i) {
            add_table();
        }
        for (std::size_t i = 0; i < m_case.tables.size(); ++i) {
            for (auto keys = m_random.between(0, 2); keys > 0; --keys) {
                add_foreign_key(i);
            }
        }
        return std::move(m_case);
    }

  private:
    void add_table() {
        CaseTable table;
        RandomText names(m_random);
        table.name = m_random.pick(m_schemas) + "." + m_names.quoted_name(63);
        std::vector<ColumnShape> shapes;
        const bool has_key = m_random.chance(55);
        if (has_key) {
            shapes.push_back(key_column(names));
        }
        for (auto i = m_random.between(1, 7); i > 0; --i) {
            shapes.push_back(plain_column(names));
        }
        if (m_random.chance(25)) {
            shapes.push_back(computed_column(names, shapes));
        }
        for (const ColumnShape& shape : shapes) {
            table.columns.push_back(shape.column);
        }
        if (!has_key && m_random.chance(50)) {
            table.constraints.push_back("PRIMARY KEY (" + some_columns(shapes) + ")");
        }
        if (m_random.chance(25)) {
            table.constraints.push_back("CONSTRAINT " + names.quoted_name(63) + " UNIQUE (" +
                                        some_columns(shapes) + ")" +
                                        (m_random.chance(30) ? " DEFERRABLE INITIALLY DEFERRED" : ""));
        }
        for (auto i = m_random.between(0, 2); i > 0; --i) {
            table.constraints.push_back("CHECK (" + condition(shapes) + ")");
        }
        add_rows(table, shapes);
        for (auto i = m_random.between(0, 2); i > 0; --i) {
            table.later.push_back(index(table, shapes));
        }
        if (m_random.chance(20)) {
            table.later.push_back("COMMENT ON TABLE " + table.name + " IS " + literal(names.unicode(8)));
            table.later.push_back("COMMENT ON COLUMN " + table.name + "." +
                                  m_random.pick(shapes).column.name + " IS 'c'");
        }
        m_case.tables.push_back(std::move(table));
        m_shapes.push_back(std::move(shapes));
    }

    ColumnShape key_column(RandomText& names) {
        constexpr std::array kinds = {"integer PRIMARY KEY",
                                      "bigint GENERATED BY DEFAULT AS IDENTITY (START 10) PRIMARY KEY",
                                      "serial PRIMARY KEY", "bigserial PRIMARY KEY",
                                      "integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"};
        return {{names.quoted_name(63), m_random.pick(kinds)}, &types()[2]};
    }

    ColumnShape plain_column(RandomText& names) {
        ColumnShape shape;
        shape.type = &m_random.pick(types());
        shape.column = {names.quoted_name(63), shape.type->type};
        if (m_random.chance(25)) {
            shape.column.definition += " NOT NULL";
        }
        if (m_random.chance(25)) {
            shape.column.definition += " DEFAULT " + default_value(shape);
        }
        if (shape.type->key && m_random.chance(8)) {
            shape.column.definition += " UNIQUE";
        }
        return shape;
    }

    ColumnShape computed_column(RandomText& names, const std::vector<ColumnShape>& others) {
        const std::string a = m_random.pick(others).column.name;
        const std::string b = m_random.pick(others).column.name;
        const std::array expressions = {"text GENERATED ALWAYS AS (" + a + " || 'x') STORED",
                                        "integer GENERATED ALWAYS AS (length(" + a + ")) STORED",
                                        "numeric GENERATED ALWAYS AS (" + a + " * 2) STORED",
                                        "boolean GENERATED ALWAYS AS (" + a + " IS NULL) STORED",
                                        "boolean GENERATED ALWAYS AS (" + a + " = " + b + ") STORED",
                                        "text GENERATED ALWAYS AS (upper(" + a + ")) STORED"};
        ColumnShape shape;
        shape.column = {names.quoted_name(63), m_random.pick(expressions), true};
        static const TypeCase computed = {"", {}, false};
        shape.type = &computed;
        return shape;
    }

    std::string default_value(const ColumnShape& shape) {
        constexpr std::array odd = {"NULL",     "now()", "CURRENT_TIMESTAMP", "gen_random_uuid()",
                                    "random()", "1 + 1", "CURRENT_DATE"};
        return m_random.chance(70) ? value(shape) : m_random.pick(odd);
    }

    std::string some_columns(const std::vector<ColumnShape>& shapes) {
        std::string list;
        const auto first = static_cast<std::size_t>(m_random.between(0, static_cast<int>(shapes.size()) - 1));
        const auto count = static_cast<std::size_t>(m_random.between(1, 3));
        for (std::size_t i = 0; i < shapes.size() && i < count; ++i) {
            const ColumnShape& shape = shapes[(first + i) % shapes.size()];
            if (shape.type->key) {
                list += (list.empty() ? "" : ", ") + shape.column.name;
            }
        }
        return list;
    }

    std::string condition(const std::vector<ColumnShape>& shapes) {
        const ColumnShape& shape = m_random.pick(shapes);
        const std::string& a = shape.column.name;
        const std::string& b = m_random.pick(shapes).column.name;
        const std::string v = value(shape);
        const std::array conditions = {a + " IS NOT NULL",
                                       a + " >= " + v,
                                       a + " <> " + v,
                                       a + " BETWEEN " + v + " AND " + value(shape),
                                       a + " IN (" + v + ", " + value(shape) + ")",
                                       a + " IS NULL OR " + b + " IS NOT NULL",
                                       "length(" + a + ") < 100",
                                       a + " LIKE '%a%' OR " + b + " IS NULL",
                                       a + " ~ '^[a-z]*$'",
                                       "coalesce(" + a + ", " + v + ") IS NOT NULL",
                                       a + " IS DISTINCT FROM " + v,
                                       "octet_length(" + a + ") < 50",
                                       a + " > 0",
                                       a};
        return m_random.pick(conditions);
    }

    std::string index(const CaseTable& table, const std::vector<ColumnShape>& shapes) {
        const std::string& a = m_random.pick(shapes).column.name;
        const std::array odd = {
            "USING hash (" + a + ")",      "USING gin (" + a + ")",
            "USING brin (" + a + ")",      "USING gist (" + a + ")",
            "(lower(" + a + "))",          "(" + a + " text_pattern_ops)",
            "(" + a + " DESC NULLS LAST)", "(" + a + " COLLATE \"C\")",
            "((" + a + " IS NULL))",       "(" + a + ") INCLUDE (" + m_random.pick(shapes).column.name + ")"};
        return std::string("CREATE ") + (m_random.chance(20) ? "UNIQUE " : "") + "INDEX " +
               m_names.quoted_name(63) + " ON " + table.name + " " +
               (m_random.chance(50) ? std::string(m_random.pick(odd)) : "(" + some_columns(shapes) + ")") +
               (m_random.chance(25) ? " WHERE " + condition(shapes) : "");
    }

    void add_foreign_key(std::size_t from) {
        CaseTable& table = m_case.tables[from];
        const auto to =
            static_cast<std::size_t>(m_random.between(0, static_cast<int>(m_case.tables.size()) - 1));
        const CaseTable& parent = m_case.tables[to];
        constexpr std::array actions = {"NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"};
        // A column of its own, of the referenced one's type: most pairs of others do not fit.
        RandomText names(m_random);
        const std::string name =
            in_double_quotes("fk_" + std::to_string(table.columns.size()) + names.word());
        const ColumnShape& target = m_shapes[to].front();
        table.columns.push_back({name, target.type == &types()[2] ? "bigint" : target.type->type});
        for (auto& row : table.rows) {
            row.push_back(parent.rows.empty() || m_random.chance(20) ? "NULL"
                                                                     : m_random.pick(parent.rows).front());
        }
        m_shapes[from].push_back({table.columns.back(), target.type});
        table.later.push_back(
            "ALTER TABLE " + table.name + " ADD FOREIGN KEY (" + name + ") REFERENCES " + parent.name + " (" +
            parent.columns.front().name + ")" +
            (m_random.chance(40) ? std::string(" ON DELETE ") + m_random.pick(actions) : "") +
            (m_random.chance(30) ? std::string(" ON UPDATE ") + m_random.pick(actions) : "") +
            (m_random.chance(25) ? " DEFERRABLE INITIALLY DEFERRED" : "") +
            (m_random.chance(10) ? " NOT VALID" : ""));
    }

    void add_rows(CaseTable& table, const std::vector<ColumnShape>& shapes) {
        const auto count = m_random.chance(12) ? 0 : m_random.between(1, 9);
        for (std::int64_t i = 0; i < count; ++i) {
            std::vector<std::string> row;
            for (const ColumnShape& shape : shapes) {
                row.push_back(shape.column.computed ? "" : m_random.chance(12) ? "NULL" : value(shape));
            }
            table.rows.push_back(std::move(row));
        }
    }

    std::string value(const ColumnShape& shape) {
        if (shape.type->values.empty()) {
            return "NULL";
        }
        RandomText text(m_random);
        const std::string type = shape.type->type;
        if (m_random.chance(40)) {
            if (type == "text") {
                return literal(text.unicode(m_random.between(0, 12)));
            }
            if (type == "integer" || type == "bigint") {
                return std::to_string(m_random.between(-500, 500));
            }
            if (type == "numeric") {
                return text.integer(m_random.between(1, 40)) + "." + m_random.digits(m_random.between(1, 30));
            }
            if (type == "bytea") {
                return "'\\x" + hex_of(m_random.bytes(m_random.between(0, 20))) + "'";
            }
            if (type == "json" || type == "jsonb") {
                return literal(text.json(3));
            }
            if (type == "uuid") {
                return literal(text.uuid(false));
            }
            if (type == "timestamp") {
                return literal(text.date() + " " + text.clock(static_cast<int>(m_random.between(0, 6))));
            }
        }
        return m_random.pick(shape.type->values);
    }

    test::Random m_random;
    RandomText m_names;
    DatabaseCase m_case;
    std::vector<std::string> m_schemas;
    std::vector<std::vector<ColumnShape>> m_shapes;
};

}  // namespace

DatabaseCase random_postgresql_case(std::uint64_t seed) {
    return PostgresqlGenerator(seed).run();
}

}  // namespace migrate::property
