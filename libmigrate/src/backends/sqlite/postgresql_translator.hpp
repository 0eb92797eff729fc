#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/expression.hpp>

#include "model/expression_rendering.hpp"

namespace migrate::backends::sqlite {

/// How SQLite holds what a PostgreSQL expression gives.
enum class Held : std::uint8_t {
    null,
    truth,    ///< 0 or 1.
    integer,  ///< INTEGER.
    real,     ///< REAL; NaN is text, and greater than any number in both engines.
    number,   ///< A numeric or floating literal.
    decimal,  ///< Canonical decimal text.
    text,
    label,  ///< An enumeration's label, or a literal of a type that is not known.
    uuid,   ///< Lower-case text, which is in the order of its bytes.
    blob,
    moment,   ///< A date or timestamp as canonical text; years beyond four digits and BC included.
    clock,    ///< A time of day as canonical text.
    special,  ///< Held in another form: little can be said of it.
};

/// A PostgreSQL (sub)expression said in SQLite's SQL.
struct Said {
    Held held = Held::null;
    std::string sql;
    std::optional<std::string> literal;  ///< A literal's canonical text.
    TypeKind kind = TypeKind::text;      ///< The type in PostgreSQL.
    bool unknown = false;                ///< A string without a type yet.
    bool numeric = false;                ///< An integer that is a numeric in PostgreSQL.
    std::string collation;               ///< Of texts, PostgreSQL's name; "" = the database's.
    bool folds = false;                  ///< A text of a SQLite column whose own collation is not BINARY.
    const Column* source = nullptr;      ///< Of a plain column.
};

/// Says PostgreSQL expressions in SQLite's SQL where the meaning is provably the same. The first refusal is
/// kept; what is made after it is not used. Used once.
class PostgresqlTranslator {
  public:
    explicit PostgresqlTranslator(const model::RenderContext& context) : m_context(context) {}

    model::Rendering render(const Expression& expression);

  private:
    Said refuse(std::string why);
    [[nodiscard]] bool refused() const { return !m_why_not.empty(); }

    // postgresql_translator.cpp
    Said value(const Expression& e);
    Said unary(const Expression& e);
    Said binary(const Expression& e);
    Said arithmetic(Operator op, const Said& a, const Said& b);
    Said concat(const Said& a, const Said& b);
    Said collate(const Expression& e);
    Said case_when(const Expression& e);
    Said unify(std::vector<Said>& values);
    /// Of AND or OR: kept flat, because parsers limit nesting.
    std::string chain(const Expression& e);
    std::string condition(const Said& v);
    Said truth(std::string sql);

    // postgresql_operand.cpp
    Said column(const Expression& e);
    Said literal(const Expression& e);
    Said cast(const Expression& e);
    Said cast_value(const Said& v, const TypeName& type);
    Said cast_text(const Said& v, const TypeName& type);
    Said typed_literal(const std::string& text, TypeKind kind);

    // postgresql_comparison.cpp
    Said compare(Operator op, Said a, Said b);
    std::optional<std::string> direct(Operator op, const Said& a, const Said& b);
    std::string compare_decimal(Operator op, const Said& a, const Said& b);
    std::string compare_moment(Operator op, const Said& a, const Said& b);
    bool check_text(Operator op, const Said& a, const Said& b);
    Said any_of(const Expression& subject, const std::vector<Expression>& items, std::size_t first,
                bool negated, const TypeName* element);
    Said quantified(const Expression& e);
    Said between(const Expression& e);

    // postgresql_pattern.cpp
    Said pattern(const Expression& e);

    // postgresql_function.cpp
    Said function(const Expression& e);
    Said text_function(const std::string& name, std::vector<Said>& arguments);
    Said choice_function(const std::string& name, std::vector<Said>& arguments);

    // postgresql_assignment.cpp
    std::optional<std::string> clock(const Expression& e);
    std::string assign(const Said& v);
    std::string assign_literal(const Said& v);

    const model::RenderContext& m_context;
    std::string m_why_not;
};

/// The kind a type's name stands for; nullopt for enumerations, domains and all else that is not known.
[[nodiscard]] std::optional<TypeKind> kind_of_type(const TypeName& type);
[[nodiscard]] std::string quote(std::string_view text);

}  // namespace migrate::backends::sqlite
