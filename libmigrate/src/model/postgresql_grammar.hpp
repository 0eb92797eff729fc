#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/grammar_base.hpp"

namespace migrate::model {

/// The expressions that PostgreSQL's pg_get_expr and its kin print, and their hand-written forms.
/// Source: gram.y and ruleutils.c of PostgreSQL 15, whose precedences it follows.
class PostgresqlGrammar : private GrammarBase {
  public:
    explicit PostgresqlGrammar(TokenCursor& cursor) : GrammarBase(cursor) {}

    Expression expression();

  private:
    Expression climb(int minimum);
    std::optional<Expression> infix(Expression& left, int minimum);
    std::optional<Expression> word_infix(Expression& left, int minimum);
    std::optional<Expression> negatable(Expression& left);
    Expression symbol_infix(Expression left, const std::string& symbol, int strength);
    Expression is_test(Expression left);
    Expression between(Expression left, bool negated);
    Expression in_list(Expression left, bool negated);
    Expression pattern(Expression left, Operator op, bool negated);
    Expression quantified(Expression left, Operator op);
    Expression collate(Expression left);
    Expression prefix();
    void refuse_subquery();
    Expression primary();
    Expression word();
    Expression case_when();
    Expression array();
    Expression keyword_value(const std::string& name);
    Expression name_or_call();
    Expression call(std::string schema, std::string name);
    std::optional<Expression> special_call(const std::string& name);
    Expression trim();
    Expression substring();

    Expression cast_to(Expression operand, TypeName type);
};

/// A type name where the cursor stands, with the usual aliases replaced ("int4" → "integer"); fails if there
/// is none.
TypeName parse_postgresql_type_name(TokenCursor& cursor);

/// How an operator whose meaning is known is spelled, or Operator::other; pattern operators (~~) are not
/// here.
Operator postgresql_operator(std::string_view symbol);

}  // namespace migrate::model
