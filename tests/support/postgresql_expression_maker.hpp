#pragma once

#include <string>
#include <vector>

#include "support/expression_trial.hpp"
#include "support/random.hpp"

namespace migrate::test {

/// Columns of many kinds as PostgreSQL declares them and SQLite gets them, with values on the edges of both.
std::vector<TrialColumn> postgresql_trial_columns();

/// Makes PostgreSQL expressions over postgresql_trial_columns(): every form that the grammar knows. Some are
/// errors to the server; what has no equal in SQLite has to be refused.
class PostgresqlExpressionMaker {
  public:
    explicit PostgresqlExpressionMaker(Random& random) : m_random(random) {}

    std::string condition(int depth);
    std::string number(int depth);
    std::string text(int depth);

  private:
    std::string comparison(int depth);
    std::string typed_comparison();
    std::string pattern(int depth);
    std::string list(int depth);
    std::string one_of(const std::vector<std::string>& list) { return m_random.pick(list); }

    Random& m_random;
};

}  // namespace migrate::test
