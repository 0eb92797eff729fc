#include <algorithm>

#include <catch2/catch.hpp>

#include <migrate/migrate.hpp>

#include "support/pg.hpp"
#include "support/random.hpp"
#include "support/sqlite.hpp"
#include "support/temporary_directory.hpp"
#include "unit/postgresql/pg_migration.hpp"

using namespace migrate;

namespace {

constexpr const char* k_tables = R"(
CREATE TABLE artist(id INTEGER PRIMARY KEY, name TEXT, born DATE, "Odd Name" TEXT, active BOOLEAN);
CREATE TABLE album(id INTEGER PRIMARY KEY, artist INTEGER REFERENCES artist(id), title TEXT, year INT,
                   released DATETIME, loud TEXT COLLATE NOCASE);
CREATE TABLE tag(album INTEGER, word TEXT, weight INT);
)";

struct View {
    const char* name;
    const char* query;
};

// Each gives the same rows in both engines, which the trial shows; those that say an order, in that order.
const std::vector<View> k_translated = {
    {"plain", "SELECT id, name FROM artist WHERE id > 3"},
    {"named", "SELECT a.name AS artist, b.title FROM artist AS a JOIN album b ON b.artist = a.id"},
    {"star", "SELECT * FROM album"},
    {"star_of_one", "SELECT b.*, a.name AS artist_name FROM artist a, album b WHERE a.id = b.artist"},
    {"outer_join",
     "SELECT a.id, b.title FROM artist a LEFT OUTER JOIN album b ON b.artist = a.id AND b.year > 5"},
    {"comma_then_left", "SELECT a.id, t.word FROM artist a, album b LEFT JOIN tag t ON t.album = a.id"},
    {"using_column", "SELECT * FROM (SELECT id AS album, title FROM album) x JOIN tag USING (album)"},
    {"counted",
     "SELECT artist, count(*) AS n, count(title), sum(year), min(year), max(title) FROM album "
     "GROUP BY artist"},
    {"counted_all", "SELECT count(*), sum(year), count(DISTINCT year) FROM album WHERE id < 0"},
    {"having_more", "SELECT year, count(*) AS n FROM album GROUP BY year HAVING count(*) > 1 AND n < 9"},
    {"group_by_number", "SELECT year / 2 AS half, count(*) FROM album WHERE year >= 0 GROUP BY 1"},
    {"group_by_alias", "SELECT coalesce(word, 'none') AS w, sum(weight) FROM tag GROUP BY w"},
    {"first_release", "SELECT artist, min(released), max(released) FROM album GROUP BY artist"},
    {"distinct_years", "SELECT DISTINCT year, artist FROM album"},
    {"one_after_other",
     "SELECT name, 'artist' AS kind FROM artist UNION ALL SELECT title, 'album' FROM album"},
    {"united", "SELECT name FROM artist UNION SELECT title FROM album"},
    {"both", "SELECT id FROM artist INTERSECT SELECT artist FROM album"},
    {"left_to_right", "SELECT id FROM artist UNION SELECT year FROM album INTERSECT SELECT weight FROM tag"},
    {"without", "SELECT id FROM artist EXCEPT SELECT artist FROM album"},
    {"cases",
     "SELECT id, CASE WHEN year > 5 THEN 'late' WHEN year IS NULL THEN 'never' ELSE 'early' END AS age "
     "FROM album"},
    {"with_tables",
     "WITH busy AS (SELECT artist, count(*) AS n FROM album GROUP BY artist), "
     "named(who, n) AS (SELECT a.name, busy.n FROM busy JOIN artist a ON a.id = busy.artist) "
     "SELECT who, n AS many FROM named WHERE n >= 2"},
    {"of_a_view", "SELECT n, artist FROM counted WHERE n > 1"},
    {"ordered", "SELECT title, id FROM album ORDER BY title DESC, year, id"},
    {"ordered_nocase", "SELECT loud, id FROM album ORDER BY loud, 2 DESC"},
    {"ordered_union", "SELECT name AS n FROM artist UNION SELECT title FROM album ORDER BY n"},
    {"ordered_times", "SELECT released, id FROM album ORDER BY released DESC NULLS LAST, id"},
    {"ordered_distinct", "SELECT DISTINCT title FROM album ORDER BY title"},
    {"texts", "SELECT upper(name) || '/' || id AS label, length(name), substr(name, 2) FROM artist"},
    {"odd_names", "SELECT \"Odd Name\" AS \"a \"\"b\"\"\", [id] AS `c d` FROM artist"},
    {"rowids", "SELECT rowid, title FROM album WHERE rowid BETWEEN 2 AND 9"},
    {"truths", "SELECT id, year > 5 AS late, active FROM album JOIN artist USING (id)"},
    {"alias_in_where", "SELECT year % 10 AS digit FROM album WHERE digit > 2 AND year < 1000"},
    {"folded", "SELECT id FROM album WHERE loud = 'ABC' OR loud LIKE 'x%'"},
};

struct Refused {
    const char* name;
    const char* query;
    const char* why;
};

const std::vector<Refused> k_refused = {
    {"overflowing", "SELECT year + 1 AS next FROM album",
     "an integer beyond 64 bits is a real number in SQLite"},
    {"limited", "SELECT id FROM album LIMIT 3",
     "a LIMIT, which may take other rows where the order leaves it open"},
    {"average", "SELECT avg(year) FROM album",
     "the sum that avg is made of is rounded in another way in SQLite"},
    {"listed", "SELECT group_concat(word) FROM tag", "the aggregate group_concat has no equal in PostgreSQL"},
    {"bare_column", "SELECT artist, title, count(*) FROM album GROUP BY artist",
     "a result that is neither grouped by nor an aggregate"},
    {"nocase_groups", "SELECT loud, count(*) FROM album GROUP BY loud",
     "what is equal in SQLite is not the same in PostgreSQL"},
    {"subquery", "SELECT id FROM album WHERE artist IN (SELECT id FROM artist)",
     "it uses what is not translated: a subquery is not supported"},
    {"recursive",
     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT i FROM n",
     "it uses what is not translated: a recursive query"},
    {"window", "SELECT row_number() OVER (ORDER BY id) FROM album",
     "it uses what is not translated: a window function is not supported"},
    {"mixed_union", "SELECT id FROM album UNION SELECT title FROM album",
     "its parts have results of different types"},
    {"by_chance", "SELECT id, random() FROM album", "its value changes from call to call"},
    {"on_average", "SELECT * FROM average", "it reads from what is not migrated"},
    {"clock", "SELECT id FROM album WHERE released < CURRENT_TIMESTAMP",
     "the current time inside of an expression"},
};

std::string literal(test::Random& random, const std::vector<std::string>& values) {
    return random.chance(15) ? "NULL"
                             : values.at(static_cast<std::size_t>(
                                   random.between(0, static_cast<std::int64_t>(values.size()) - 1)));
}

void fill(test::SqliteDatabase& database, test::Random& random) {
    const std::vector<std::string> words = {"''",  "'a'",   "'A'",      "'abc'",  "'ABC'", "'éa'",
                                            "'É'", "'xyz'", "'Zürich'", "'日本'", "'a b'", "'5'"};
    const std::vector<std::string> numbers = {"0", "1", "-1", "2", "5", "6", "7", "1000", "123456789012"};
    for (int i = 1; i <= 30; ++i) {
        const std::string id = std::to_string(i);
        database.exec("INSERT INTO artist VALUES (" + id + ", " + literal(random, words) + ", " +
                      literal(random, {"'2001-02-03'", "'1950-12-31'"}) + ", " + literal(random, words) +
                      ", " + literal(random, {"0", "1"}) + ")");
        database.exec(
            "INSERT INTO album VALUES (" + id + ", " + std::to_string(random.between(1, 30)) + ", " +
            literal(random, words) + ", " + literal(random, numbers) + ", " +
            literal(random, {"'2001-02-03 04:05:06'", "'1999-12-31 23:59:59'", "'2001-02-03 04:05:07'"}) +
            ", " + literal(random, words) + ")");
        database.exec("INSERT INTO tag VALUES (" + std::to_string(random.between(1, 30)) + ", " +
                      literal(random, words) + ", " + literal(random, numbers) + ")");
    }
}

template <typename Rows>
std::vector<std::string> lines(const Rows& rows, bool sorted) {
    std::vector<std::string> out;
    for (const auto& row : rows) {
        std::string line;
        for (const auto& value : row) {
            line += (line.empty() ? "" : "|") + value.value_or("∅");
        }
        out.push_back(line);
    }
    if (sorted) {
        std::sort(out.begin(), out.end());
    }
    return out;
}

/// PostgreSQL writes booleans as t and f, which the tables have in one column alone.
std::string as_sqlite(test::PgConnection& server, const std::string& view) {
    std::string list;
    for (const auto& column :
         server.query("SELECT column_name, data_type FROM information_schema.columns WHERE "
                      "table_name = $1 ORDER BY ordinal_position",
                      {view})) {
        const std::string name = server.quote(column.at(0).value());
        list += (list.empty() ? "" : ", ") + (column.at(1) == "boolean" ? name + "::int" : name);
    }
    return "SELECT " + list + " FROM " + server.quote(view);
}

std::string reason(const std::vector<Finding>& findings, const std::string& view) {
    for (const Finding& finding : findings) {
        if (finding.code == "view-left-out" && finding.object == "view " + view) {
            return finding.message;
        }
    }
    return "(none)";
}

}  // namespace

TEST_CASE("postgresql: SQLite's views give the same rows, or are listed with the reason",
          "[expression][postgresql][sqlite][view]") {
    const auto database = test::make_pg_database();
    if (!database) {
        return;
    }
    test::Random random;
    CAPTURE(random.seed());
    const test::TemporaryDirectory directory;
    const std::string path = directory.path("views.db");
    test::SqliteDatabase sqlite(path);
    sqlite.exec(k_tables);
    fill(sqlite, random);
    // The ones that read others come first here: a view may be older than what it reads.
    for (auto view = k_translated.rbegin(); view != k_translated.rend(); ++view) {
        sqlite.exec(std::string("CREATE VIEW ") + view->name + " AS " + view->query);
    }
    for (const Refused& view : k_refused) {
        sqlite.exec(std::string("CREATE VIEW ") + view.name + " AS " + view.query);
    }

    CrossDatabaseMigrator migrator{MigratorConfig{}};
    const MigrationSource from{parse_endpoint("sqlite:" + path, false)};
    const MigrationTarget to{test::pg_endpoint(*database)};
    const MigrationPlan plan = migrator.plan_migration(from, to, {});
    const MigrationResult result = migrator.execute_migration(plan, {});
    CHECK(result.state == MigrationState::done);

    test::PgConnection server = database->connect();
    for (const View& view : k_translated) {
        INFO(view.query);
        const bool ordered = std::string_view(view.query).find("ORDER BY") != std::string_view::npos;
        CHECK(reason(result.findings, view.name) == "(none)");
        const auto expected = lines(sqlite.query(std::string("SELECT * FROM ") + view.name), !ordered);
        CHECK(lines(server.query(as_sqlite(server, view.name)), !ordered) == expected);
    }
    for (const Refused& view : k_refused) {
        INFO(view.query);
        CHECK(reason(result.findings, view.name) ==
              std::string("Its query has no equal in PostgreSQL: ") + view.why + ".");
    }
}
