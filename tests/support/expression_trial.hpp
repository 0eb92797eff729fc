#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <migrate/schema.hpp>

#include "model/expression_rendering.hpp"
#include "support/pg.hpp"
#include "support/random.hpp"
#include "support/sqlite.hpp"

namespace migrate::test {

/// A column in both engines, and values to try as SQL literals of each; NULL is tried too unless not
/// nullable.
struct TrialColumn {
    Column sqlite;
    Column postgresql;
    std::vector<std::pair<std::string, std::string>> values;
};

/// A number's text as %g of the fewest digits that give it back: one spelling for both engines.
std::string one_spelling(const std::string& real);

/// The same random rows in a SQLite and in a PostgreSQL table, to evaluate an expression and its translation
/// on.
class ExpressionTrial {
  public:
    ExpressionTrial(std::vector<TrialColumn> columns, PgConnection& server, int rows, Random& random);

    /// The columns by SQLite name, ignoring case, as (source, target).
    [[nodiscard]] model::RenderContext context(Dialect source, model::ExpressionUse use) const;

    /// Of every row, in order: 't', 'f' or 'n' for NULL.
    std::string sqlite_truths(const std::string& condition);
    std::string postgresql_truths(const std::string& condition);
    /// Of every row its value as text; "∅" for NULL.
    std::vector<std::string> sqlite_texts(const std::string& expression);
    std::vector<std::string> postgresql_texts(const std::string& expression);
    /// What a column declared so holds of each row's value: "class value", reals in one spelling; "∅"
    /// for NULL.
    std::vector<std::string> sqlite_stored(const std::string& expression, const std::string& declared);

    SqliteDatabase& sqlite() { return m_sqlite; }

  private:
    std::vector<TrialColumn> m_columns;
    SqliteDatabase m_sqlite;
    PgConnection& m_server;
};

/// A column of both engines with one logical type; names are the same but for `postgresql_name`.
TrialColumn trial_column(std::string name, LogicalType type, std::string sqlite_type, std::string format,
                         std::string postgresql_type,
                         std::vector<std::pair<std::string, std::string>> values);

}  // namespace migrate::test
