#include "support/sqlite_expression_maker.hpp"

namespace migrate::test {
namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

Values same(const std::vector<std::string>& literals) {
    Values out;
    for (const std::string& literal : literals) {
        out.emplace_back(literal, literal);
    }
    return out;
}

TrialColumn folding(TrialColumn column, const char* collation) {
    column.sqlite.collation = collation;
    return column;
}

const std::vector<std::string> k_numbers = {"n", "i", "h", "k", "n", "i"};
const std::vector<std::string> k_texts = {"t", "c", "t", "x", "rt", "lim", "it", "t", "untyped"};

}  // namespace

std::vector<TrialColumn> sqlite_trial_columns() {
    Values texts = same({"''",    "'a'",  "'A'", "'abc'",  "'ABC'", "'éa'",  "'É'",   "'é'",
                         "' a '", "'a '", "'5'", "'日本'", "'a%b'", "'a_b'", "'007'", "'1e3'",
                         "'-1'",  "'Zz'", "'ß'", "'a*b'",  "'[a]'", "'a-b'", "'NULL'"});
    texts.emplace_back("'a\\b'", "E'a\\\\b'");
    texts.emplace_back("'a' || char(10) || 'b'", "E'a\\nb'");
    const Values words = same({"''", "'a'", "'A'", "'abc'", "'b '", "'é'"});
    const Values numbers = {{"0", "0"},
                            {"1", "1"},
                            {"-1", "-1"},
                            {"5", "5"},
                            {"7", "7"},
                            {"-13", "-13"},
                            {"2147483648", "2147483648"},
                            {"9007199254740993", "9007199254740993"},
                            {"9223372036854775807", "9223372036854775807"},
                            {"(-9223372036854775807-1)", "-9223372036854775808"}};
    const Values decimals = {
        {"4.99", "4.99"}, {"0", "0"}, {"5", "5.00"}, {"-0.01", "-0.01"}, {"10.1", "10.10"}};
    std::vector<TrialColumn> out = {
        trial_column("n", TypeKind::int64, "INTEGER", "", "bigint", numbers),
        trial_column("k", TypeKind::int64, "BIGINT", "", "bigint", same({"0", "1", "2", "3", "5", "8"})),
        trial_column("i", TypeKind::int32, "INT", "", "integer", same({"0", "3", "-4", "2147483647"})),
        trial_column("h", TypeKind::int16, "SMALLINT", "", "smallint", same({"0", "3", "-4", "32767"})),
        trial_column("r", TypeKind::float64, "REAL", "", "double precision",
                     {{"0.1", "0.1"},
                      {"0", "0"},
                      {"-0.0", "0"},  // Kept as the integer 0.
                      {"-2.5", "-2.5"},
                      {"1e300", "1e300"},
                      {"9007199254740992.0", "9007199254740992"},
                      {"9e999", "'Infinity'"},
                      {"5", "5"}}),
        trial_column("d", LogicalType::decimal(10, 2), "DECIMAL(10,2)", "number", "numeric(10,2)", decimals),
        trial_column("e", LogicalType::decimal(8, 1), "NUMERIC", "number", "numeric(8,1)",
                     {{"5", "5.0"}, {"-0.5", "-0.5"}, {"0", "0.0"}}),
        trial_column("t", TypeKind::text, "TEXT", "", "text", texts),
        trial_column("x", TypeKind::text, "CLOB", "", "text", texts),
        folding(trial_column("c", TypeKind::text, "TEXT", "", "text", texts), "NOCASE"),
        folding(trial_column("rt", TypeKind::text, "TEXT", "", "text", texts), "RTRIM"),
        trial_column("lim", LogicalType::text(20), "VARCHAR(20)", "", "character varying(20)", texts),
        trial_column("it", TypeKind::text, "INTEGER", "", "text", words),
        trial_column("untyped", TypeKind::text, "", "", "text", texts),
        trial_column("un", TypeKind::int64, "", "", "bigint", numbers),
        trial_column("b", TypeKind::bytes, "BLOB", "", "bytea",
                     {{"x'00'", "'\\x00'"}, {"x''", "''"}, {"x'6162'", "'\\x6162'"}, {"x'ff'", "'\\xff'"}}),
        trial_column("flag", TypeKind::boolean, "BOOLEAN", "", "boolean", {{"0", "false"}, {"1", "true"}}),
        trial_column("yes", TypeKind::boolean, "BOOL", "text:f/t", "boolean",
                     {{"'f'", "false"}, {"'t'", "true"}}),
        trial_column("day", TypeKind::date, "DATE", "YYYY-MM-DD", "date",
                     same({"'2020-01-01'", "'1999-12-31'", "'2000-02-29'"})),
        trial_column("at", TypeKind::timestamp, "DATETIME", "YYYY-MM-DD HH:MM:SS", "timestamp",
                     same({"'2020-01-01 00:00:00'", "'2019-12-31 23:59:59'", "'2020-01-01 00:00:01'"})),
        trial_column("ms", TypeKind::timestamp_tz, "INTEGER", "epoch_ms", "timestamptz",
                     {{"1577836800123", "'2020-01-01 00:00:00.123+00'"},
                      {"0", "'1970-01-01 00:00:00+00'"},
                      {"-1", "'1969-12-31 23:59:59.999+00'"}}),
        trial_column(
            "u", TypeKind::uuid, "UUID", "", "uuid",
            same({"'00000000-0000-4000-8000-000000000001'", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"})),
    };
    out[1].sqlite.nullable = false;
    out[1].postgresql.nullable = false;
    return out;
}

std::string SqliteExpressionMaker::column(const std::vector<std::string>& names) {
    return prefix + one_of(names);
}

std::string SqliteExpressionMaker::comparison(int depth) {
    static const std::vector<std::string> k_operators = {" = ",
                                                         " == ",
                                                         " <> ",
                                                         " != ",
                                                         " < ",
                                                         " <= ",
                                                         " > ",
                                                         " >= ",
                                                         " IS ",
                                                         " IS NOT ",
                                                         " IS DISTINCT FROM ",
                                                         " IS NOT DISTINCT FROM "};
    const std::string op = one_of(k_operators);
    switch (m_random.between(0, 6)) {
        case 0:
            return any(depth - 1) + op + any(depth - 1);
        case 1:
        case 2:
            return number(depth - 1) + op + number(depth - 1);
        case 3:
        case 4:
            return text(depth - 1) + op + text(depth - 1);
        case 5:
            return column({"r", "d", "e", "r", "un"}) + op +
                   one_of({"0", "0.1", "-2.5", "5", "1e300", "'5'", "4.99", "-0.0", "9007199254740993",
                           prefix + "i", prefix + "r", prefix + "n", prefix + "d"});
        default:
            return one_of(
                {prefix + "flag" + op + one_of({"1", "0", "2", "TRUE", "'1'", prefix + "k"}),
                 prefix + "day" + op + one_of({"'2000-01-01'", "'2020-01-01'", "'2020'", prefix + "day"}),
                 prefix + "at" + op +
                     one_of(
                         {"'2020-01-01'", "'2020-01-01 00:00:00'", "'2020-01-01 00:00:00.5'", prefix + "at"}),
                 prefix + "ms" + op + one_of({"0", "1577836800123", prefix + "n"}),
                 prefix + "b" + op + one_of({"x'00'", "x''", prefix + "b", "'ab'"}),
                 prefix + "u" + op +
                     one_of({"'A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a11'", prefix + "u",
                             "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"}),
                 prefix + "yes" + op + one_of({"'t'", "'x'", "1", prefix + "yes"})});
    }
}

std::string SqliteExpressionMaker::pattern(int depth) {
    const std::string subject = m_random.chance(80) ? text(depth - 1) : any(depth - 1);
    switch (m_random.between(0, 3)) {
        case 0:
            return subject + one_of({" GLOB ", " NOT GLOB "}) +
                   one_of({"'a*'", "'[A-Z]*'", "'?'", "''", "'*[!a]*'", "'[^a]*'", "'a[*]b'", "'[[]a]'",
                           "'*\\*'", "'[]a]'", "'a-b'", "'é?'", "'*.*'", "'[a-c0-9]*'", prefix + "x"});
        case 1:
            return subject + one_of({" LIKE ", " NOT LIKE "}) + text(0);
        case 2:
            return subject + one_of({" LIKE ", " NOT LIKE "}) +
                   one_of({"'a!%b' ESCAPE '!'", "'a\\_b' ESCAPE '\\'", "'%!' ESCAPE '!'", "'a%' ESCAPE 'a'",
                           "'a%' ESCAPE '%'", "'!a' ESCAPE '!'"});
        default:
            return subject + one_of({" LIKE ", " NOT LIKE "}) +
                   one_of(
                       {"'a%'", "'A_b'", "'%'", "''", "'_'", "'É'", "'é%'", "'a\\b'", "'%\\%'", "'5'", "5"});
    }
}

std::string SqliteExpressionMaker::list(int depth) {
    const bool texts = m_random.chance(50);
    std::string out = (texts ? text(depth - 1) : number(depth - 1)) + one_of({" IN (", " NOT IN ("});
    const std::int64_t count = m_random.between(0, 3);
    for (std::int64_t i = 0; i < count; ++i) {
        const std::string item = m_random.chance(10) ? any(0) : texts ? text(0) : number(0);
        out += (i == 0 ? "" : ", ") + item;
    }
    return out + ")";
}

std::string SqliteExpressionMaker::case_of(const std::string& a, const std::string& b, int depth) {
    if (m_random.chance(25)) {
        return "CASE " + any(depth - 1) + " WHEN " + any(0) + " THEN " + a + " WHEN " + any(0) + " THEN " +
               b + " END";
    }
    return "CASE WHEN " + condition(depth - 1) + " THEN " + a +
           one_of({" ELSE ", " WHEN " + condition(0) + " THEN "}) + b + " END";
}

std::string SqliteExpressionMaker::type_name() {
    return one_of({"INTEGER", "REAL", "TEXT", "NUMERIC", "BLOB", "VARCHAR(3)", "DECIMAL(10,2)", "BIGINT",
                   "BOOLEAN", "DATE", "DOUBLE PRECISION"});
}

std::string SqliteExpressionMaker::condition(int depth) {
    switch (depth <= 0 ? m_random.between(0, 4) : m_random.between(0, 13)) {
        case 0:
        case 1:
            return comparison(depth);
        case 2:
            return any(depth - 1) + one_of({" IS NULL", " IS NOT NULL", " ISNULL", " NOTNULL", " NOT NULL"});
        case 3:
            return pattern(depth);
        case 4:
            return one_of({prefix + "flag", prefix + "n", prefix + "i", "TRUE", "FALSE", "1", "0", "NULL",
                           prefix + "r", prefix + "d", prefix + "t", "2.5", prefix + "yes"});
        case 5:
        case 6:
            return "(" + condition(depth - 1) + one_of({" AND ", " OR "}) + condition(depth - 1) + ")";
        case 7:
            return "NOT (" + condition(depth - 1) + ")";
        case 8:
            return list(depth);
        case 9:
            return number(depth - 1) + one_of({" BETWEEN ", " NOT BETWEEN "}) + number(depth - 1) + " AND " +
                   number(depth - 1);
        case 10:
            return text(depth - 1) + one_of({" BETWEEN ", " NOT BETWEEN "}) + text(0) + " AND " + text(0);
        case 11:
            return "(" + condition(depth - 1) +
                   one_of({") IS TRUE", ") IS NOT TRUE", ") IS FALSE", ") IS NOT FALSE"});
        case 12:
            return "(" + condition(depth - 1) + ")" + one_of({" = ", " <> ", " IS ", " < "}) + "(" +
                   condition(depth - 1) + ")";
        default:
            return case_of(condition(depth - 1), condition(depth - 1), depth);
    }
}

std::string SqliteExpressionMaker::number(int depth) {
    if (depth <= 0) {
        return m_random.chance(60) ? column(k_numbers)
                                   : one_of({prefix + "r",
                                             prefix + "d",
                                             "0",
                                             "1",
                                             "-7",
                                             "100",
                                             "2.5",
                                             "9223372036854775807",
                                             "-9223372036854775808",
                                             "9223372036854775808",
                                             "0x10",
                                             "'5'",
                                             "' 7 '",
                                             "'5x'",
                                             prefix + "ms",
                                             prefix + "flag",
                                             prefix + "un",
                                             prefix + "e",
                                             "NULL",
                                             "TRUE",
                                             "1e3",
                                             "3"});
    }
    switch (m_random.between(0, 10)) {
        case 0:
        case 1:
            return "(" + number(depth - 1) + one_of({" + ", " - ", " * ", " / ", " % "}) + number(depth - 1) +
                   ")";
        case 2:
            return one_of({"abs(", "length(", "-(", "+(", "~(", "likely(", "unlikely(", "round(", "sign("}) +
                   number(depth - 1) + ")";
        case 3:
            return one_of({"coalesce(", "nullif(", "max(", "min(", "ifnull("}) + number(depth - 1) + ", " +
                   number(depth - 1) + one_of({")", ")", ", " + number(0) + ")"});
        case 4:
            return case_of(number(depth - 1), number(depth - 1), depth);
        case 5:
            return "(" + number(depth - 1) + one_of({" & ", " | ", " << ", " >> "}) + number(0) + ")";
        case 6:
            return "CAST(" + any(depth - 1) + " AS " + type_name() + ")";
        case 7:
            return "iif(" + condition(depth - 1) + ", " + number(depth - 1) + ", " + number(depth - 1) + ")";
        case 8:
            return one_of({"length(", "instr('abc', ", "unicode(", "length("}) + text(depth - 1) + ")";
        case 9:
            return "instr(" + text(depth - 1) + ", " + text(0) + ")";
        default:
            return "(" + condition(depth - 1) + ")";
    }
}

std::string SqliteExpressionMaker::text(int depth) {
    if (depth <= 0) {
        return m_random.chance(60)
                   ? column(k_texts)
                   : one_of({"'a'", "'É'", "''", "'5'", "'a '", "'ABC'", prefix + "day", prefix + "u",
                             prefix + "t COLLATE NOCASE", prefix + "c COLLATE BINARY",
                             prefix + "t COLLATE RTRIM", "NULL", "'it''s'"});
    }
    switch (m_random.between(0, 9)) {
        case 0:
        case 1:
            return one_of({"lower(", "upper(", "trim(", "ltrim(", "rtrim(", "likely(", "+("}) +
                   text(depth - 1) + ")";
        case 2:
        case 3:
            return "(" + text(depth - 1) + " || " + any(depth - 1) + ")";
        case 4:
            return one_of({"substr(", "substring("}) + text(depth - 1) + ", " +
                   one_of({"1", "2", "0", "-1", "3"}) + one_of({")", ", 0)", ", 1)", ", 5)", ", -1)"});
        case 5:
            return "replace(" + text(depth - 1) + ", " + text(0) + ", " + text(0) + ")";
        case 6:
            return one_of({"coalesce(", "ifnull(", "nullif(", "max(", "min("}) + text(depth - 1) + ", " +
                   text(depth - 1) + ")";
        case 7:
            return one_of({"trim(", "ltrim(", "rtrim("}) + text(depth - 1) + ", " + text(0) + ")";
        case 8:
            return case_of(text(depth - 1), text(depth - 1), depth);
        default:
            return one_of({"typeof(" + any(0) + ")", "hex(" + prefix + "b)", "quote(" + any(0) + ")",
                           "CAST(" + any(depth - 1) + " AS TEXT)", "(" + text(depth - 1) + " COLLATE NOCASE)",
                           "printf('%d', " + prefix + "i)", "strftime('%Y', " + prefix + "day)",
                           "date(" + prefix + "at)"});
    }
}

std::string SqliteExpressionMaker::any(int depth) {
    if (depth <= 0 && m_random.chance(20)) {
        return column({"b", "flag", "yes", "day", "at", "ms", "u", "r", "d", "e"});
    }
    return m_random.chance(50) ? number(depth) : text(depth);
}

}  // namespace migrate::test
