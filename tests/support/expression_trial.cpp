#include "support/expression_trial.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "util/ascii.hpp"

namespace migrate::test {

namespace {

template <typename Rows>
std::vector<std::string> first_column(const Rows& rows) {
    std::vector<std::string> out;
    out.reserve(rows.size());
    for (const auto& row : rows) {
        out.push_back(row.at(0).value_or("∅"));
    }
    return out;
}

template <typename Rows>
std::string letters(const Rows& rows) {
    std::string out;
    for (const auto& row : rows) {
        out += row.at(0).value_or("?");
    }
    return out;
}

}  // namespace

std::string one_spelling(const std::string& real) {
    const double value = std::strtod(real.c_str(), nullptr);
    std::array<char, 40> text{};
    for (int digits = 15; digits <= 17; ++digits) {
        std::snprintf(text.data(), text.size(), "%.*g", digits, value);
        if (std::strtod(text.data(), nullptr) == value) {
            break;
        }
    }
    return text.data();
}

TrialColumn trial_column(std::string name, LogicalType type, std::string sqlite_type, std::string format,
                         std::string postgresql_type,
                         std::vector<std::pair<std::string, std::string>> values) {
    TrialColumn column;
    column.sqlite.name = name;
    column.sqlite.native_type = std::move(sqlite_type);
    column.sqlite.type = type;
    column.sqlite.format = std::move(format);
    column.postgresql.name = std::move(name);
    column.postgresql.native_type = std::move(postgresql_type);
    column.postgresql.type = std::move(type);
    column.values = std::move(values);
    return column;
}

ExpressionTrial::ExpressionTrial(std::vector<TrialColumn> columns, PgConnection& server, int rows,
                                 Random& random)
    : m_columns(std::move(columns)), m_sqlite(":memory:"), m_server(server) {
    std::string sqlite = "CREATE TABLE trial(nr INTEGER PRIMARY KEY";
    std::string postgresql = "CREATE TEMP TABLE trial(nr bigint PRIMARY KEY";
    for (const TrialColumn& column : m_columns) {
        const std::string& collation = column.sqlite.collation;
        const std::string& theirs = column.postgresql.collation;
        sqlite += ", \"" + column.sqlite.name + "\" " + column.sqlite.native_type +
                  (collation.empty() ? "" : " COLLATE " + collation);
        postgresql += ", \"" + column.postgresql.name + "\" " + column.postgresql.native_type +
                      (theirs.empty() ? "" : " COLLATE \"" + theirs + "\"");
    }
    m_sqlite.exec(sqlite + ")");
    m_server.exec("DROP TABLE IF EXISTS trial");
    m_server.exec(postgresql + ")");
    for (int row = 0; row < rows; ++row) {
        sqlite = "INSERT INTO trial VALUES (" + std::to_string(row);
        postgresql = sqlite;
        for (const TrialColumn& column : m_columns) {
            const bool null = column.sqlite.nullable && random.chance(15);
            const auto last = static_cast<std::int64_t>(column.values.size()) - 1;
            const auto& value = column.values.at(static_cast<std::size_t>(random.between(0, last)));
            sqlite += ", " + (null ? "NULL" : value.first);
            postgresql += ", " + (null ? "NULL" : value.second);
        }
        m_sqlite.exec(sqlite + ")");
        m_server.exec(postgresql + ")");
    }
}

model::RenderContext ExpressionTrial::context(Dialect source, model::ExpressionUse use) const {
    model::RenderContext context;
    context.source = source;
    context.use = use;
    context.column = [this, source](std::string_view name) -> std::optional<model::ColumnPair> {
        for (const TrialColumn& column : m_columns) {
            if (util::equals_ignore_case(column.sqlite.name, name)) {
                return source == Dialect::sqlite ? model::ColumnPair{&column.sqlite, &column.postgresql}
                                                 : model::ColumnPair{&column.postgresql, &column.sqlite};
            }
        }
        return std::nullopt;
    };
    return context;
}

std::string ExpressionTrial::sqlite_truths(const std::string& condition) {
    return letters(m_sqlite.query("SELECT CASE WHEN (" + condition + ") IS NULL THEN 'n' WHEN (" + condition +
                                  ") THEN 't' ELSE 'f' END FROM trial ORDER BY nr"));
}

std::string ExpressionTrial::postgresql_truths(const std::string& condition) {
    return letters(m_server.query("SELECT CASE WHEN (" + condition + ") IS NULL THEN 'n' WHEN (" + condition +
                                  ") THEN 't' ELSE 'f' END FROM trial ORDER BY nr"));
}

std::vector<std::string> ExpressionTrial::sqlite_texts(const std::string& expression) {
    return first_column(m_sqlite.query("SELECT " + expression + " FROM trial ORDER BY nr"));
}

std::vector<std::string> ExpressionTrial::sqlite_stored(const std::string& expression,
                                                        const std::string& declared) {
    m_sqlite.exec("DROP TABLE IF EXISTS stored; CREATE TABLE stored(nr INTEGER PRIMARY KEY, v " + declared +
                  "); INSERT INTO stored SELECT nr, " + expression + " FROM trial");
    std::vector<std::string> out =
        first_column(m_sqlite.query("SELECT typeof(v) || ' ' || CASE typeof(v) WHEN 'blob' THEN hex(v) WHEN "
                                    "'real' THEN printf('%!.17g', v) "
                                    "ELSE v END FROM stored ORDER BY nr"));
    for (std::string& text : out) {
        if (text.starts_with("real ")) {
            text = "real " + one_spelling(text.substr(5));
        }
    }
    return out;
}

std::vector<std::string> ExpressionTrial::postgresql_texts(const std::string& expression) {
    return first_column(m_server.query("SELECT (" + expression + ")::text FROM trial ORDER BY nr"));
}

}  // namespace migrate::test
