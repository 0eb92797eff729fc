#include <catch2/catch.hpp>

#include "unit/postgresql/pg_migration.hpp"

namespace migrate::test {
namespace {

/// Every built-in type with values at and beyond the usual.
constexpr const char* k_all_types = R"sql(
CREATE TYPE mood AS ENUM ('sad', 'ok', 'ha''ppy');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE TYPE pair AS (a integer, b text);
CREATE TABLE plain (
    id bigint PRIMARY KEY, b boolean, i2 smallint, i4 integer, i8 bigint, f4 real, f8 double precision,
    n numeric, n2 numeric(12,2), t text, v varchar(20), c char(5), ba bytea, d date, tm time, tz timetz,
    ts timestamp, tstz timestamptz, iv interval, u uuid, j json, m mood, p positive, nm name, o oid);
INSERT INTO plain (id) VALUES (0);
INSERT INTO plain VALUES (1, true, -32768, -2147483648, -9223372036854775808, '-0', 'NaN', 'NaN', -10.10, '', 'x',
    'ab', '\x00ff', 'infinity', '24:00:00', '12:34:56.000001+05:30:15', '-infinity', 'infinity',
    '-1 year -2 mons +3 days -04:05:06.000007', '00000000-0000-0000-0000-000000000000', '{"a" : 1,  "a":2}',
    'ha''ppy', 7, 'n', 4294967295);
INSERT INTO plain VALUES (2, false, 32767, 2147483647, 9223372036854775807, 'Infinity', '-Infinity', 'Infinity',
    9999999999.99, E'tab\t, \\ newline\n, \u00e9 \U0001F600', 'éééééééééééééééééééé', 'é', '', '4714-11-24 BC',
    '00:00:00', '00:00:00-15:59:59', '294276-12-31 23:59:59.999999', '4714-11-24 00:00:00+00 BC', '178000000 years',
    'ffffffff-ffff-ffff-ffff-ffffffffffff', 'null', 'sad', 2147483647, '', 0);
INSERT INTO plain (id, n, f8, f4) VALUES (3, 1e-16000, 4.9406564584124654e-324, 1.17549435e-38),
    (4, ('1' || repeat('0', 130000))::numeric, 1.7976931348623157e308, 3.4028235e38),
    (5, 0.00000000000000000000000000000000000000010, 0.1, 0.1), (6, '-Infinity', '-0', 'NaN');
CREATE TABLE textual (
    id bigint PRIMARY KEY, ia integer[], ta text[], ma integer[][], i inet, ci cidr, mac macaddr, b bit(5),
    vb bit varying, r int4range, tr tstzrange, mr int4multirange, x xml, jb jsonb, mo money, pt point, ln pg_lsn,
    tv tsvector, pr pair, ch "char", m8 macaddr8, ba bytea, moods mood[], ts timestamp, iv interval, f4 real,
    n numeric, d date, tz timetz, u uuid, t text);
INSERT INTO textual (id) VALUES (0);
INSERT INTO textual VALUES (1, '[0:2]={1,NULL,3}', '{"a b","NULL",NULL,"q\"\\",""}', '{{1,2},{3,4}}', '192.168.1.5',
    '10.0.0.0/8', '08:00:2b:01:02:03', '10101', '', 'empty', '[2020-01-01 00:00:00+00,)', '{[1,3),[5,9)}',
    '<a>é</a>', '{"b": 1.10, "a": [1, null]}', '-12.34', '(1.5,-2)', '16/B374D848', 'a:1A fat:2B', '(1,"x y")', 'z',
    '08:00:2b:01:02:03:04:05', '\x0001ff', '{sad,"ha''ppy"}', '0044-03-15 01:02:03.000001 BC',
    '-178000000 years', 1.17549435e-38, 10.10, '5874897-12-31', '00:00:00+15:59:59',
    '123e4567-e89b-12d3-a456-426614174000', E'a\tb\\N\n');
INSERT INTO textual VALUES (2, '{}', '{}', '{}', '::1/64', '::/0', 'ff:ff:ff:ff:ff:ff', '00000', '1', '(,)', NULL, '{}',
    '', 'null', '92233720368547758.07', NULL, '0/0', '', '(,)', '', NULL, '', '{}', 'infinity', '0', 'NaN', 'NaN',
    '-infinity', NULL, NULL, '\N');
)sql";

constexpr const char* k_everything =
    R"sql(SELECT t::text FROM plain t UNION ALL SELECT t::text FROM textual t ORDER BY 1)sql";

bool same_rows(const PgDatabase& a, const PgDatabase& b, const std::string& sql) {
    return a.connect().query(sql) == b.connect().query(sql);
}

}  // namespace

TEST_CASE("postgresql: every built-in type arrives with its odd values", "[postgresql][types]") {
    const auto from = make_pg_database();
    const auto to = make_pg_database();
    if (from == nullptr) {
        return;
    }
    from->connect().exec(k_all_types);
    PgCopy copy(*from, *to);
    copy.begin();
    copy.load();
    copy.build();
    for (const auto& [source, staged] : copy.digests()) {
        CHECK(source == staged);
        CHECK(source.rows > 0);
    }
    copy.cutover();
    for (const Finding& finding : copy.findings) {
        UNSCOPED_INFO(finding.object << ": " << finding.message);
        CHECK(finding.severity < Severity::left_out);
    }
    CHECK(same_rows(*from, *to, k_everything));
    CHECK(same_rows(*from, *to,
                    "SELECT attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull FROM "
                    "pg_attribute WHERE attrelid IN ('plain'::regclass, 'textual'::regclass) AND attnum > 0 "
                    "ORDER BY 1, attnum"));
}

}  // namespace migrate::test
