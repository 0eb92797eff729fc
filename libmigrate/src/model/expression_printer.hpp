#pragma once

#include <string>
#include <string_view>

#include <migrate/expression.hpp>

namespace migrate::model {

/// The tree as SQL of the dialect it was written in. Every operator's operands stand in parentheses unless
/// they are names, literals or calls, so that nothing depends on precedence. Reading it again gives the same
/// tree.
std::string print_expression(const Expression& expression, Dialect dialect);

/// A type as a cast wants it.
std::string print_type_name(const TypeName& type, Dialect dialect);

/// A name in double quotes.
std::string quote_name(std::string_view name);

/// A text as a literal. PostgreSQL's has E in front where it holds a backslash, whatever the server's
/// settings.
std::string quote_text(std::string_view text, Dialect dialect);

/// How both dialects spell an operator between two operands; empty where there is none.
std::string_view operator_text(Operator op, Dialect dialect);

}  // namespace migrate::model
