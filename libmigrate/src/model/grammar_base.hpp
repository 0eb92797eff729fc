#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <migrate/expression.hpp>

#include "model/token_cursor.hpp"

namespace migrate::model {

/// What the two expression grammars share: making nodes within the depth limit, and counting recursion.
class GrammarBase {
  protected:
    explicit GrammarBase(TokenCursor& cursor) : m_cursor(cursor) {}

    /// Grammar recursion per level of nesting takes a few stack frames; this many levels fit any thread's
    /// stack.
    static constexpr int k_max_nesting = 250;

    class Nesting {
      public:
        explicit Nesting(GrammarBase& grammar) : m_grammar(grammar) {
            if (++m_grammar.m_nesting > k_max_nesting) {
                m_grammar.m_cursor.fail("nested too deeply");
            }
        }
        ~Nesting() { --m_grammar.m_nesting; }
        Nesting(const Nesting&) = delete;
        Nesting& operator=(const Nesting&) = delete;

      private:
        GrammarBase& m_grammar;
    };

    Expression make(ExpressionNode node);
    Expression literal(ExpressionKind kind, std::string text);
    Expression unary(Operator op, Expression operand);
    Expression binary(Operator op, Expression left, Expression right);
    Expression negate_if(bool negated, ExpressionNode node);

    TokenCursor& m_cursor;
    int m_nesting = 0;
};

}  // namespace migrate::model
