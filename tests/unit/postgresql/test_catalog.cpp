#include <algorithm>
#include <map>

#include <catch2/catch.hpp>

#include "unit/postgresql/pg_migration.hpp"

namespace migrate::test {
namespace {

constexpr const char* k_rich_schema = R"sql(
CREATE SCHEMA "Odd schema";
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN "Odd schema".zip AS text DEFAULT '00000' CHECK (VALUE ~ '^[0-9]{5}$');
CREATE SEQUENCE shared_numbers INCREMENT BY 5 START 100 CYCLE MAXVALUE 1000;
SELECT nextval('shared_numbers');
CREATE TABLE person (
    id integer GENERATED ALWAYS AS IDENTITY (START 10 INCREMENT 2),
    name text COLLATE "C" NOT NULL DEFAULT 'no''body\',
    mood mood DEFAULT 'ok'::mood,
    zip "Odd schema".zip,
    born date DEFAULT CURRENT_DATE,
    doubled integer GENERATED ALWAYS AS (length(name) * 2) STORED,
    number integer DEFAULT nextval('shared_numbers'),
    other integer DEFAULT nextval('shared_numbers'),
    tags text[] NOT NULL DEFAULT '{}'::text[],
    "select ""it""" numeric(7,3),
    PRIMARY KEY (id),
    CONSTRAINT named_unique UNIQUE (name, mood) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT sane CHECK (born < '2200-01-01' AND name <> ')'),
    CONSTRAINT never_sad CHECK (mood <> 'sad'::mood OR name = 'x')
);
COMMENT ON TABLE person IS 'people; ''quoted'' \ too';
COMMENT ON COLUMN person.mood IS 'how they feel';
CREATE INDEX person_expression ON person (lower(name), born DESC NULLS LAST) WHERE mood = 'ok'::mood;
CREATE INDEX person_tags ON person USING gin (tags);
CREATE INDEX person_cover ON person (born) INCLUDE (name);
CREATE INDEX person_pattern ON person (name text_pattern_ops, name COLLATE "POSIX");
CREATE UNIQUE INDEX person_nulls ON person (zip) NULLS NOT DISTINCT WHERE zip IS NOT NULL;
INSERT INTO person (name, zip) VALUES ('a', '12345'), ('b', '54321');
CREATE TABLE "Odd schema"."Visit" (
    "Id" serial PRIMARY KEY,
    person integer REFERENCES person ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE,
    guide integer CONSTRAINT guide_fk REFERENCES person MATCH FULL,
    during tsrange,
    EXCLUDE USING gist (during WITH &&)
);
INSERT INTO "Odd schema"."Visit" (person, during) VALUES (10, '[2020-01-01,2020-02-01)');
INSERT INTO "Odd schema"."Visit" (person, guide) VALUES (12, 999) ON CONFLICT DO NOTHING;
)sql";

constexpr const char* k_rich_tables = R"sql(
ALTER TABLE "Odd schema"."Visit" DROP CONSTRAINT guide_fk;
INSERT INTO "Odd schema"."Visit" (person, guide) VALUES (12, 999);
ALTER TABLE "Odd schema"."Visit" ADD CONSTRAINT guide_fk FOREIGN KEY (guide) REFERENCES person NOT VALID;
SELECT setval('"Odd schema"."Visit_Id_seq"', 77, false);
CREATE TABLE event (at date NOT NULL, what text DEFAULT 'x', PRIMARY KEY (at, what)) PARTITION BY RANGE (at);
CREATE TABLE event_2020 PARTITION OF event FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE event_rest PARTITION OF event DEFAULT PARTITION BY LIST (what);
CREATE TABLE event_rest_all PARTITION OF event_rest DEFAULT;
CREATE INDEX event_what ON event (what);
INSERT INTO event SELECT '2020-06-01'::date + n, 'e' || n FROM generate_series(1, 400) n;
CREATE TABLE parent (a integer, b text);
CREATE TABLE child (c integer) INHERITS (parent);
INSERT INTO parent VALUES (1, 'p');
INSERT INTO child VALUES (2, 'c', 3);
CREATE TABLE bare ();
INSERT INTO bare DEFAULT VALUES;
CREATE UNLOGGED TABLE fast (a integer) WITH (fillfactor = 70);
CREATE VIEW sad_people AS SELECT name FROM person WHERE mood = 'sad';
CREATE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql AS 'SELECT n * 2';
)sql";

/// What the catalog says of everything, without the oids and the sequences' positions.
constexpr const char* k_description = R"sql(
SELECT 'column', c.oid::regclass::text, a.attname::text,
       concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, a.attstorage,
                 pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum), a.attcollation::regcollation)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p') AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema|_migrate)' AND a.attnum > 0
      AND NOT a.attisdropped
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname::text, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace::regnamespace::text !~ '^(pg_|information_schema|_migrate)' AND contypid = 0
UNION ALL
SELECT 'index', indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
JOIN pg_class c ON c.oid = indrelid WHERE c.relnamespace::regnamespace::text !~ '^(pg_|information_schema|_migrate)'
UNION ALL
SELECT 'sequence', schemaname::text, sequencename::text,
       concat_ws(' ', data_type, start_value, min_value, max_value, increment_by, cycle, cache_size)
FROM pg_sequences
UNION ALL
SELECT 'relation', c.oid::regclass::text, c.relkind::text || c.relpersistence::text,
       concat_ws(' ', c.reloptions::text, obj_description(c.oid), pg_get_partkeydef(c.oid), pg_get_expr(relpartbound, c.oid),
                 (SELECT string_agg(inhparent::regclass::text, ',') FROM pg_inherits WHERE inhrelid = c.oid))
FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v') AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema|_migrate)'
UNION ALL
SELECT 'type', typnamespace::regnamespace::text, typname::text, typtype::text || coalesce(typdefault, '') FROM pg_type
WHERE typnamespace::regnamespace::text !~ '^(pg_|information_schema|_migrate)'
ORDER BY 1, 2, 3, 4
)sql";

void make_rich(const PgDatabase& database) {
    auto connection = database.connect();
    connection.exec("SET search_path = public");
    std::string first = k_rich_schema;
    // The second visit's guide does not exist: it comes once the key is not checked any more.
    first.resize(first.rfind("INSERT INTO"));
    connection.exec(first);
    connection.exec(k_rich_tables);
}

std::vector<std::string> described(const PgDatabase& database) {
    std::vector<std::string> lines;
    for (const auto& row : database.connect().query(k_description)) {
        std::string line;
        for (const auto& value : row) {
            line += (line.empty() ? "" : " | ") + value.value_or("NULL");
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

std::vector<std::string> only_in(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    std::vector<std::string> lines;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(lines));
    return lines;
}

std::vector<std::string> left_out(const PgCopy& copy) {
    std::vector<std::string> objects;
    for (const auto* list : {&copy.findings, &copy.adoption.findings}) {
        for (const Finding& finding : *list) {
            if (finding.severity >= Severity::left_out) {
                objects.push_back(finding.object + ": " + finding.message);
            }
        }
    }
    return objects;
}

}  // namespace

TEST_CASE("postgresql: a whole schema is the same in another database", "[postgresql][catalog]") {
    const auto from = make_pg_database();
    const auto to = make_pg_database();
    if (from == nullptr) {
        return;
    }
    make_rich(*from);
    const std::string owner = make_pg_role(*from, *to);
    from->connect().exec("ALTER FUNCTION twice(integer) OWNER TO " + owner +
                         "; ALTER VIEW sad_people OWNER TO " + owner);
    backend::AdoptOptions options;
    options.with_code = true;
    PgCopy copy(*from, *to, options);
    copy.begin();
    copy.load();
    copy.build();
    for (const auto& [source, staged] : copy.digests()) {
        CHECK(source == staged);
    }
    const auto staging = copy.target->open_staging();
    staging->pin_snapshot(1);
    const Schema staged = staging->read_schema({}).schema;
    for (const Table& table : copy.plan.schema.tables) {
        const Table* found = staged.find_table(table.name);
        REQUIRE(found != nullptr);
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            CHECK(found->columns.at(i).native_type == table.columns[i].native_type);
        }
        CHECK(found->foreign_keys == table.foreign_keys);
        CHECK(found->checks == table.checks);
    }
    staging->release_snapshot();
    copy.cutover();
    CHECK(left_out(copy) == std::vector<std::string>{});
    auto before = described(*from);
    auto after = described(*to);
    std::sort(before.begin(), before.end());
    std::sort(after.begin(), after.end());
    CHECK(only_in(before, after) == std::vector<std::string>{});
    CHECK(only_in(after, before) == std::vector<std::string>{});
    CHECK(to->connect().value("SELECT count(*) FROM event") == "400");
    for (const char* sequence : {"shared_numbers", "person_id_seq", "\"Odd schema\".\"Visit_Id_seq\""}) {
        const std::string next = std::string("SELECT nextval('") + sequence + "')";
        CHECK(to->connect().value(next) == from->connect().value(next));
    }
    CHECK(to->connect().value("SELECT twice(21)") == "42");
    // A superuser's session has made it, but not as one.
    CHECK(to->connect().value("SELECT proowner::regrole FROM pg_proc WHERE proname = 'twice'") == owner);
    CHECK(to->connect().value("SELECT relowner::regrole FROM pg_class WHERE relname = 'sad_people'") ==
          owner);
}

TEST_CASE("postgresql: what one partition has for itself comes along", "[postgresql][catalog]") {
    const auto from = make_pg_database();
    const auto to = make_pg_database();
    if (from == nullptr) {
        return;
    }
    from->connect().exec(
        "CREATE TABLE event (at date, n int DEFAULT 1) PARTITION BY RANGE (at); "
        "CREATE TABLE event_rest (n int DEFAULT 2, gone int, at date); ALTER TABLE event_rest DROP gone; "
        "ALTER TABLE event ATTACH PARTITION event_rest DEFAULT; CREATE INDEX event_at ON event (at); "
        "CREATE INDEX only_here ON event_rest (at DESC); ALTER TABLE event_rest ADD CONSTRAINT small CHECK "
        "(n < 9); "
        "ALTER INDEX event_rest_at_idx RENAME TO its_own_name; COMMENT ON TABLE event_rest IS 'the rest'; "
        "INSERT INTO event VALUES ('2020-01-01', 3)");
    PgCopy copy(*from, *to);
    copy.run();
    CHECK(left_out(copy) == std::vector<std::string>{});
    CHECK(described(*to) == described(*from));
    CHECK(to->connect().value(
              "SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = "
              "'event_rest'::regclass AND attnum > 0 AND NOT attisdropped") == "n,at");
    CHECK(to->connect().value("SELECT event_rest::text FROM event_rest") == "(3,2020-01-01)");
}

TEST_CASE("postgresql: a table that is passed over takes its sequences and partitions along",
          "[postgresql][catalog]") {
    const auto from = make_pg_database();
    if (from == nullptr) {
        return;
    }
    from->connect().exec(
        "CREATE TABLE kept (id serial PRIMARY KEY); CREATE TABLE other (id serial, n int GENERATED ALWAYS AS "
        "IDENTITY); CREATE SEQUENCE shared; ALTER TABLE kept ADD n int DEFAULT nextval('shared'); "
        "ALTER TABLE other ADD m int DEFAULT nextval('shared'); "
        "CREATE TABLE event (at date) PARTITION BY RANGE (at); "
        "CREATE TABLE event_rest PARTITION OF event DEFAULT PARTITION BY RANGE (at); "
        "CREATE TABLE event_last PARTITION OF event_rest DEFAULT");
    const auto source = backends::postgresql::backend().open_source(pg_endpoint(*from), {});
    source->pin_snapshot(1);
    backend::SchemaRequest request;
    request.skip_tables = {{"public", "other"}, {"public", "event"}};
    const Schema schema = source->read_schema(request).schema;
    REQUIRE(schema.tables.size() == 1);
    CHECK(schema.tables[0].name.name == "kept");
    std::vector<std::string> objects;
    for (const SchemaObject& object : schema.objects) {
        objects.push_back(object.kind + " " + object.name.display());
    }
    CHECK(objects == std::vector<std::string>{"sequence public.shared"});
}

TEST_CASE("postgresql: an empty schema is an object, but for public, which every database has",
          "[postgresql][catalog]") {
    const auto from = make_pg_database();
    if (from == nullptr) {
        return;
    }
    from->connect().exec("CREATE SCHEMA later; CREATE SCHEMA app; CREATE TABLE app.t (id int)");
    const auto source = backends::postgresql::backend().open_source(pg_endpoint(*from), {});
    source->pin_snapshot(1);
    const Schema schema = source->read_schema({}).schema;
    REQUIRE(schema.objects.size() == 1);
    CHECK(schema.objects[0].kind == "schema");
    CHECK(schema.objects[0].name.name == "later");
}

}  // namespace migrate::test
