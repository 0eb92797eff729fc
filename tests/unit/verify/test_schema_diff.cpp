#include <functional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "verify/schema_diff.hpp"

namespace {

using namespace migrate;
using Kind = SchemaDifference::Kind;

Column column(const std::string& name, const std::string& native, LogicalType type) {
    Column out;
    out.name = name;
    out.native_type = native;
    out.type = type;
    return out;
}

/// Two tables, album referring to artist, as a PostgreSQL catalog tells them.
Schema music() {
    Schema schema;
    schema.engine = "postgresql";
    Table artist;
    artist.name = {"public", "artist"};
    artist.columns = {column("id", "bigint", TypeKind::int64), column("name", "text", TypeKind::text)};
    artist.primary_key = Key{"artist_pkey", {"id"}, {}, false, false, "", ""};
    artist.columns[0].nullable = false;
    artist.columns[0].identity = IdentityValue();
    artist.columns[0].identity->next = 7;
    artist.columns[0].identity->minimum = 1;
    artist.columns[0].identity->maximum = 100;
    Table album;
    album.name = {"public", "album"};
    album.columns = {column("id", "bigint", TypeKind::int64), column("artist", "bigint", TypeKind::int64),
                     column("title", "text", TypeKind::text), column("price", "numeric", TypeKind::decimal)};
    album.columns[2].nullable = false;
    album.columns[2].default_sql = "'none'::text";
    album.columns[3].default_sql = "0";
    album.unique_keys = {Key{"album_title_key", {"title"}, {}, false, false, "", ""}};
    album.checks = {Check{"album_check", "price >= 0", true, false}};
    ForeignKey key;
    key.name = "album_artist_fkey";
    key.columns = {"artist"};
    key.referenced_table = {"public", "artist"};
    key.referenced_columns = {"id"};
    key.on_delete = ReferenceAction::cascade;
    album.foreign_keys = {key};
    Index index;
    index.name = "album_artist_idx";
    index.parts = {{"artist", "", "", "", false, {}}};
    index.predicate = "artist IS NOT NULL";
    album.indexes = {index};
    schema.tables = {artist, album};
    SchemaObject view;
    view.kind = "view";
    view.name = {"public", "titles"};
    view.native_sql = "SELECT title FROM album";
    schema.objects = {view};
    return schema;
}

struct Compared {
    explicit Compared(const std::function<void(Schema& found)>& change = {},
                      const std::function<void(Schema& expected)>& expect = {})
        : expected(music()), found(music()) {
        if (change) {
            change(found);
        }
        if (expect) {
            expect(expected);
        }
    }

    std::vector<SchemaDifference> differences(bool same_spelling = true, bool whole = true) const {
        verify::SchemaPair pair{expected, found, {}, same_spelling, whole, true};
        for (const Table& table : expected.tables) {
            pair.counterparts.push_back(found.find_table(table.name));
        }
        return verify::schema_differences(pair);
    }

    /// "kind|object|expected|found" of the only difference; all of them, if there are more.
    std::string only(bool same_spelling = true) const {
        std::string out;
        for (const SchemaDifference& one : differences(same_spelling)) {
            out += (out.empty() ? "" : "\n") + std::to_string(static_cast<int>(one.kind)) + "|" + one.object +
                   "|" + one.expected + "|" + one.found;
        }
        return out;
    }

    Schema expected;
    Schema found;
};

Table& album_of(Schema& schema) {
    return schema.tables[1];
}

}  // namespace

TEST_CASE("schema: the same schema has no differences, however expressions are spelled", "[verify]") {
    CHECK(Compared().differences(true).empty());
    CHECK(Compared().differences(false).empty());
}

TEST_CASE("schema: what is missing at the target is only in the source", "[verify]") {
    const std::vector<std::pair<std::function<void(Schema&)>, std::string>> k_cases{
        {[](Schema& s) { s.tables[0].primary_key.reset(); },
         "0|table public.artist, primary key|primary key (id)|"},
        {[](Schema& s) { album_of(s).unique_keys.clear(); },
         "0|table public.album, unique key (title)|unique (title)|"},
        {[](Schema& s) { album_of(s).checks.clear(); },
         "0|table public.album, check album_check|check (price >= 0)|"},
        {[](Schema& s) { album_of(s).foreign_keys.clear(); },
         "0|table public.album, foreign key (artist)|(artist) to public.artist (id) on delete cascade|"},
        {[](Schema& s) { album_of(s).indexes.clear(); },
         "0|table public.album, index album_artist_idx|(artist) where artist IS NOT NULL|"},
        {[](Schema& s) { s.objects.clear(); },
         "0|view public.titles|view public.titles: SELECT title FROM album|"},
    };
    for (const auto& [change, told] : k_cases) {
        CHECK(Compared(change).only() == told);
        CHECK(Compared(change).differences(false).size() == 1);
        // And the other way round: only the target has it.
        const auto reversed = Compared({}, change);
        REQUIRE(reversed.differences().size() == 1);
        CHECK(reversed.differences()[0].kind == Kind::only_in_target);
        // What hangs on tables that were not asked for is not asked for either.
        const std::string object = reversed.differences()[0].object;
        const bool elsewhere = object.find("foreign key") != std::string::npos || object.starts_with("view");
        CHECK(reversed.differences(true, false).size() == (elsewhere ? 0 : 1));
    }
}

TEST_CASE("schema: what is another at the target is told with both forms", "[verify]") {
    const std::vector<std::pair<std::function<void(Schema&)>, std::string>> k_cases{
        {[](Schema& s) { album_of(s).columns[1].native_type = "integer"; },
         "2|table public.album, column artist|type bigint|type integer"},
        {[](Schema& s) { album_of(s).columns[2].nullable = true; },
         "2|table public.album, column title|NOT NULL|NULL allowed"},
        {[](Schema& s) { album_of(s).columns[1].nullable = false; },
         "2|table public.album, column artist|NULL allowed|NOT NULL"},
        {[](Schema& s) { album_of(s).columns[3].default_sql = "1"; },
         "2|table public.album, column price|DEFAULT 0|DEFAULT 1"},
        {[](Schema& s) { album_of(s).columns[3].default_sql.reset(); },
         "2|table public.album, column price|DEFAULT 0|no default"},
        {[](Schema& s) { album_of(s).columns[2].default_sql = "'some'::text"; },
         "2|table public.album, column title|DEFAULT 'none'::text|DEFAULT 'some'::text"},
        {[](Schema& s) { s.tables[0].columns[0].identity->next = 8; },
         "2|table public.artist, column id|identity by_default, next value 7, minimum 1, maximum "
         "100|identity by_default, next value 8, minimum 1, maximum 100"},
        {[](Schema& s) { s.tables[0].columns[0].identity->kind = IdentityValue::Kind::always; },
         "2|table public.artist, column id|identity by_default, next value 7, minimum 1, maximum "
         "100|identity always, next value 7, minimum 1, maximum 100"},
        {[](Schema& s) { s.tables[0].columns[0].identity->minimum = 9; },
         "2|table public.artist, column id|identity by_default, next value 7, minimum 1, maximum "
         "100|identity "
         "by_default, next value 7, minimum 9, maximum 100"},
        {[](Schema& s) { s.tables[0].columns[0].identity->maximum = 9; },
         "2|table public.artist, column id|identity by_default, next value 7, minimum 1, maximum "
         "100|identity by_default, next value 7, minimum 1, maximum 9"},
        {[](Schema& s) { s.tables[0].columns[0].identity->cycle = true; },
         "2|table public.artist, column id|identity by_default, next value 7, minimum 1, maximum "
         "100|identity by_default, next value 7, minimum 1, maximum 100, cycling"},
        {[](Schema& s) { album_of(s).columns[2].collation = "C"; },
         "2|table public.album, column title|no collation|collation C"},
        {[](Schema& s) { album_of(s).columns[2].comment = "x"; },
         "2|table public.album, column title|comment \"\"|comment \"x\""},
        {[](Schema& s) { album_of(s).foreign_keys[0].on_delete = ReferenceAction::no_action; },
         "2|table public.album, foreign key (artist)|(artist) to public.artist (id) on delete "
         "cascade|(artist) to public.artist (id)"},
        {[](Schema& s) { album_of(s).foreign_keys[0].validated = false; },
         "2|table public.album, foreign key (artist)|(artist) to public.artist (id) on delete "
         "cascade|(artist) to public.artist (id) on delete cascade not valid"},
        {[](Schema& s) { album_of(s).indexes[0].parts[0].descending = true; },
         "2|table public.album, index album_artist_idx|(artist) where artist IS NOT NULL|(artist desc) where "
         "artist IS NOT NULL"},
        {[](Schema& s) { album_of(s).indexes[0].predicate.clear(); },
         "2|table public.album, index album_artist_idx|(artist) where artist IS NOT NULL|(artist)"},
        {[](Schema& s) { album_of(s).unique_keys[0].deferrable = true; },
         "2|table public.album, unique key (title)|unique (title)|unique (title) deferrable"},
    };
    for (const auto& [change, told] : k_cases) {
        CHECK(Compared(change).only() == told);
    }
}

TEST_CASE("schema: what does the same by another name or form is no difference", "[verify]") {
    SECTION("names of constraints and indexes") {
        CHECK(Compared([](Schema& s) {
                  album_of(s).indexes[0].name = "another";
                  album_of(s).foreign_keys[0].name = "fk";
                  album_of(s).checks[0].name.clear();
                  s.tables[0].primary_key->name = "pk";
              }).only() == "");
    }
    SECTION("a unique index in the place of a unique key") {
        CHECK(Compared([](Schema& s) {
                  album_of(s).unique_keys.clear();
                  Index index;
                  index.name = "album_title";
                  index.unique = true;
                  index.parts = {{"title", "", "", "", false, {}}};
                  index.method = "btree";
                  album_of(s).indexes.push_back(index);
              }).only() == "");
    }
    SECTION("names that differ by case, where the engine takes them for one") {
        Compared compared([](Schema& s) {
            album_of(s).columns[1].name = "Artist";
            album_of(s).foreign_keys[0].columns[0] = "Artist";
            album_of(s).indexes[0].parts[0].column = "Artist";
        });
        compared.expected.engine = "sqlite";
        compared.found.engine = "sqlite";
        CHECK(compared.differences().empty());
    }
    SECTION("a referenced primary key that is not spelled out") {
        CHECK(Compared([](Schema& s) { album_of(s).foreign_keys[0].referenced_columns.clear(); }).only() ==
              "");
    }
    SECTION("a next value that the rows decide, or that counts rows which were there") {
        const auto told = [](IdentityValue::Kind kind, std::int64_t next, bool same_spelling = false) {
            return Compared(
                       [&](Schema& s) {
                           s.tables[0].columns[0].identity->kind = kind;
                           s.tables[0].columns[0].identity->next = next;
                       },
                       [&](Schema& s) { s.tables[0].columns[0].identity->kind = kind; })
                .differences(same_spelling)
                .size();
        };
        CHECK(told(IdentityValue::Kind::rowid, 3) == 0);
        CHECK(told(IdentityValue::Kind::autoincrement, 9, true) == 1);
        CHECK(told(IdentityValue::Kind::autoincrement, 9) == 0);
        CHECK(told(IdentityValue::Kind::autoincrement, 3) == 1);
        CHECK(told(IdentityValue::Kind::serial, 9) == 1);
    }
    SECTION("a default of NULL") {
        CHECK(Compared([](Schema& s) { album_of(s).columns[1].default_sql = "NULL::bigint"; }).only() == "");
    }
    SECTION("expressions that one engine prints another way") {
        const Compared compared([](Schema& s) {
            album_of(s).checks[0].expression = "(price >= (0)::numeric)";
            album_of(s).columns[3].default_sql = "0.0";
            album_of(s).columns[2].default_sql = "'none'";
            album_of(s).indexes[0].predicate = "(artist IS NOT NULL)";
            s.objects[0].native_sql = " SELECT album.title\n   FROM album;";
        });
        CHECK(compared.only(false) == "");
        CHECK(compared.differences(true).size() == 5);
    }
}

TEST_CASE("schema: another literal is another default where spellings differ, too", "[verify]") {
    const auto told = [](const auto& change) { return Compared(change).differences(false).size(); };
    CHECK(told([](Schema& s) { album_of(s).columns[3].default_sql = "1"; }) == 1);
    CHECK(told([](Schema& s) { album_of(s).columns[3].default_sql = "-0.5"; }) == 1);
    CHECK(told([](Schema& s) { album_of(s).columns[2].default_sql = "'None'::text"; }) == 1);
    CHECK(told([](Schema& s) { album_of(s).columns[3].default_sql = "random()"; }) == 1);
    CHECK(told([](Schema& s) { album_of(s).checks.push_back({"", "id > 0", true, false}); }) == 1);
}

TEST_CASE("schema: SQLite's types are the same where they treat values alike", "[verify]") {
    const auto typed = [](const std::string& expected, const std::string& found) {
        Compared compared([&](Schema& s) { album_of(s).columns[1].native_type = found; },
                          [&](Schema& s) { album_of(s).columns[1].native_type = expected; });
        compared.expected.engine = "sqlite";
        compared.found.engine = "sqlite";
        return compared.differences().size();
    };
    CHECK(typed("BIGINT", "INTEGER") == 0);
    CHECK(typed("VARCHAR(20)", "text") == 0);
    CHECK(typed("INTEGER", "TEXT") == 1);
    CHECK(typed("NUMERIC", "REAL") == 1);
}

TEST_CASE("schema: an index of the same columns is no primary key", "[verify]") {
    const auto told = Compared([](Schema& s) {
                          Index index;
                          index.name = "artist_id_idx";
                          index.parts = {{"id", "", "", "", false, {}}};
                          s.tables[0].indexes.push_back(index);
                          s.tables[0].primary_key.reset();
                      }).differences();
    REQUIRE(told.size() == 2);
    CHECK(told[0].kind == Kind::only_in_source);
    CHECK(told[1].kind == Kind::only_in_target);
}

TEST_CASE("schema: literal defaults are compared as values of their type", "[verify]") {
    const auto told = [](LogicalType type, const std::string& expected, const std::string& found) {
        const auto set = [&](const std::string& sql) {
            return [type, sql](Schema& s) {
                album_of(s).columns[3].type = type;
                album_of(s).columns[3].default_sql = sql;
            };
        };
        return Compared(set(found), set(expected)).differences(false).size();
    };
    CHECK(told(TypeKind::float64, "'NaN'::float8", "'NaN'::double precision") == 0);
    CHECK(told(TypeKind::int64, "9007199254740993", "9007199254740992") == 1);
    CHECK(told(TypeKind::int64, "5", "'5'::bigint") == 0);
    CHECK(told(TypeKind::boolean, "true", "false") == 1);
    CHECK(told(TypeKind::date, "'2020-01-01'", "'2020-01-01'::date") == 0);
    CHECK(told(TypeKind::date, "'2020-01-01'", "'2021-01-01'::date") == 1);
    CHECK(told(TypeKind::timestamp, "'2020-01-01'", "'2020-01-01 00:00:00'::timestamp without time zone") ==
          0);
}

TEST_CASE("schema: facts of tables and names are compared", "[verify]") {
    CHECK(Compared([](Schema& s) { s.tables[0].properties["unlogged"] = "yes"; }).only() ==
          "2|table public.artist, unlogged|none|yes");
    CHECK(Compared([](Schema& s) { album_of(s).columns[3].name = "Price"; }).only() ==
          "2|table public.album, column price|this name|column Price");
}
