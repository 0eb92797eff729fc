#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "backends/postgresql/sqlite_view.hpp"
#include "model/select_parser.hpp"
#include "support/sqlite_expression_maker.hpp"
#include "util/ascii.hpp"

using namespace migrate;
using backends::postgresql::QueryTable;
using backends::postgresql::SqliteQueryTranslator;
using backends::postgresql::TranslatedQuery;
using test::Random;
using test::SqliteExpressionMaker;

namespace {

/// Makes queries over `trial`: joins with itself, subqueries, common tables, grouping, compounds and orders.
class QueryMaker {
  public:
    explicit QueryMaker(Random& random) : m_random(random), m_maker(random) {}

    std::string query() {
        std::string out;
        if (m_random.chance(15)) {
            out = "WITH trial2 AS (" + core(2, false) + ") ";
            m_common = true;
        }
        const int results = static_cast<int>(m_random.between(1, 3));
        const bool compound = m_random.chance(20);
        out += core(results, compound);
        if (compound) {
            m_texts = m_kinds;
            out += one_of({" UNION ALL ", " UNION ", " INTERSECT ", " EXCEPT "}) + core(results, true);
        }
        m_common = false;
        if (m_random.chance(40)) {
            // By all results, so that what shares a place is the same.
            out += " ORDER BY ";
            for (int i = 1; i <= results; ++i) {
                out += (i == 1 ? "" : ", ") + std::to_string(i) +
                       one_of({"", " ASC", " DESC", " NULLS LAST", " DESC NULLS FIRST"});
            }
        }
        return out;
    }

  private:
    std::string one_of(const std::vector<std::string>& list) { return m_random.pick(list); }

    std::string result(bool plain, std::size_t place) {
        if (m_texts.size() > place) {
            return m_texts[place] == 't' ? m_maker.text(0) : m_maker.prefix + one_of({"n", "k"});
        }
        const bool text = m_random.chance(50);
        m_kinds += text ? 't' : 'n';
        if (plain) {
            return text ? m_maker.text(0) : m_maker.prefix + one_of({"n", "k"});
        }
        return text                  ? m_maker.text(1)
               : m_random.chance(70) ? m_maker.number(1)
                                     : "(" + m_maker.condition(1) + ")";
    }

    std::string from() {
        m_maker.prefix = "a.";
        const std::string second =
            one_of({"trial b", "trial AS b", "(SELECT nr, n, t, c, flag FROM trial WHERE k > 2) b",
                    "(SELECT k AS n, count(*) AS nr, min(t) AS t, max(i) AS c FROM trial GROUP BY k) AS b"});
        switch (m_random.between(0, 6)) {
            case 0:
                return " FROM trial a JOIN " + second + " ON a.nr = b.nr";
            case 1:
                return " FROM trial a LEFT JOIN " + second + " ON b.n = a.n AND " + m_maker.condition(0);
            case 2:
                return " FROM trial a, " + second + " WHERE a.k = b.n AND " + m_maker.condition(1);
            case 3:
                return " FROM trial a JOIN trial b USING (nr) WHERE b.k > 1";
            default:
                return " FROM trial a" + (m_random.chance(60) ? " WHERE " + m_maker.condition(2) : "");
        }
    }

    std::string core(int results, bool plain) {
        if (m_common && m_random.chance(70)) {
            std::string out = "SELECT ";
            for (int i = 0; i < results; ++i) {
                out += (i == 0 ? "x" : ", x") + std::to_string(m_random.between(0, 1)) + " AS x" +
                       std::to_string(i);
            }
            m_kinds = std::string(static_cast<std::size_t>(results), 'n');
            return out + " FROM trial2" +
                   (m_random.chance(50) ? " WHERE x0 " + one_of({"> 2", "= 'a'", "IS NULL"}) : "");
        }
        m_kinds = "";
        const std::string tables = from();
        std::string out;
        if (!plain && m_random.chance(35)) {
            return grouped(results, tables);
        }
        for (int i = 0; i < results; ++i) {
            out += (i == 0 ? "" : ", ") + result(plain, static_cast<std::size_t>(i)) + " AS x" +
                   std::to_string(i);
        }
        return (m_random.chance(15) ? "SELECT DISTINCT " : "SELECT ") + out + tables;
    }

    std::string aggregate() {
        const std::string inner = m_random.chance(50)   ? m_maker.number(0)
                                  : m_random.chance(60) ? m_maker.text(0)
                                                        : m_maker.any(1);
        return one_of({"count(*)",
                       "count(",
                       "count(DISTINCT ",
                       "sum(",
                       "min(",
                       "max(",
                       "sum(a.i",
                       "sum(a.k",
                       "total(",
                       "avg(",
                       "max(a.d",
                       "min(a.day",
                       "max(a.at",
                       "sum(DISTINCT a.h",
                       "min(a.u",
                       "group_concat(",
                       "max(a.r",
                       "min(a.c",
                       "max(a.t",
                       "max(a.ms"})
            .append("|" + inner);
    }

    std::string grouped(int results, const std::string& tables) {
        const std::string key =
            m_random.chance(50)
                ? m_maker.prefix + one_of({"k", "t", "flag", "i", "day", "c", "d", "r", "b", "x"})
            : m_random.chance(50) ? m_maker.number(1)
                                  : m_maker.text(1);
        std::string out = "SELECT ";
        for (int i = 0; i < results; ++i) {
            std::string one = aggregate();
            const std::size_t bar = one.find('|');
            const std::string head = one.substr(0, bar);
            one = head == "count(*)"                           ? head
                  : head.ends_with('(') || head.ends_with(' ') ? head + one.substr(bar + 1) + ")"
                                                               : head + ")";
            one = i == 0 && m_random.chance(70) ? key : one;
            out += (i == 0 ? "" : ", ") + one + " AS x" + std::to_string(i);
        }
        const bool whole = m_random.chance(15);
        return out + tables + (whole ? "" : " GROUP BY " + one_of({key, key, "1"})) +
               (!whole && m_random.chance(30) ? " HAVING " + one_of({"count(*) > 1", "max(a.k) < 8",
                                                                     "x0 IS NOT NULL", "sum(a.k) % 2 = 0"})
                                              : "");
    }

    Random& m_random;
    SqliteExpressionMaker m_maker;
    std::string m_kinds;
    std::string m_texts;
    bool m_common = false;
};

SqliteQueryTranslator::Relations relations() {
    QueryTable table;
    table.alias = "trial";
    table.sql = "\"trial\"";
    test::TrialColumn number = test::trial_column("nr", TypeKind::int64, "INTEGER", "", "bigint", {});
    table.columns.push_back({"nr", number.sqlite, number.postgresql});
    for (const test::TrialColumn& column : test::sqlite_trial_columns()) {
        table.columns.push_back({column.sqlite.name, column.sqlite, column.postgresql});
        table.columns.back().source.nullable = true;
        table.columns.back().target.nullable = true;
    }
    return {{"trial", table}};
}

/// Every value with its class: "integer 5", as SQLite has it.
std::string shown_in_postgresql(const TranslatedQuery& query) {
    std::string list;
    for (std::size_t i = 0; i < query.columns.size(); ++i) {
        const std::string x = "\"x" + std::to_string(i) + "\"";
        const auto& column = query.columns[i];
        const std::string& format = column.source.format;
        std::string sql;
        switch (column.target.type.kind) {
            case TypeKind::boolean:
                sql = format.empty() ? "'integer ' || " + x + "::int"
                                     : "'text ' || CASE " + x + " WHEN true THEN 't' WHEN false THEN 'f' END";
                break;
            case TypeKind::int16:
            case TypeKind::int32:
            case TypeKind::int64:
                sql = "'integer ' || " + x;
                break;
            case TypeKind::float64:
            case TypeKind::decimal:
                sql = "'real ' || " + x;
                break;
            case TypeKind::timestamp_tz:
                sql = "'integer ' || (EXTRACT(EPOCH FROM " + x + ") * 1000)::bigint";
                break;
            case TypeKind::bytes:
                sql = "'blob ' || upper(encode(" + x + ", 'hex'))";
                break;
            default:
                sql = "'text ' || " + x;
        }
        list += (list.empty() ? "" : ", ") + sql;
    }
    return "SELECT " + list + " FROM (" + query.sql + ") AS q";
}

std::string shown_in_sqlite(const std::string& query, const TranslatedQuery& translated) {
    std::string list;
    for (std::size_t i = 0; i < translated.columns.size(); ++i) {
        const std::string x = "x" + std::to_string(i);
        // A decimal is an integer where it can be.
        const bool decimal = translated.columns[i].target.type.kind == TypeKind::decimal;
        list += (list.empty() ? "" : ", ") + std::string("CASE typeof(") + x +
                ") WHEN 'null' THEN NULL WHEN 'blob' THEN 'blob ' || hex(" + x +
                ") WHEN 'real' THEN 'real ' || printf('%!.17g', " + x + ") WHEN 'integer' THEN '" +
                (decimal ? "real" : "integer") + " ' || " + x + " ELSE 'text ' || " + x + " END";
    }
    return "SELECT " + list + " FROM (" + query + ")";
}

template <typename Rows>
std::vector<std::string> lines(const Rows& rows, bool sorted, bool folded) {
    std::vector<std::string> out;
    for (const auto& row : rows) {
        std::string line;
        for (const auto& value : row) {
            std::string text = value.value_or("∅");
            text = text.starts_with("real ") ? "real " + test::one_spelling(text.substr(5)) : text;
            // What shares a place by NOCASE or RTRIM is in any order.
            text.resize(folded ? text.find_last_not_of(' ') + 1 : text.size());
            line += "|" + (folded ? util::lower_ascii(text) : text);
        }
        out.push_back(line);
    }
    if (sorted) {
        std::sort(out.begin(), out.end());
    }
    return out;
}

}  // namespace

TEST_CASE("postgresql: random views of SQLite that are translated give the same rows",
          "[expression][postgresql][sqlite][random][view]") {
    const auto database = test::make_pg_database();
    if (!database) {
        return;
    }
    test::PgConnection server = database->connect();
    Random random;
    CAPTURE(random.seed());
    test::ExpressionTrial trial(test::sqlite_trial_columns(), server, 40, random);
    const auto known = relations();
    QueryMaker maker(random);
    std::map<std::string, int> translated;
    for (int i = 0; i < 1500; ++i) {
        const std::string sql = maker.query();
        const model::ViewParseResult parsed = model::parse_sqlite_view("CREATE VIEW v AS " + sql);
        INFO(sql);
        std::vector<std::string> names;
        try {
            trial.sqlite().exec("DROP VIEW IF EXISTS v; CREATE VIEW v AS " + sql);
            for (const auto& row : trial.sqlite().query("SELECT name FROM pragma_table_info('v')")) {
                names.push_back(row.at(0).value());
            }
        } catch (const std::exception&) {
            continue;  // No view of SQLite's.
        }
        if (!parsed) {
            continue;
        }
        SqliteQueryTranslator translator(known);
        const auto said = translator.translate(parsed.view->query, names);
        if (!said) {
            continue;
        }
        INFO(" → " << said->sql);
        const bool ordered = sql.find("ORDER BY") != std::string::npos;
        std::vector<std::vector<std::optional<std::string>>> rows;
        try {
            rows = trial.sqlite().query(shown_in_sqlite("SELECT * FROM v", *said));
        } catch (const std::exception&) {
            continue;  // A sum that overflows is an error.
        }
        ++translated[ordered ? "ordered" : sql.find("GROUP BY") != std::string::npos ? "grouped" : "plain"];
        std::vector<std::string> actual;
        CHECK_NOTHROW(actual = lines(server.query(shown_in_postgresql(*said)), !ordered, ordered));
        CHECK(actual == lines(rows, !ordered, ordered));
    }
    // Else the trial shows nothing.
    CHECK(translated["ordered"] > 15);
    CHECK(translated["grouped"] > 15);
    CHECK(translated["plain"] > 15);
}
