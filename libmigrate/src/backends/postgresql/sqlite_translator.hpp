#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <migrate/expression.hpp>

#include "model/expression_rendering.hpp"
#include "model/sqlite_storage.hpp"

namespace migrate::backends::postgresql {

__extension__ using Wide = __int128;

/// The integers an expression can give.
struct Range {
    Wide low = INT64_MIN;
    Wide high = INT64_MAX;
    [[nodiscard]] bool within(Wide a, Wide b) const { return low >= a && high <= b; }
};

/// What stands in PostgreSQL for a SQLite value.
enum class Shape : std::uint8_t {
    null,
    truth,    ///< boolean for 0 and 1.
    integer,  ///< An integer type for INTEGER.
    real,     ///< double precision for REAL; a real literal too.
    decimal,  ///< numeric for INTEGER or REAL.
    text,     ///< text for TEXT.
    blob,     ///< bytea for BLOB.
    special,  ///< A column in another form than SQLite's: only few things can be said of it.
};

/// A SQLite (sub)expression said in PostgreSQL's SQL, with what is needed to combine it.
struct Value {
    Shape shape = Shape::null;
    std::string sql;
    model::Affinity affinity = model::Affinity::none;
    std::string collation;  ///< Lower case; "" = binary.
    bool has_collation = false;
    bool explicit_collation = false;
    std::optional<Expression> literal;  ///< A literal, the sign of a number being part of it.
    Range range;                        ///< Of integers.
    bool wide = false;                  ///< An integer whose SQL is bigint or numeric.
    bool may_overflow = false;          ///< Beyond 64 bits it is a REAL in SQLite; its SQL is numeric.
    model::ColumnPair column;           ///< Of a plain column.
};

/// Says SQLite expressions in PostgreSQL's SQL where the meaning is provably the same. The first refusal is
/// kept; what is made after it is not used. Used once.
class SqliteTranslator {
  public:
    explicit SqliteTranslator(const model::RenderContext& context) : m_context(context) {}

    model::Rendering render(const Expression& expression);

    // For queries; what they give is of use unless refused() afterwards.
    Value project(const Expression& expression);
    std::string where(const Expression& expression);
    /// The value as a result of a query: SQL of a certain type, a plain column as it is.
    std::string result(const Value& v);
    /// SQL whose equality is that of the values.
    std::string group_key(const Value& v);
    /// SQL whose order is that of the values, NULLs aside.
    std::string order_key(const Value& v);
    [[nodiscard]] bool refused() const { return !m_why_not.empty(); }
    [[nodiscard]] const std::string& why_not() const { return m_why_not; }
    /// Of a function call.
    static bool is_aggregate(const Expression& e);

  private:
    Value refuse(std::string why);

    // sqlite_translator.cpp
    Value value(const Expression& e);
    Value value_of_kind(const Expression& e);
    Value literal(const Expression& e);
    Value column(const Expression& e);
    Value unary(const Expression& e);
    Value binary(const Expression& e);
    /// "json_valid(x) OR x IS NULL" over a column that can hold nothing else.
    bool is_json_guard(const Expression& valid, const Expression& null);
    Value case_when(const Expression& e);
    Value cast(const Expression& e);
    Value collate(const Expression& e);
    /// Of AND or OR: kept flat, because parsers limit nesting.
    std::string chain(const Expression& e);
    std::string condition(const Value& v);
    Value truth(std::string sql);
    /// One SQL type for alternatives (CASE, COALESCE); the common shape, or refused.
    Value unify(std::vector<Value>& values);

    // sqlite_arithmetic.cpp
    Value arithmetic(Operator op, Value a, Value b);
    Value divide(Operator op, const Value& a, const Value& b);
    Value bits(Operator op, const Value& a, const Value& b);
    Value concat(const Value& a, const Value& b);
    Value as_integer(Value v);
    std::string bigint(const Value& v);
    std::string as_text(const Value& v);

    // sqlite_comparison.cpp
    Value compare(Operator op, Value a, Value b);
    Value in_list(const Expression& e);
    Value between(const Expression& e);
    /// Both sides in SQL that compares as SQLite does; the operator may change with a rounded literal.
    using Operands = std::pair<std::string, std::string>;
    Operands operands(Operator& op, Value a, Value b);
    Operands number_operands(const Value& a, const Value& b);
    Operands text_operands(Operator op, const Value& a, const Value& b);
    Operands special_operands(Operator& op, const Value& column, const Value& literal);
    void apply_affinity(Value& a, model::Affinity other);

    // sqlite_pattern.cpp
    Value pattern(const Expression& e);
    Value like(const Value& text, const Value& pattern, const std::optional<Value>& escape);
    Value glob(const Value& text, const Value& pattern);

    // sqlite_function.cpp
    Value function(const Expression& e);
    Value text_function(const std::string& name, std::vector<Value>& arguments);
    Value choice_function(const std::string& name, std::vector<Value>& arguments);
    Value random_function(const std::string& name, std::vector<Value>& arguments);
    Value type_of(const Value& v);
    Value length(const Value& v);
    Value substring(std::vector<Value>& arguments);

    // sqlite_aggregate.cpp
    Value aggregate(const Expression& e);
    Value extreme(const Expression& e, const Value& v);
    void refuse_volatile();

    // sqlite_clock.cpp
    /// An expression of the current time as the result column is to hold it, or nullopt if it is none.
    std::optional<Value> clock(const Expression& e);

    // sqlite_assignment.cpp
    std::string assign(const Value& v);
    std::optional<std::string> assign_literal(const Value& v, const Column& target);

    const model::RenderContext& m_context;
    std::string m_why_not;
    bool m_in_aggregate = false;
    bool m_volatile = false;  ///< Something in it changes from call to call.
};

/// The value of an integer literal.
[[nodiscard]] std::optional<std::int64_t> integer_of(const Value& v);
/// A literal's text: of a string, or of a number with its sign.
[[nodiscard]] std::string literal_text(const Expression& literal);
[[nodiscard]] bool is_text_literal(const Value& v);
/// Values of literals.
[[nodiscard]] Value integer_value(std::int64_t number);
[[nodiscard]] Value text_value(std::string_view text);

}  // namespace migrate::backends::postgresql
