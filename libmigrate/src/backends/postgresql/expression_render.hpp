#pragma once

#include <migrate/expression.hpp>

#include "model/expression_rendering.hpp"

namespace migrate::backends::postgresql {

/// The expression in PostgreSQL's SQL, with the target's column names. One from PostgreSQL itself is printed
/// as it is; one from SQLite is translated where its meaning is provably the same, or refused with the
/// reason. nextval() is refused: sequences are the caller's.
model::Rendering render_expression(const Expression& expression, const model::RenderContext& context);

}  // namespace migrate::backends::postgresql
