#include <array>
#include <cstdio>

#include "property/database_case.hpp"
#include "property/random_text.hpp"

namespace migrate::property {
namespace {

constexpr std::array k_types = {"",
                                "INT",
                                "INTEGER",
                                "BIGINT",
                                "SMALLINT",
                                "INTERGER",
                                "UNSIGNED BIG INT",
                                "BOOLEAN",
                                "BOOL",
                                "REAL",
                                "DOUBLE PRECISION",
                                "FLOAT",
                                "NUMERIC",
                                "DECIMAL(8,2)",
                                "NUMBER(9,0)",
                                "DECIMAL(30,10)",
                                "money",
                                "TEXT",
                                "VARCHAR(6)",
                                "VARCHAR ( 255 )",
                                "NVARCHAR(40)",
                                "CHAR(3)",
                                "CLOB",
                                "BLOB",
                                "BLOB SUB_TYPE TEXT",
                                "DATE",
                                "DATETIME",
                                "TIMESTAMP",
                                "TIMESTAMP WITH TIME ZONE",
                                "TIME",
                                "UUID",
                                "GUID",
                                "JSON",
                                "STRING",
                                "ANY"};
constexpr std::array k_strict_types = {"INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY"};
constexpr std::array k_actions = {"NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"};

/// What the values of a column are like.
enum class Theme : std::uint8_t {
    small_integer,
    big_integer,
    real,
    decimal,
    word,
    unicode,
    number_text,
    date,
    moment,
    epoch,
    julian,
    flag,
    flag_text,
    uuid,
    uuid_blob,
    json,
    blob,
    nul_text,
    clock,
    count
};

struct ColumnShape {
    CaseColumn column;
    Theme theme = Theme::word;
    int variant = 0;  ///< The theme's spelling, one for most of a column's values.
};

class SqliteGenerator {
  public:
    explicit SqliteGenerator(std::uint64_t seed) : m_random(seed), m_table_names(m_random) {
        m_case.seed = seed;
    }

    DatabaseCase run() {
        if (m_random.chance(10)) {
            m_case.before.emplace_back("PRAGMA encoding = 'UTF-16'");
        }
        m_case.before.push_back("PRAGMA user_version = " + std::to_string(m_random.between(0, 9)));
        const auto count = m_random.between(1, 4);
        for (std::int64_t i = 0; i < count; ++i) {
            add_table();
        }
        for (std::size_t i = 0; i < m_case.tables.size(); ++i) {
            for (auto keys = m_random.between(0, 2); keys > 0; --keys) {
                add_foreign_key(i);
            }
        }
        for (std::size_t i = 0; i < m_case.tables.size(); ++i) {
            add_rows(i);
        }
        return std::move(m_case);
    }

  private:
    void add_table() {
        CaseTable table;
        RandomText names(m_random);
        table.name = m_table_names.quoted_name();
        m_strict = m_random.chance(15);
        std::vector<ColumnShape> shapes;
        if (m_random.chance(45)) {
            shapes.push_back(
                {{names.quoted_name(),
                  m_random.chance(50) ? "INTEGER PRIMARY KEY" : "INTEGER PRIMARY KEY AUTOINCREMENT"},
                 Theme::small_integer});
        }
        const bool has_key = !shapes.empty();
        for (auto i = m_random.between(1, 7); i > 0; --i) {
            shapes.push_back(plain_column(names));
        }
        if (m_random.chance(25)) {
            shapes.push_back(computed_column(names, shapes));
        }
        for (const ColumnShape& shape : shapes) {
            table.columns.push_back(shape.column);
        }
        const bool named_key = !has_key && m_random.chance(60);
        if (named_key) {
            table.constraints.push_back("PRIMARY KEY (" + some_columns(shapes, false) + ")");
        }
        if (m_random.chance(25)) {
            table.constraints.push_back("UNIQUE (" + some_columns(shapes, false) + ")");
        }
        for (auto i = m_random.between(0, 2); i > 0; --i) {
            const bool named = m_random.chance(50);
            table.constraints.push_back((named ? "CONSTRAINT " + m_table_names.quoted_name() + " " : "") +
                                        "CHECK (" + condition(shapes) + ")");
        }
        const bool without_rowid = named_key && m_random.chance(25);
        table.suffix = std::string(without_rowid ? " WITHOUT ROWID" : "") +
                       (m_strict ? without_rowid ? ", STRICT" : " STRICT" : "");
        for (auto i = m_random.between(0, 2); i > 0; --i) {
            table.later.push_back(index(table, shapes));
        }
        m_case.tables.push_back(std::move(table));
        m_shapes.push_back(std::move(shapes));
    }

    ColumnShape plain_column(RandomText& names) {
        ColumnShape shape;
        shape.column.name = names.quoted_name();
        const std::string type = m_strict ? m_random.pick(k_strict_types) : m_random.pick(k_types);
        shape.theme = m_random.chance(70)
                          ? theme_of(type)
                          : static_cast<Theme>(m_random.between(0, static_cast<int>(Theme::count) - 1));
        shape.variant = static_cast<int>(m_random.between(0, 5));
        std::string& definition = shape.column.definition = type;
        if (m_random.chance(25)) {
            definition += m_random.chance(90) ? " NOT NULL" : " NOT NULL ON CONFLICT IGNORE";
        }
        if (m_random.chance(25)) {
            definition += " DEFAULT " + default_value(shape);
        }
        if (m_random.chance(12)) {
            definition += m_random.chance(60) ? " COLLATE NOCASE" : " COLLATE RTRIM";
        }
        if (m_random.chance(12)) {
            definition += " UNIQUE";
        }
        return shape;
    }

    ColumnShape computed_column(RandomText& names, const std::vector<ColumnShape>& others) {
        ColumnShape shape;
        shape.column.name = names.quoted_name();
        shape.column.computed = true;
        const std::string a = m_random.pick(others).column.name;
        const std::string b = m_random.pick(others).column.name;
        const std::array expressions = {a + " || " + b,
                                        "length(" + a + ")",
                                        a + " + 1",
                                        a + " * " + b,
                                        "coalesce(" + a + ", " + b + ")",
                                        "upper(" + a + ")",
                                        "typeof(" + a + ")",
                                        "CASE WHEN " + a + " IS NULL THEN 'none' ELSE 'some' END",
                                        "abs(" + a + ")",
                                        "substr(" + a + ", 1, 2)",
                                        a + " = " + b,
                                        "CAST(" + a + " AS TEXT)"};
        const std::string type = m_strict ? m_random.pick(k_strict_types) : m_random.pick(k_types);
        shape.column.definition = type + " GENERATED ALWAYS AS (" + m_random.pick(expressions) + ")" +
                                  (m_random.chance(50) ? " STORED" : " VIRTUAL");
        return shape;
    }

    static Theme theme_of(const std::string& type) {
        const auto has = [&type](const char* part) { return type.find(part) != std::string::npos; };
        return has("BOOL")                                    ? Theme::flag
               : has("INT") || has("NUMBER")                  ? Theme::small_integer
               : has("REAL") || has("DOUB") || has("FLOA")    ? Theme::real
               : has("DEC") || has("NUMERIC") || has("money") ? Theme::decimal
               : has("UID")                                   ? Theme::uuid
               : has("JSON")                                  ? Theme::json
               : has("BLOB")                                  ? Theme::blob
               : has("TIMESTAMP") || has("DATETIME")          ? Theme::moment
               : has("DATE")                                  ? Theme::date
               : has("TIME")                                  ? Theme::clock
                                                              : Theme::word;
    }

    std::string default_value(const ColumnShape& shape) {
        const std::array odd = {"CURRENT_TIMESTAMP",
                                "CURRENT_DATE",
                                "CURRENT_TIME",
                                "NULL",
                                "(random())",
                                "''",
                                "0",
                                "-1.5",
                                "'it''s'",
                                "\"quoted\"",
                                "(datetime('now'))",
                                "x'00ff'",
                                "true",
                                "active",
                                "(1 + 2)",
                                "(strftime('%s','now'))",
                                "1e3",
                                "'0'",
                                "(lower(hex(randomblob(4))))",
                                "+5"};
        return m_random.chance(40) ? value(shape, shape.theme) : std::string(m_random.pick(odd));
    }

    std::string some_columns(const std::vector<ColumnShape>& shapes, bool odd) {
        std::string list;
        const auto first = static_cast<std::size_t>(m_random.between(0, static_cast<int>(shapes.size()) - 1));
        const auto count = static_cast<std::size_t>(m_random.between(1, 3));
        for (std::size_t i = 0; i < count && i < shapes.size(); ++i) {
            list += (list.empty() ? "" : ", ") + shapes[(first + i) % shapes.size()].column.name;
            list += m_random.chance(odd ? 15 : 4) ? " COLLATE NOCASE" : "";
            list += m_random.chance(15) ? " DESC" : "";
        }
        return list;
    }

    std::string condition(const std::vector<ColumnShape>& shapes) {
        const ColumnShape& shape = m_random.pick(shapes);
        const std::string& a = shape.column.name;
        const std::string& b = m_random.pick(shapes).column.name;
        const std::string v = value(shape, shape.theme);
        const std::string w = value(shape, shape.theme);
        const std::array conditions = {a + " IS NOT NULL",
                                       a + " > " + v,
                                       a + " <> " + v,
                                       a + " <= " + b,
                                       a + " BETWEEN " + v + " AND " + w,
                                       a + " IN (" + v + ", " + w + ", NULL)",
                                       "length(" + a + ") < 200",
                                       "typeof(" + a + ") <> 'blob'",
                                       a + " LIKE '%a%' OR " + b + " IS NULL",
                                       a + " GLOB '*' OR " + a + " IS " + v,
                                       a + " IS NULL OR " + b + " IS NOT NULL",
                                       "coalesce(" + a + ", " + b + ", 1) IS NOT NULL",
                                       a + " = lower(" + a + ")",
                                       "NOT (" + a + " = " + v + ")",
                                       a + " >= " + v + " AND " + a + " < " + w,
                                       a + " || 'x' <> " + v,
                                       "CASE WHEN " + a + " IS NULL THEN 1 ELSE " + b + " IS NOT NULL END",
                                       a};
        return m_random.pick(conditions);
    }

    std::string index(const CaseTable& table, const std::vector<ColumnShape>& shapes) {
        const std::string& a = m_random.pick(shapes).column.name;
        const std::array expressions = {"lower(" + a + ")", "length(" + a + ")", a + " || 'x'", a + " + 1",
                                        "coalesce(" + a + ", 0)"};
        const std::string parts =
            m_random.chance(20) ? std::string(m_random.pick(expressions)) : some_columns(shapes, true);
        return std::string("CREATE ") + (m_random.chance(25) ? "UNIQUE " : "") + "INDEX " +
               m_table_names.quoted_name() + " ON " + table.name + " (" + parts + ")" +
               (m_random.chance(25) ? " WHERE " + condition(shapes) : "");
    }

    void add_foreign_key(std::size_t from) {
        CaseTable& table = m_case.tables[from];
        const auto to =
            static_cast<std::size_t>(m_random.between(0, static_cast<int>(m_case.tables.size()) - 1));
        const auto child =
            static_cast<std::size_t>(m_random.between(0, static_cast<int>(table.columns.size()) - 1));
        const auto& parents = m_case.tables[to].columns;
        // The first is often the key.
        const auto parent =
            m_random.chance(60)
                ? 0
                : static_cast<std::size_t>(m_random.between(0, static_cast<int>(parents.size()) - 1));
        std::string text =
            "FOREIGN KEY (" + table.columns[child].name + ") REFERENCES " + m_case.tables[to].name;
        text += m_random.chance(20) ? "" : " (" + parents[parent].name + ")";
        text += m_random.chance(40) ? std::string(" ON DELETE ") + m_random.pick(k_actions) : "";
        text += m_random.chance(30) ? std::string(" ON UPDATE ") + m_random.pick(k_actions) : "";
        text += m_random.chance(20) ? " DEFERRABLE INITIALLY DEFERRED" : "";
        table.constraints.push_back(text);
        m_references.push_back({from, child, to, parent});
        if (!m_shapes[from][child].column.computed) {
            m_shapes[from][child].theme = m_shapes[to][parent].theme;
            m_shapes[from][child].variant = m_shapes[to][parent].variant;
        }
    }

    void add_rows(std::size_t number) {
        CaseTable& table = m_case.tables[number];
        const auto count = m_random.chance(12) ? 0 : m_random.between(1, 9);
        const bool has_nulls = m_random.chance(70);
        const bool has_strangers = m_random.chance(25);
        for (std::int64_t i = 0; i < count; ++i) {
            std::vector<std::string> row;
            for (std::size_t c = 0; c < table.columns.size(); ++c) {
                const ColumnShape& shape = m_shapes[number][c];
                const bool strange = has_strangers && m_random.chance(10);
                row.push_back(shape.column.computed ? ""
                              : has_nulls && m_random.chance(12)
                                  ? "NULL"
                                  : value(shape, strange ? static_cast<Theme>(m_random.between(
                                                               0, static_cast<int>(Theme::count) - 1))
                                                         : shape.theme));
                refer(number, c, row.back());
            }
            table.rows.push_back(std::move(row));
        }
    }

    /// A value that the referenced table has, most of the time.
    void refer(std::size_t table, std::size_t column, std::string& cell) {
        for (const Reference& reference : m_references) {
            if (reference.from == table && reference.child == column && m_random.chance(85)) {
                const auto& rows = m_case.tables[reference.to].rows;
                if (!rows.empty() && !cell.empty()) {
                    const std::string& there = m_random.pick(rows)[reference.parent];
                    cell = there.empty() ? cell : there;
                }
            }
        }
    }

    static std::string text_of_bytes(const std::string& bytes) {
        return "CAST(x'" + hex_of(bytes) + "' AS TEXT)";
    }

    std::string real() {
        constexpr std::array odd = {"9e999",
                                    "-9e999",
                                    "-0.0",
                                    "0.1",
                                    "1e300",
                                    "5e-324",
                                    "0.30000000000000004",
                                    "1.0",
                                    "100.0",
                                    "1e15",
                                    "1e16",
                                    "123456789012345680.0",
                                    "-2.5",
                                    "3.14"};
        if (m_random.chance(40)) {
            return m_random.pick(odd);
        }
        char text[64];
        std::snprintf(text, sizeof(text), "%.17g",
                      static_cast<double>(m_random.between(-1'000'000, 1'000'000)) / 997.0);
        return text;
    }

    std::string value(const ColumnShape& shape, Theme theme) {
        RandomText text(m_random);
        const int variant = m_random.chance(90) ? shape.variant : static_cast<int>(m_random.between(0, 5));
        switch (theme) {
            case Theme::small_integer:
                return std::to_string(m_random.between(-3, 300));
            case Theme::big_integer:
                return m_random.chance(30)   ? "9223372036854775807"
                       : m_random.chance(20) ? "-9223372036854775807 - 1"
                                             : text.integer(m_random.between(1, 18));
            case Theme::real:
                return real();
            case Theme::decimal:
                return text.integer(m_random.between(1, 5)) + "." + m_random.digits(m_random.between(1, 3));
            case Theme::word:
                return literal(m_random.chance(8) ? "" : text.word());
            case Theme::unicode:
                return literal(text.unicode(m_random.between(0, 12)));
            case Theme::number_text:
                return literal(number_text(text));
            case Theme::date:
                return literal(variant == 5 ? "0000-00-00" : text.date());
            case Theme::moment:
                return literal(moment(text, variant));
            case Theme::epoch:
                return std::to_string(m_random.between(0, 2'000'000'000)) + (variant == 0  ? ""
                                                                             : variant < 4 ? "000"
                                                                                           : "000000");
            case Theme::julian:
                return std::to_string(m_random.between(2'400'000, 2'500'000)) + ".5";
            case Theme::flag:
                return m_random.chance(50) ? "1" : "0";
            case Theme::flag_text:
                return flag_text(variant);
            case Theme::uuid:
                return literal(text.uuid(variant > 3));
            case Theme::uuid_blob:
                return "x'" + hex_of(m_random.bytes(16)) + "'";
            case Theme::json:
                return literal(text.json(2));
            case Theme::blob:
                return "x'" + hex_of(m_random.bytes(m_random.between(0, 20))) + "'";
            case Theme::nul_text:
                return text_of_bytes(text.word() + std::string(1, '\0') + text.word());
            case Theme::clock:
                return literal(text.clock(variant > 3 ? 3 : 0));
            case Theme::count:
                break;
        }
        return "NULL";
    }

    std::string number_text(RandomText& text) {
        constexpr std::array odd = {"1.0",
                                    "007",
                                    " 1",
                                    "1 ",
                                    "1e5",
                                    "0x10",
                                    "+5",
                                    "-0",
                                    ".5",
                                    "5.",
                                    "10.10",
                                    "1e400",
                                    "9223372036854775808",
                                    "inf",
                                    "nan",
                                    "0.10"};
        return m_random.chance(50) ? m_random.pick(odd) : text.integer(m_random.between(1, 25));
    }

    static std::string flag_text_of(int variant, bool yes) {
        switch (variant) {
            case 0:
                return yes ? "t" : "f";
            case 1:
                return yes ? "true" : "false";
            case 2:
                return yes ? "Y" : "N";
            case 3:
                return yes ? "TRUE" : "FALSE";
            default:
                return yes ? "on" : "off";
        }
    }

    std::string flag_text(int variant) { return literal(flag_text_of(variant, m_random.chance(50))); }

    std::string moment(RandomText& text, int variant) {
        switch (variant) {
            case 0:
                return text.date() + " " + text.clock(0);
            case 1:
                return text.date() + "T" + text.clock(0) + "Z";
            case 2:
                return text.date() + " " + text.clock(3);
            case 3:
                return text.date() + " " + text.clock(6) + (m_random.chance(50) ? "+00:00" : "+02:00");
            case 4:
                return text.date() + "T" + text.clock(0);
            default:
                return text.date() + " 24:00:00";
        }
    }

    struct Reference {
        std::size_t from;
        std::size_t child;
        std::size_t to;
        std::size_t parent;
    };

    test::Random m_random;
    RandomText m_table_names;
    bool m_strict = false;
    DatabaseCase m_case;
    std::vector<std::vector<ColumnShape>> m_shapes;
    std::vector<Reference> m_references;
};

}  // namespace

DatabaseCase random_sqlite_case(std::uint64_t seed) {
    return SqliteGenerator(seed).run();
}

}  // namespace migrate::property
