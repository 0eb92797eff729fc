#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "model/expression_parser.hpp"
#include "model/grammar_base.hpp"

namespace migrate::model {

/// SQLite's expression grammar. Source: parse.y of SQLite 3.40, whose precedences and fallbacks it follows.
class SqliteGrammar : private GrammarBase {
  public:
    SqliteGrammar(TokenCursor& cursor, const ParseOptions& options);

    /// The expression where the cursor stands.
    Expression expression();
    /// A literal or keyword value, as may follow DEFAULT without parentheses.
    Expression term();

    /// Whether the token can be a name: not a reserved word. Quoted ones always can.
    static bool is_name(const Token& token);

  private:
    Expression climb(int minimum);
    std::optional<Expression> infix(Expression& left, int minimum);
    std::optional<Expression> negatable(Expression& left);
    Expression is_operator(Expression left);
    Expression between(Expression left, bool negated);
    Expression in_list(Expression left, bool negated);
    Expression pattern(Expression left, Operator op, bool negated);
    Expression prefix();
    void refuse_subquery();
    Expression primary();
    Expression name_or_call();
    Expression named(const Token& token);
    Expression qualified(std::string qualifier);
    Expression call(const Token& name);
    Expression cast();
    Expression case_when();
    [[nodiscard]] bool is_column(std::string_view name) const;

    const ParseOptions& m_options;
};

/// A SQLite type name where the cursor stands ("VARCHAR ( 255 )", "UNSIGNED BIG INT"): words, then up to two
/// signed numbers in parentheses. Empty if there is none. Words and arguments go to the TypeName.
TypeName parse_sqlite_type_name(TokenCursor& cursor);

}  // namespace migrate::model
