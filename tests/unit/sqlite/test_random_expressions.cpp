#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "backends/sqlite/expression_render.hpp"
#include "model/expression_parser.hpp"
#include "support/expression_trial.hpp"
#include "support/postgresql_expression_maker.hpp"

using namespace migrate;
using model::ExpressionUse;
using test::ExpressionTrial;

namespace {

/// False where the server says that it has no result: types that do not fit, or an overflow.
template <typename Evaluate>
bool evaluates(Evaluate evaluate) {
    try {
        evaluate();
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

model::Rendering rendered(const std::string& sql, const model::RenderContext& context) {
    const model::ParseResult parsed = model::parse_expression(sql, Dialect::postgresql);
    return parsed ? backends::sqlite::render_expression(*parsed.expression, context)
                  : model::Rendering{std::nullopt, "not parsed"};
}

}  // namespace

TEST_CASE("sqlite: random PostgreSQL conditions that are translated give the same on random rows",
          "[expression][postgresql][sqlite][random]") {
    const auto database = test::make_pg_database();
    if (!database) {
        return;
    }
    test::PgConnection server = database->connect();
    test::Random random;
    CAPTURE(random.seed());
    ExpressionTrial trial(test::postgresql_trial_columns(), server, 60, random);
    const auto context = trial.context(Dialect::postgresql, ExpressionUse::condition);
    test::PostgresqlExpressionMaker maker(random);
    int translated = 0;
    for (int i = 0; i < 2000; ++i) {
        const std::string sql = maker.condition(2);
        const model::Rendering rendering = rendered(sql, context);
        std::string expected;
        if (!rendering || !evaluates([&] { expected = trial.postgresql_truths(sql); })) {
            continue;
        }
        ++translated;
        INFO(sql << " → " << *rendering.sql);
        std::string actual;
        CHECK_NOTHROW(actual = trial.sqlite_truths(*rendering.sql));
        CHECK(actual == expected);
    }
    // Else the trial shows nothing.
    CHECK(translated > 50);
}

TEST_CASE("sqlite: random generated columns of PostgreSQL that are translated hold the same on random rows",
          "[expression][postgresql][sqlite][random]") {
    const auto database = test::make_pg_database();
    if (!database) {
        return;
    }
    test::PgConnection server = database->connect();
    test::Random random;
    CAPTURE(random.seed());
    ExpressionTrial trial(test::postgresql_trial_columns(), server, 60, random);
    test::PostgresqlExpressionMaker maker(random);
    const std::vector<test::TrialColumn> results = {
        test::trial_column("whole", TypeKind::int64, "BIGINT", "", "bigint", {}),
        test::trial_column("words", TypeKind::text, "TEXT", "", "text", {}),
        test::trial_column("truth", TypeKind::boolean, "BOOLEAN", "", "boolean", {}),
    };
    int translated = 0;
    for (int i = 0; i < 2000; ++i) {
        const test::TrialColumn& result = random.pick(results);
        const TypeKind kind = result.sqlite.type.kind;
        auto context = trial.context(Dialect::postgresql, ExpressionUse::generated);
        context.result = {&result.postgresql, &result.sqlite};
        const std::string sql = kind == TypeKind::text      ? maker.text(2)
                                : kind == TypeKind::boolean ? maker.condition(1)
                                                            : maker.number(2);
        const model::Rendering rendering = rendered(sql, context);
        const std::string typed = "(" + sql + ")::" + result.postgresql.native_type;
        const std::string shown = kind == TypeKind::text      ? "'text ' || " + typed
                                  : kind == TypeKind::boolean ? "'integer ' || (" + typed + ")::int"
                                                              : "'integer ' || " + typed;
        std::vector<std::string> expected;
        if (!rendering || !evaluates([&] { expected = trial.postgresql_texts(shown); })) {
            continue;
        }
        ++translated;
        INFO(sql << " → " << *rendering.sql);
        std::vector<std::string> actual;
        CHECK_NOTHROW(actual = trial.sqlite_stored(*rendering.sql, result.sqlite.native_type));
        CHECK(actual == expected);
    }
    CHECK(translated > 50);
}

TEST_CASE(
    "sqlite: random index expressions of PostgreSQL that are translated keep random rows equal and apart",
    "[expression][postgresql][sqlite][random]") {
    const auto database = test::make_pg_database();
    if (!database) {
        return;
    }
    test::PgConnection server = database->connect();
    test::Random random;
    CAPTURE(random.seed());
    ExpressionTrial trial(test::postgresql_trial_columns(), server, 60, random);
    const auto context = trial.context(Dialect::postgresql, ExpressionUse::index_key);
    test::PostgresqlExpressionMaker maker(random);
    int translated = 0;
    for (int i = 0; i < 1500; ++i) {
        const std::string sql = random.chance(50) ? maker.text(2) : maker.number(2);
        const model::Rendering rendering = rendered(sql, context);
        // The first row with an equal key; an order by text is the collation's, which SQLite does not have.
        const auto first = [](const std::string& key) { return "min(nr) OVER (PARTITION BY " + key + ")"; };
        std::vector<std::string> expected;
        if (!rendering || !evaluates([&] { expected = trial.postgresql_texts(first(sql)); })) {
            continue;
        }
        ++translated;
        INFO(sql << " → " << *rendering.sql);
        std::vector<std::string> actual;
        CHECK_NOTHROW(actual = trial.sqlite_texts(first("(" + *rendering.sql + ")")));
        CHECK(actual == expected);
    }
    CHECK(translated > 50);
}
