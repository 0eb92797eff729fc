#pragma once

#include <string>

#include <migrate/expression.hpp>

namespace migrate::test {

/// The tree as an s-expression: "(and (eq a 1) (is_null b))"; strings in single quotes, columns bare.
std::string to_s_expression(const Expression& expression);

}  // namespace migrate::test
