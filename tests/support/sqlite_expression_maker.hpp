#pragma once

#include <string>
#include <vector>

#include "support/expression_trial.hpp"
#include "support/random.hpp"

namespace migrate::test {

/// Columns of many kinds as SQLite declares them and PostgreSQL gets them, with values on the edges of both.
std::vector<TrialColumn> sqlite_trial_columns();

/// Makes SQLite expressions over sqlite_trial_columns(): mostly such as people write, and some of every form
/// that the grammar knows, sense or none. What has no equal has to be refused.
class SqliteExpressionMaker {
  public:
    explicit SqliteExpressionMaker(Random& random) : m_random(random) {}

    std::string condition(int depth);
    std::string number(int depth);
    std::string text(int depth);
    std::string any(int depth);

    /// What columns are called by: "" or "alias.".
    std::string prefix;

  private:
    std::string comparison(int depth);
    std::string pattern(int depth);
    std::string list(int depth);
    std::string case_of(const std::string& a, const std::string& b, int depth);
    std::string type_name();
    std::string column(const std::vector<std::string>& names);
    std::string one_of(const std::vector<std::string>& list) { return m_random.pick(list); }

    Random& m_random;
};

}  // namespace migrate::test
