#pragma once

#include <string>
#include <string_view>

#include "fuzz/fuzz_input.hpp"
#include "model/expression_parser.hpp"
#include "model/expression_printer.hpp"

namespace migrate::fuzz {

/// What is parsed and printed is the same tree when it is parsed again.
inline void check_expression(std::string_view sql, Dialect dialect) {
    const model::ParseResult first = model::parse_expression(sql, dialect);
    require(bool(first) != first.error.has_value(), "a parse is either a tree or an error");
    if (!first) {
        require(first.error->position <= sql.size(), "an error is within the text");
        return;
    }
    const std::string printed = model::print_expression(*first.expression, dialect);
    const model::ParseResult second = model::parse_expression(printed, dialect);
    // Printing adds parentheses, each of which nests the grammar by some levels more than the text it was
    // read from.
    if (first.expression->depth() * 8 < Expression::k_max_depth) {
        require(bool(second), "what is printed can be parsed");
        require(*first.expression == *second.expression, "what is printed says the same");
    }
    referenced_columns(*first.expression);
}

}  // namespace migrate::fuzz
