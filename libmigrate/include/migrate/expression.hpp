#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/export.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// The SQL an expression is written in. The same tree may mean different things in two dialects
/// (LIKE folds case in SQLite), so a tree is always kept together with its dialect.
enum class Dialect : std::uint8_t { sqlite, postgresql };

/// What a node is. The shape of each, in terms of ExpressionNode's members:
enum class ExpressionKind : std::uint8_t {
    null_literal,
    boolean_literal,  ///< text "true" or "false".
    integer_literal,  ///< text: decimal digits, without a sign; fits in 64 bits (hexadecimal is converted).
    real_literal,     ///< text as spelled ("1e5", ".5"), or an integer of more than 63 bits.
    string_literal,   ///< text: the value.
    blob_literal,     ///< text: the bytes.
    column,           ///< text: name; qualifier: table, or empty.
    unary,            ///< op; children: operand.
    binary,           ///< op (text holds its spelling if it is `other`); children: left, right.
    pattern,          ///< op (like, glob, ilike, similar); negated; children: value, pattern, escape if any.
    in_list,          ///< negated; children: value, then the items.
    between,          ///< negated; children: value, low, high.
    case_when,        ///< has_operand, has_else; children: operand, (when, then)…, else.
    cast,             ///< type; children: operand. PostgreSQL's typed literals are casts of a string.
    collate,          ///< text: collation; qualifier: its schema; children: operand.
    function,  ///< text: name (lower-case in SQLite); qualifier: schema; distinct; star; children: arguments.
    keyword_value,  ///< text: "current_timestamp", "localtime", "current_user"…; children: precision if
                    ///< given.
    array,          ///< children: the elements of ARRAY[…].
    quantified,     ///< op; text "any" or "all"; children: left, array.
};

enum class Operator : std::uint8_t {
    none,
    // unary
    plus,
    minus,
    bit_not,
    logical_not,
    is_null,
    is_not_null,
    is_true,
    is_not_true,
    is_false,
    is_not_false,
    // binary
    logical_or,
    logical_and,
    eq,
    ne,
    lt,
    le,
    gt,
    ge,
    is_not_distinct,  ///< SQLite's IS.
    is_distinct,      ///< SQLite's IS NOT.
    add,
    sub,
    mul,
    div,
    mod,
    concat,
    bit_and,
    bit_or,
    bit_xor,
    shift_left,
    shift_right,
    power,
    json_get,       ///< ->
    json_get_text,  ///< ->>
    at_time_zone,
    regex,         ///< PostgreSQL's ~; SQLite's REGEXP.
    regex_nocase,  ///< ~*
    not_regex,
    not_regex_nocase,
    match,  ///< SQLite's MATCH.
    other,  ///< Any other operator, by its spelling.
    // pattern
    like,
    ilike,
    glob,
    similar,
};

/// A type's name as written in a cast.
struct TypeName {
    std::string schema;
    std::string name;                    ///< "numeric", "character varying", "timestamp without time zone".
    std::vector<std::string> arguments;  ///< "12", "2".
    int array_dimensions = 0;
    friend bool operator==(const TypeName&, const TypeName&) = default;
};

struct ExpressionNode;

/// A parsed SQL expression: an immutable tree that is cheap to copy. Parentheses are not kept: the tree says
/// what they said. Any number of threads may read one. A default one is the literal NULL.
/// No tree made by the parser is deeper than k_max_depth, so recursion over it is safe.
class MIGRATE_EXPORT Expression {
  public:
    static constexpr std::size_t k_max_depth = 500;

    Expression();
    explicit Expression(ExpressionNode node);

    [[nodiscard]] const ExpressionNode& node() const noexcept { return *m_node; }
    const ExpressionNode* operator->() const noexcept { return m_node.get(); }

    [[nodiscard]] ExpressionKind kind() const noexcept;
    [[nodiscard]] const std::vector<Expression>& children() const noexcept;
    [[nodiscard]] const Expression& child(std::size_t index) const { return children().at(index); }
    /// Levels of nodes, 1 for a leaf.
    [[nodiscard]] std::size_t depth() const noexcept;

    [[nodiscard]] bool is(ExpressionKind k) const noexcept { return kind() == k; }
    [[nodiscard]] bool is(ExpressionKind k, Operator op) const noexcept;

    static Expression boolean(bool value);
    static Expression integer(std::int64_t value);
    static Expression string(std::string value);
    static Expression column(std::string name, std::string qualifier = {});
    static Expression unary(Operator op, Expression operand);
    static Expression binary(Operator op, Expression left, Expression right);
    static Expression function(std::string name, std::vector<Expression> arguments);
    static Expression cast(Expression operand, TypeName type);

    /// Structural: the same tree, names compared exactly.
    friend MIGRATE_EXPORT bool operator==(const Expression& a, const Expression& b);

  private:
    std::shared_ptr<const ExpressionNode> m_node;
};

/// One node of the tree; which members are used is said at ExpressionKind.
struct ExpressionNode {
    ExpressionKind kind = ExpressionKind::null_literal;
    Operator op = Operator::none;
    std::string text;
    std::string qualifier;
    TypeName type;
    std::vector<Expression> children;
    bool negated = false;
    bool distinct = false;
    bool star = false;
    bool has_operand = false;
    bool has_else = false;
    std::size_t depth = 1;  ///< Set by Expression.
};

/// The names of the columns used, each once, in order of first use; qualifiers are not kept.
MIGRATE_EXPORT std::vector<std::string> referenced_columns(const Expression& expression);

/// The tree with each column's name replaced by what `rename` gives; qualifiers are dropped if asked.
MIGRATE_EXPORT Expression rename_columns(const Expression& expression,
                                         const std::function<std::string(std::string_view)>& rename,
                                         bool drop_qualifiers = false);
/// Likewise; names not in the map stay.
MIGRATE_EXPORT Expression rename_columns(const Expression& expression,
                                         const std::map<std::string, std::string>& names);

MIGRATE_NAMESPACE_END
