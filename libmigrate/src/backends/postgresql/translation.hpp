#pragma once

#include <optional>
#include <string>

#include <migrate/schema.hpp>

namespace migrate::backends::postgresql {

/// An expression of the source in PostgreSQL's SQL, or why it has no equal.
struct Translation {
    std::optional<std::string> sql;
    std::string why_not;
};

Translation translate_default(const Schema& schema, const Table& from, const Column& column,
                              const Column& to);
/// `to` has from's columns, in its order.
Translation translate_generated(const Schema& schema, const Table& from, const Table& to,
                                const Column& column, const Column& result);
/// CHECK conditions and partial predicates. `to` has from's columns, in its order.
Translation translate_condition(const Schema& schema, const Table& from, const Table& to,
                                const std::string& expression);
Translation translate_index_key(const Schema& schema, const Table& from, const Table& to,
                                const std::string& expression);

}  // namespace migrate::backends::postgresql
