#include "session/postgresql_result.hpp"

#include <charconv>

#include <migrate/error.hpp>

namespace migrate::session {

std::int64_t PostgresqlRows::integer(int row, int column) const {
    const std::string_view value = view(row, column);
    if (value.empty()) {
        return 0;
    }
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (failure != std::errc{} || end != value.data() + value.size()) {
        throw Error(ErrorCode::internal, "A catalog query answered with something that is no integer.");
    }
    return number;
}

std::vector<std::string> PostgresqlRows::array(int row, int column) const {
    return parse_array_literal(view(row, column));
}

std::vector<std::string> parse_array_literal(std::string_view literal) {
    std::vector<std::string> elements;
    if (literal.size() < 2 || literal == "{}") {
        return elements;
    }
    std::string element;
    bool quoted = false;
    bool was_quoted = false;
    const auto finish = [&] {
        elements.push_back(!was_quoted && element == "NULL" ? std::string() : element);
        element.clear();
        was_quoted = false;
    };
    for (std::size_t i = 1; i + 1 < literal.size(); ++i) {
        const char c = literal[i];
        if (c == '\\') {
            element += literal[++i];
        } else if (c == '"') {
            quoted = !quoted;
            was_quoted = true;
        } else if (c == ',' && !quoted) {
            finish();
        } else {
            element += c;
        }
    }
    finish();
    return elements;
}

std::string array_literal(const std::vector<std::string>& elements) {
    std::string literal = "{";
    for (const std::string& element : elements) {
        if (literal.size() > 1) {
            literal += ',';
        }
        literal += '"';
        for (const char c : element) {
            if (c == '"' || c == '\\') {
                literal += '\\';
            }
            literal += c;
        }
        literal += '"';
    }
    return literal + "}";
}

}  // namespace migrate::session
