#pragma once

#include <optional>
#include <string>

#include <migrate/schema.hpp>

namespace migrate::backends::sqlite {

/// An expression of another engine in SQLite's SQL, or why it has no equal.
struct Translation {
    std::optional<std::string> sql;
    std::string why_not;
};

/// `from` is the column in the source, `to` what it becomes.
Translation translate_default(const Schema& schema, const Table& source, const Column& from,
                              const Column& to);
/// `target` has the same columns as `source`, already adopted.
Translation translate_generated(const Schema& schema, const Table& source, const Table& target,
                                const Column& from, const Column& to);
/// A condition: of a check or of a partial index.
Translation translate_check(const Schema& schema, const Table& source, const Table& target,
                            const std::string& expression);
Translation translate_index_key(const Schema& schema, const Table& source, const Table& target,
                                const std::string& expression);

}  // namespace migrate::backends::sqlite
