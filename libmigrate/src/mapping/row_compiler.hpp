#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/error.hpp>
#include <migrate/expression.hpp>
#include <migrate/schema.hpp>

#include "mapping/row_node.hpp"

namespace migrate::mapping {

/// What is wrong with an expression, and where in its text.
class ExpressionError : public Error {
  public:
    ExpressionError(const std::string& message, std::size_t offset, const std::string& next_step = {});
    [[nodiscard]] std::size_t offset() const noexcept { return m_offset; }

  private:
    std::size_t m_offset;
};

/// Turns expressions over the columns of one table into nodes. Types are settled here: what is left to go
/// wrong for a row is a value.
class RowCompiler {
  public:
    explicit RowCompiler(const Table& table) : m_table(table) {}

    /// Throws: ExpressionError.
    RowNode compile(const std::string& text);
    /// A condition. Throws: ExpressionError.
    RowNode compile_condition(const std::string& text);
    /// The value as another type, exactly or as a reject. Throws: ExpressionError, for the last text
    /// compiled.
    RowNode convert(RowNode node, const LogicalType& type);

    /// The position in the batch of a column, which is read from now on.
    std::size_t use_column(std::size_t column);
    /// Indexes into the table's columns, in the order of the batch.
    [[nodiscard]] const std::vector<std::size_t>& columns() const noexcept { return m_columns; }
    /// Room for one evaluation of all that was compiled.
    [[nodiscard]] RowState make_state() const;

  private:
    RowNode node_of(const Expression& expression);
    RowNode literal(const Expression& expression);
    RowNode column(const Expression& expression);
    RowNode unary(const Expression& expression);
    RowNode binary(const Expression& expression);
    RowNode logical(const Expression& expression, Operator op);
    RowNode comparison(Operator op, RowNode left, RowNode right);
    RowNode in_list(const Expression& expression);
    RowNode between(const Expression& expression);
    RowNode case_when(const Expression& expression);
    RowNode cast(const Expression& expression);
    RowNode function(const Expression& expression);
    RowNode choice(std::string_view name, std::vector<RowNode> children);
    RowNode call(std::string_view name, const std::vector<RowNode>& arguments);

    RowNode condition(RowNode node);
    /// Gives all of them one type, literals that of what they stand beside.
    LogicalType unify(const std::vector<RowNode*>& nodes);
    void settle_literal(RowNode& node, const LogicalType& type);
    RowNode fold(RowNode node);
    bool take_arguments(std::string_view parameters, std::vector<RowNode>& arguments);
    bool take_argument(char letter, RowNode& node);
    std::size_t text_room() { return m_texts++; }

    /// Throws: ExpressionError at the first place where the text has this word.
    [[noreturn]] void fail(const std::string& message, std::string_view word = {},
                           const std::string& next_step = {}) const;

    const Table& m_table;
    std::string m_text;
    std::vector<std::size_t> m_columns;
    std::size_t m_texts = 0;
    std::vector<std::pair<LogicalType, LogicalType>> m_casts;  ///< From, to.
};

}  // namespace migrate::mapping
