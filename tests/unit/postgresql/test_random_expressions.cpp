#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "backends/postgresql/expression_render.hpp"
#include "model/expression_parser.hpp"
#include "support/expression_trial.hpp"
#include "support/sqlite_expression_maker.hpp"

using namespace migrate;
using model::ExpressionUse;
using test::ExpressionTrial;
using test::Random;
using test::trial_column;

namespace {

/// What SQLite says, or nothing where it says that it has no result (an integer overflow).
template <typename Evaluate>
bool evaluates(Evaluate evaluate) {
    try {
        evaluate();
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

/// What a generated column of this type holds: the class of storage, and the value.
std::vector<std::string> stored_in_sqlite(ExpressionTrial& trial, const std::string& sql,
                                          const test::TrialColumn& column) {
    // A cast to a declared type does not do what its affinity does: only a column tells.
    return trial.sqlite_stored(sql, column.sqlite.native_type);
}

std::string stored_in_postgresql(const std::string& sql, const test::TrialColumn& column) {
    // Assignment to a limited type fails where a cast cuts off; an unlimited one shows what would not fit.
    const TypeKind kind = column.postgresql.type.kind;
    const std::string type = kind == TypeKind::text ? "text" : column.postgresql.native_type;
    const std::string value = "CAST(" + sql + " AS " + type + ")";
    switch (kind) {
        case TypeKind::boolean:
            return "'integer ' || " + value + "::int";
        case TypeKind::int64:
            return "'integer ' || " + value;
        case TypeKind::float64:
            return "'real ' || " + value;
        case TypeKind::bytes:
            return "'blob ' || upper(encode(" + value + ", 'hex'))";
        default:
            return "'text ' || " + value;
    }
}

model::Rendering rendered(const std::string& sql, const model::RenderContext& context) {
    const model::ParseResult parsed = model::parse_expression(sql, Dialect::sqlite);
    REQUIRE(parsed);
    return backends::postgresql::render_expression(*parsed.expression, context);
}

}  // namespace

TEST_CASE("postgresql: random SQLite conditions that are translated give the same on random rows",
          "[expression][postgresql][sqlite][random]") {
    const auto database = test::make_pg_database();
    if (!database) {
        return;
    }
    test::PgConnection server = database->connect();
    Random random;
    CAPTURE(random.seed());
    ExpressionTrial trial(test::sqlite_trial_columns(), server, 60, random);
    const auto context = trial.context(Dialect::sqlite, ExpressionUse::condition);
    test::SqliteExpressionMaker maker(random);
    int translated = 0;
    for (int i = 0; i < 1500; ++i) {
        const std::string sql = maker.condition(3);
        const model::Rendering rendering = rendered(sql, context);
        std::string expected;
        if (!rendering || !evaluates([&] { expected = trial.sqlite_truths(sql); })) {
            continue;
        }
        ++translated;
        INFO(sql << " → " << *rendering.sql);
        std::string actual;
        CHECK_NOTHROW(actual = trial.postgresql_truths(*rendering.sql));
        CHECK(actual == expected);
    }
    // Else the trial shows nothing.
    CHECK(translated > 50);
}

TEST_CASE("postgresql: random generated columns of SQLite that are translated hold the same on random rows",
          "[expression][postgresql][sqlite][random]") {
    const auto database = test::make_pg_database();
    if (!database) {
        return;
    }
    test::PgConnection server = database->connect();
    Random random;
    CAPTURE(random.seed());
    ExpressionTrial trial(test::sqlite_trial_columns(), server, 60, random);
    test::SqliteExpressionMaker maker(random);
    const std::vector<test::TrialColumn> results = {
        trial_column("whole", TypeKind::int64, "INTEGER", "", "bigint", {}),
        trial_column("words", TypeKind::text, "TEXT", "", "text", {}),
        trial_column("real", TypeKind::float64, "REAL", "", "double precision", {}),
        trial_column("truth", TypeKind::boolean, "BOOLEAN", "", "boolean", {}),
        trial_column("bytes", TypeKind::bytes, "BLOB", "", "bytea", {}),
        trial_column("short", LogicalType::text(3), "VARCHAR(3)", "", "character varying(3)", {}),
    };
    int translated = 0;
    for (int i = 0; i < 1500; ++i) {
        const test::TrialColumn& result = random.pick(results);
        auto context = trial.context(Dialect::sqlite, ExpressionUse::generated);
        context.result = {&result.sqlite, &result.postgresql};
        const TypeKind kind = result.sqlite.type.kind;
        const std::string sql = kind == TypeKind::text      ? maker.text(3)
                                : kind == TypeKind::boolean ? maker.condition(2)
                                                            : maker.number(3);
        const model::Rendering rendering = rendered(sql, context);
        std::vector<std::string> expected;
        if (!rendering || !evaluates([&] { expected = stored_in_sqlite(trial, sql, result); })) {
            continue;
        }
        ++translated;
        INFO(sql << " → " << *rendering.sql << " AS " << result.postgresql.native_type);
        std::vector<std::string> actual;
        CHECK_NOTHROW(actual = trial.postgresql_texts(stored_in_postgresql(*rendering.sql, result)));
        for (std::string& text : actual) {
            text = text.starts_with("real ") ? "real " + test::one_spelling(text.substr(5)) : text;
        }
        CHECK(actual == expected);
    }
    CHECK(translated > 50);
}

TEST_CASE("postgresql: random index expressions of SQLite that are translated order random rows the same",
          "[expression][postgresql][sqlite][random]") {
    const auto database = test::make_pg_database();
    if (!database) {
        return;
    }
    test::PgConnection server = database->connect();
    Random random;
    CAPTURE(random.seed());
    ExpressionTrial trial(test::sqlite_trial_columns(), server, 60, random);
    const auto context = trial.context(Dialect::sqlite, ExpressionUse::index_key);
    test::SqliteExpressionMaker maker(random);
    int translated = 0;
    for (int i = 0; i < 1000; ++i) {
        const std::string sql = maker.any(2);
        const model::Rendering rendering = rendered(sql, context);
        // Each row's place among all, equal keys sharing one.
        const auto rank = [](const std::string& key, const std::string& nulls) {
            return "dense_rank() OVER (ORDER BY " + key + nulls + ")";
        };
        std::vector<std::string> expected;
        if (!rendering || !evaluates([&] { expected = trial.sqlite_texts(rank(sql, "")); })) {
            continue;
        }
        ++translated;
        INFO(sql << " → " << *rendering.sql);
        std::vector<std::string> actual;
        CHECK_NOTHROW(actual = trial.postgresql_texts(rank("(" + *rendering.sql + ")", " NULLS FIRST")));
        CHECK(actual == expected);
    }
    CHECK(translated > 50);
}
