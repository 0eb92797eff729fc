#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <migrate/expression.hpp>
#include <migrate/schema.hpp>

namespace migrate::model {

/// A column of the source and what it became in the target; both outlive the call they are given to.
struct ColumnPair {
    const Column* source = nullptr;
    const Column* target = nullptr;
    std::string prefix = {};  ///< SQL before the target's name: the quoted alias of its table and a point.
};

/// What becomes of an expression's result, which decides what counts as the same result.
enum class ExpressionUse : std::uint8_t {
    condition,      ///< CHECK, partial index: true, false or NULL.
    index_key,      ///< Equal values stay equal and in order.
    default_value,  ///< Stored in `result`; columns may not be used.
    generated,      ///< Stored in `result`.
    projection,     ///< A result of a query.
};

struct RenderContext {
    Dialect source = Dialect::sqlite;
    ExpressionUse use = ExpressionUse::condition;
    /// The column of the source by its name as the expression spells it (SQLite ignores its case), or
    /// nullopt. An expression with a name that this does not know is refused.
    std::function<std::optional<ColumnPair>(std::string_view)> column;
    /// Instead of `column` where it is set: by qualifier (empty if none) and name, in a query.
    std::function<std::optional<ColumnPair>(std::string_view, std::string_view)> qualified_column;
    bool aggregates = false;  ///< Aggregate functions may be used, as in the results of a query.
    ColumnPair result;        ///< For default_value and generated: where the result goes.
    bool strict = false;      ///< The source table is one of SQLite's STRICT ones.
    /// The TimeZone of a PostgreSQL source's sessions where it is certain; only "UTC" and the like make now()
    /// a known value in a column without zone. Empty = unknown.
    std::string time_zone;
};

/// SQL of the target, or why there is no equal: a short English phrase for people.
///
/// The SQL gives the same result as the original for every row that both sides can hold and for which the
/// original has a result. Values that a column's format cannot say in the source are outside of that.
struct Rendering {
    std::optional<std::string> sql;
    std::string why_not;
    explicit operator bool() const noexcept { return sql.has_value(); }
};

/// For a target of the same dialect: printed with the target's names. Refused where it names what is no
/// column, or calls nextval().
Rendering render_renamed(const Expression& expression, Dialect dialect, const RenderContext& context);

}  // namespace migrate::model
