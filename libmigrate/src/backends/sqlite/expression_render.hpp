#pragma once

#include <migrate/expression.hpp>

#include "model/expression_rendering.hpp"

namespace migrate::backends::sqlite {

/// The expression in SQLite's SQL, with the target's column names. One from SQLite itself is printed as it
/// is; one from PostgreSQL is translated where its meaning is provably the same, or refused with the reason.
/// nextval() is refused: sequences are the caller's.
model::Rendering render_expression(const Expression& expression, const model::RenderContext& context);

}  // namespace migrate::backends::sqlite
