#include "support/postgresql_expression_maker.hpp"

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

LogicalType enumeration() {
    LogicalType type(TypeKind::enumeration);
    type.labels = {"PG", "G", "R"};
    return type;
}

}  // namespace

std::vector<TrialColumn> postgresql_trial_columns() {
    const Values texts = same({"''", "'a'", "'A'", "'abc'", "'ABC'", "'a%b'", "'a_b'", "'É'", "'éa'", "' a '",
                               "'B'", "'A12'", "'a*b'", "'a[b'", "'x1'", "'a?b'"});
    const Values moments = {{"'2020-01-01T00:00:00.000000'", "'2020-01-01'"},
                            {"'2020-01-01T00:00:00.000001'", "'2020-01-01 00:00:00.000001'"},
                            {"'0044-03-15T12:00:00.000000 BC'", "'0044-03-15 12:00:00 BC'"},
                            {"'12020-05-05T00:00:00.000000'", "'12020-05-05'"},
                            {"'infinity'", "'infinity'"},
                            {"'-infinity'", "'-infinity'"}};
    const Values days = {{"'2020-01-01'", "'2020-01-01'"},       {"'1999-12-31'", "'1999-12-31'"},
                         {"'0044-03-15 BC'", "'0044-03-15 BC'"}, {"'0044-03-16 BC'", "'0044-03-16 BC'"},
                         {"'10000-01-01'", "'10000-01-01'"},     {"'infinity'", "'infinity'"},
                         {"'-infinity'", "'-infinity'"},         {"'0100-03-15 BC'", "'0100-03-15 BC'"}};
    std::vector<TrialColumn> columns = {
        trial_column("n", TypeKind::int64, "BIGINT", "", "bigint",
                     same({"0", "1", "-1", "5", "7", "-7", "9223372036854775807"})),
        trial_column("i", TypeKind::int32, "INTEGER", "", "integer", same({"0", "3", "-4", "100", "-100"})),
        trial_column("k", TypeKind::int32, "INTEGER", "", "integer", same({"0", "3", "-4", "100", "-100"})),
        trial_column("r", TypeKind::float64, "DOUBLE", "", "double precision",
                     {{"0.1", "0.1"},
                      {"0.0", "'-0'"},
                      {"-2.5", "-2.5"},
                      {"1e300", "1e300"},
                      {"'NaN'", "'NaN'"},
                      {"9e999", "'Infinity'"},
                      {"5.0", "5"}}),
        trial_column("d", LogicalType::decimal(10, 2), "TEXT", "", "numeric(10,2)",
                     {{"'4.99'", "4.99"},
                      {"'0.00'", "0"},
                      {"'10.10'", "10.10"},
                      {"'-0.01'", "-0.01"},
                      {"'NaN'", "'NaN'"},
                      {"'99999999.99'", "99999999.99"},
                      {"'100.00'", "100"}}),
        trial_column("e", LogicalType::decimal(10, 3), "TEXT", "", "numeric(10,3)",
                     {{"'4.990'", "4.99"}, {"'0.000'", "0"}, {"'10.101'", "10.101"}, {"'NaN'", "'NaN'"}}),
        trial_column("w", TypeKind::decimal, "TEXT", "", "numeric",
                     {{"'0'", "0"},
                      {"'0.000'", "0.000"},
                      {"'-0.0000000000000000000000001'", "-0.0000000000000000000000001"},
                      {"'123456789012345678901234567890.5'", "123456789012345678901234567890.5"},
                      {"'NaN'", "'NaN'"},
                      {"'-Infinity'", "'-Infinity'"},
                      {"'Infinity'", "'Infinity'"}}),
        trial_column("t", TypeKind::text, "TEXT", "", "text", texts),
        trial_column("s", TypeKind::text, "VARCHAR(20)", "", "varchar(20)", texts),
        trial_column("c", TypeKind::text, "TEXT", "", "text", texts),
        trial_column("b", TypeKind::bytes, "BLOB", "", "bytea",
                     {{"x'00'", "'\\x00'"}, {"x'ff01'", "'\\xff01'"}, {"x''", "''"}}),
        trial_column("flag", TypeKind::boolean, "BOOLEAN", "", "boolean", {{"0", "false"}, {"1", "true"}}),
        trial_column("rating", enumeration(), "TEXT", "", "text", same({"'G'", "'PG'", "'R'"})),
        trial_column(
            "u", TypeKind::uuid, "UUID", "", "uuid",
            same({"'00000000-0000-0000-0000-00000000000a'", "'ffffffff-0000-4000-8000-000000000000'"})),
        trial_column("day", TypeKind::date, "DATE", "", "date", days),
        trial_column("till", TypeKind::date, "DATE", "", "date", days),
        trial_column("at", TypeKind::timestamp, "TIMESTAMP", "", "timestamp", moments),
        trial_column("h", TypeKind::time, "TIME", "", "time",
                     {{"'00:00:00.000000'", "'00:00'"},
                      {"'24:00:00.000000'", "'24:00'"},
                      {"'12:30:00.500000'", "'12:30:00.5'"}}),
        trial_column("j", TypeKind::jsonb, "JSON TEXT", "", "jsonb", same({"'{}'", "'[1]'"})),
    };
    columns[9].postgresql.collation = "C";
    return columns;
}

namespace {

const std::vector<std::string> k_operators = {
    " = ", " <> ", " < ", " <= ", " > ", " >= ", " != ", " IS DISTINCT FROM ", " IS NOT DISTINCT FROM "};

}  // namespace

std::string PostgresqlExpressionMaker::typed_comparison() {
    const std::string op = one_of(k_operators);
    return one_of(
        {"d" + op + one_of({"0", "4.99", "10.1", "e", "i", "d", "'NaN'::numeric", "-0.01", "100::numeric"}),
         "e" + op + one_of({"4.99", "d", "0.000", "k"}),
         "w" + op + one_of({"0", "0.00", "'0'::numeric", "1.5"}),
         "r" + op + one_of({"0", "0.1", "5", "i", "'-2.5'::double precision", "r", "1e300", "'NaN'::float8"}),
         "b" + op + one_of({"'\\x00'::bytea", "b", "''::bytea"}),
         "flag" + op + one_of({"true", "false", "(i > 0)", "flag"}),
         "rating" + op + one_of({"'G'", "'PG'", "rating"}),
         "u" + op + one_of({"u", "'00000000-0000-0000-0000-00000000000A'::uuid"}),
         "day" + op +
             one_of({"till", "'2020-01-01'::date", "'0044-03-15 BC'::date", "'infinity'::date",
                     "'10000-01-01'::date", "'0044-03-16 BC'"}),
         "at" + op +
             one_of({"at", "'2020-01-01 00:00:00'::timestamp", "'-infinity'::timestamp",
                     "'12020-05-05'::timestamp", "'2020-01-01'"}),
         "h" + op + one_of({"h", "'12:30'::time", "'24:00:00'::time"}), "j" + op + "'{}'::jsonb"});
}

std::string PostgresqlExpressionMaker::comparison(int depth) {
    switch (m_random.between(0, 3)) {
        case 0:
            return "(" + number(depth - 1) + one_of(k_operators) + number(depth - 1) + ")";
        case 1:
            return "(" + text(depth - 1) + one_of(k_operators) + text(depth - 1) + ")";
        case 2:
            return "(" + text(depth - 1) + one_of({" = ", " <> ", " IS DISTINCT FROM "}) + text(depth - 1) +
                   ")";
        default:
            return "(" + typed_comparison() + ")";
    }
}

std::string PostgresqlExpressionMaker::pattern(int depth) {
    return text(depth - 1) + one_of({" LIKE ", " NOT LIKE ", " ~~ ", " ILIKE ", " !~~ ", " ~ "}) +
           one_of({"'a%'", "'A_b'", "'%'", "''", "'_'", "'a\\%b'", "'a*b'", "'a[b'", "'a?b'", "'É%'", "'%1_'",
                   "'12%'", "'a!%b' ESCAPE '!'", "'a%' ESCAPE ''", "'^a'", "c"});
}

std::string PostgresqlExpressionMaker::list(int depth) {
    const bool texts = m_random.chance(40);
    const auto item = [&] { return texts ? text(0) : number(0); };
    const std::string subject = texts ? text(depth - 1) : number(depth - 1);
    const std::string items = item() + one_of({"", ", " + item(), ", NULL"});
    return subject +
           one_of({" IN (" + items + ")", " NOT IN (" + items + ")", " = ANY (ARRAY[" + items + "])",
                   " <> ALL (ARRAY[" + items + "])", " = ANY ((ARRAY[" + items + "])::text[])"});
}

std::string PostgresqlExpressionMaker::condition(int depth) {
    switch (depth <= 0 ? m_random.between(0, 3) : m_random.between(0, 10)) {
        case 0:
        case 1:
            return comparison(depth);
        case 2:
            return one_of({"flag", "(n IS NULL)", "(d IS NOT NULL)", "true", "false", "NULL::boolean",
                           "(day IS NULL)", "(rating IS NOT NULL)", "(i > 0)"});
        case 3:
            return "(" + pattern(depth) + ")";
        case 4:
        case 5:
            return "(" + condition(depth - 1) + one_of({" AND ", " OR "}) + condition(depth - 1) + ")";
        case 6:
            return "(NOT " + condition(depth - 1) + ")";
        case 7:
            return "(" + list(depth) + ")";
        case 8:
            return "(" + number(depth - 1) + one_of({" BETWEEN ", " NOT BETWEEN "}) + number(0) + " AND " +
                   number(0) + ")";
        case 9:
            return "(" + condition(depth - 1) +
                   one_of({" IS TRUE)", " IS NOT TRUE)", " IS FALSE)", " IS NOT FALSE)", " IS UNKNOWN)"});
        default:
            return "CASE WHEN " + condition(depth - 1) + " THEN " + condition(depth - 1) + " ELSE " +
                   condition(depth - 1) + " END";
    }
}

std::string PostgresqlExpressionMaker::number(int depth) {
    if (depth <= 0) {
        return one_of({"n", "i", "k", "i", "k", "0", "1", "(-7)", "100", "2.5", "NULL::integer",
                       "'5'::integer", "(3)::bigint", "r", "(i)::bigint"});
    }
    switch (m_random.between(0, 6)) {
        case 0:
        case 1:
            return "(" + number(depth - 1) + one_of({" + ", " - ", " * ", " / ", " % ", " & ", " | "}) +
                   number(depth - 1) + ")";
        case 2:
            return one_of({"abs(", "(- ", "(~ ", "(+ "}) + number(depth - 1) + ")";
        case 3:
            return one_of({"COALESCE(", "NULLIF(", "GREATEST(", "LEAST("}) + number(depth - 1) + ", " +
                   number(depth - 1) + ")";
        case 4:
            return "CASE WHEN " + condition(depth - 1) + " THEN " + number(depth - 1) + " ELSE " +
                   number(depth - 1) + " END";
        case 5:
            return "(" + number(depth - 1) +
                   one_of({")::bigint", ")::integer", ")::numeric", ")::double precision", ")::smallint"});
        default:
            return one_of({"length(", "octet_length(", "char_length(", "strpos(c, "}) + text(depth - 1) + ")";
    }
}

std::string PostgresqlExpressionMaker::text(int depth) {
    if (depth <= 0) {
        return one_of({"t", "s", "c", "t", "c", "'a'::text", "'É'", "''::text", "'A12'", "(s)::text",
                       "NULL::text", "(t COLLATE \"C\")", "(rating)::text", "(u)::text"});
    }
    switch (m_random.between(0, 8)) {
        case 0:
            return one_of({"lower(", "upper(", "btrim(", "ltrim(", "rtrim("}) + text(depth - 1) + ")";
        case 1:
            return "(" + text(depth - 1) + " || " +
                   one_of({text(depth - 1), "(" + number(0) + ")::text", number(0)}) + ")";
        case 2:
            return one_of({"substr(", "substring("}) + text(depth - 1) + ", " +
                   one_of({"1", "2", "0", "'-1'::integer"}) + one_of({")", ", 0)", ", 1)", ", 5)"});
        case 3:
            return "replace(" + text(depth - 1) + ", " + text(0) + ", " + text(0) + ")";
        case 4:
            return one_of({"COALESCE(", "NULLIF(", "GREATEST(", "LEAST("}) + text(depth - 1) + ", " +
                   text(depth - 1) + ")";
        case 5:
            return one_of({"btrim(", "ltrim(", "rtrim("}) + text(depth - 1) + ", " + text(0) + ")";
        case 6:
            return "CASE WHEN " + condition(depth - 1) + " THEN " + text(depth - 1) + " ELSE " +
                   text(depth - 1) + " END";
        case 7:
            return one_of({"\"left\"(", "\"right\"("}) + text(depth - 1) + ", " + one_of({"0", "1", "3"}) +
                   ")";
        default:
            return "(" + one_of({number(depth - 1), condition(depth - 1), "d", "day"}) + ")::text";
    }
}

}  // namespace migrate::test
