#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <libpq-fe.h>

namespace migrate::session {

struct PostgresqlResultDeleter {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using PostgresqlResult = std::unique_ptr<PGresult, PostgresqlResultDeleter>;

/// The rows of a catalog query, as text. Views are valid as long as this object is.
class PostgresqlRows {
  public:
    explicit PostgresqlRows(PostgresqlResult result) : m_result(std::move(result)) {}

    [[nodiscard]] int size() const noexcept { return PQntuples(m_result.get()); }
    [[nodiscard]] bool is_null(int row, int column) const noexcept {
        return PQgetisnull(m_result.get(), row, column) != 0;
    }
    /// Empty for NULL.
    [[nodiscard]] std::string_view view(int row, int column) const noexcept {
        return {PQgetvalue(m_result.get(), row, column),
                static_cast<std::size_t>(PQgetlength(m_result.get(), row, column))};
    }
    [[nodiscard]] std::string text(int row, int column) const { return std::string(view(row, column)); }
    [[nodiscard]] bool boolean(int row, int column) const noexcept { return view(row, column) == "t"; }
    /// 0 for NULL. Throws: Error{internal} where the text is no integer.
    [[nodiscard]] std::int64_t integer(int row, int column) const;
    /// The elements of a one-dimensional text[]; NULL elements are empty.
    [[nodiscard]] std::vector<std::string> array(int row, int column) const;

  private:
    PostgresqlResult m_result;
};

/// The elements of a one-dimensional array literal; NULL elements are empty.
std::vector<std::string> parse_array_literal(std::string_view literal);
/// A text[] literal of these elements.
std::string array_literal(const std::vector<std::string>& elements);

}  // namespace migrate::session
