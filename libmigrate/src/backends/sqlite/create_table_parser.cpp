#include "backends/sqlite/create_table_parser.hpp"

#include <algorithm>
#include <utility>

#include "backends/sqlite/create_index_parser.hpp"
#include "backends/sqlite/reference_parser.hpp"
#include "model/expression_parser.hpp"
#include "model/sqlite_grammar.hpp"
#include "util/ascii.hpp"

namespace migrate::backends::sqlite {

namespace {

using model::SqliteGrammar;
using model::Token;
using model::TokenCursor;
using model::TokenKind;

class TableParser {
  public:
    explicit TableParser(std::string_view sql) : m_cursor(sql, Dialect::sqlite) {}
    TableParseResult run();

  private:
    void header();
    void body();
    void options();
    void column();
    bool column_constraint(ColumnDefinition& column);
    void default_value(ColumnDefinition& column);
    void generated(ColumnDefinition& column);
    void column_primary_key(const ColumnDefinition& column);
    bool table_constraint();
    void set_primary_key(KeyClause key);
    void resolve();

    std::string name() { return take_name(m_cursor); }
    std::string conflict();
    ExpressionText parenthesised();
    std::string take_constraint_name() { return std::exchange(m_constraint_name, {}); }

    TokenCursor m_cursor;
    TableDefinition m_table;
    std::string m_constraint_name;
};

TableParseResult TableParser::run() {
    header();
    body();
    options();
    m_cursor.accept_symbol(";");
    if (!m_cursor.at_end()) {
        m_cursor.fail("something follows the definition");
    }
    if (m_cursor.failed()) {
        return {std::nullopt, m_cursor.error()};
    }
    resolve();
    return {std::move(m_table), std::nullopt};
}

void TableParser::header() {
    m_cursor.expect_word("create");
    if (m_cursor.at_word("virtual")) {
        m_cursor.fail("a virtual table");
    }
    m_table.temporary = m_cursor.accept_word("temp") || m_cursor.accept_word("temporary");
    m_cursor.expect_word("table");
    m_cursor.accept_words({"if", "not", "exists"});
    m_table.name = name();
    if (m_cursor.accept_symbol(".")) {
        m_table.name = name();
    }
}

void TableParser::body() {
    m_cursor.expect_symbol("(");
    do {
        column();
        m_constraint_name.clear();
    } while (m_cursor.at_symbol(",") && SqliteGrammar::is_name(m_cursor.peek(1)) &&
             m_cursor.accept_symbol(","));
    if (m_cursor.accept_symbol(",")) {
        if (!table_constraint()) {
            m_cursor.fail("expected a column or a constraint");
        }
        // The comma between table constraints may be left out.
        m_cursor.accept_symbol(",");
        while (table_constraint()) {
            m_cursor.accept_symbol(",");
        }
    }
    m_cursor.expect_symbol(")");
}

void TableParser::options() {
    while (!m_cursor.at_end() && !m_cursor.at_symbol(";")) {
        if (m_cursor.accept_words({"without", "rowid"})) {
            m_table.without_rowid = true;
        } else if (m_cursor.accept_word("strict")) {
            m_table.strict = true;
        } else {
            m_cursor.fail("an unknown table option");
        }
        m_cursor.accept_symbol(",");
    }
}

std::string TableParser::conflict() {
    if (!m_cursor.accept_words({"on", "conflict"})) {
        return {};
    }
    std::string word = m_cursor.take().text;
    std::transform(word.begin(), word.end(), word.begin(), util::to_upper);
    return word;
}

ExpressionText TableParser::parenthesised() {
    m_cursor.expect_symbol("(");
    const std::size_t begin = m_cursor.peek().begin;
    for (int open = 0; !m_cursor.at_end(); m_cursor.take()) {
        if (open == 0 && m_cursor.at_symbol(")")) {
            break;
        }
        open += m_cursor.at_symbol("(") ? 1 : 0;
        open -= m_cursor.at_symbol(")") ? 1 : 0;
    }
    ExpressionText expression{m_cursor.text_since(begin), std::nullopt, ""};
    m_cursor.expect_symbol(")");
    return expression;
}

void TableParser::column() {
    ColumnDefinition column;
    column.name = name();
    const std::size_t begin = m_cursor.peek().begin;
    if (SqliteGrammar::is_name(m_cursor.peek()) &&
        !(m_cursor.at_word("generated") && m_cursor.at_word("always", 1))) {
        const Token first = m_cursor.peek();
        model::parse_sqlite_type_name(m_cursor);
        // SQLite takes the quotes off a type that begins with one, and drops what follows.
        column.type = first.kind == TokenKind::word ? m_cursor.text_since(begin) : first.text;
    }
    while (!m_cursor.failed() && column_constraint(column)) {
    }
    m_table.columns.push_back(std::move(column));
}

void TableParser::column_primary_key(const ColumnDefinition& column) {
    KeyClause key;
    key.name = take_constraint_name();
    KeyPart part;
    part.column = column.name;
    part.descending = m_cursor.accept_word("desc");
    m_cursor.accept_word("asc");
    key.parts.push_back(std::move(part));
    key.conflict = conflict();
    key.autoincrement = m_cursor.accept_word("autoincrement");
    set_primary_key(std::move(key));
}

void TableParser::set_primary_key(KeyClause key) {
    if (m_table.primary_key) {
        m_cursor.fail("a second primary key");
    }
    m_table.primary_key = std::move(key);
}

bool TableParser::column_constraint(ColumnDefinition& column) {
    if (m_cursor.accept_word("constraint")) {
        m_constraint_name = name();
        return true;
    }
    if (m_cursor.accept_word("default")) {
        default_value(column);
    } else if (m_cursor.accept_word("null")) {
        conflict();
    } else if (m_cursor.accept_words({"not", "null"})) {
        column.not_null = true;
        column.not_null_conflict = conflict();
    } else if (m_cursor.accept_words({"primary", "key"})) {
        column_primary_key(column);
    } else if (m_cursor.accept_word("unique")) {
        KeyClause key{take_constraint_name(), {}, "", false};
        key.parts.push_back({column.name, {}, "", false});
        key.conflict = conflict();
        m_table.unique_keys.push_back(std::move(key));
    } else if (m_cursor.accept_word("check")) {
        m_table.checks.push_back({take_constraint_name(), parenthesised()});
    } else if (m_cursor.accept_word("references")) {
        ReferenceClause reference;
        reference.name = take_constraint_name();
        reference.columns = {column.name};
        parse_reference(m_cursor, reference);
        m_table.foreign_keys.push_back(std::move(reference));
    } else if (m_cursor.accept_word("collate")) {
        column.collation = name();
    } else if (m_cursor.accept_words({"generated", "always", "as"}) || m_cursor.accept_word("as")) {
        generated(column);
    } else if (m_cursor.at_word("deferrable") ||
               (m_cursor.at_word("not") && m_cursor.at_word("deferrable", 1))) {
        // It belongs to the REFERENCES before it, with other constraints between.
        ReferenceClause none;
        parse_deferral(m_cursor, m_table.foreign_keys.empty() ? none : m_table.foreign_keys.back());
    } else {
        return false;
    }
    m_constraint_name.clear();
    return true;
}

void TableParser::default_value(ColumnDefinition& column) {
    DefaultClause clause;
    if (m_cursor.at_symbol("(")) {
        clause.parenthesised = true;
        clause.expression = parenthesised();
        column.default_value = std::move(clause);
        return;
    }
    const std::size_t begin = m_cursor.peek().begin;
    const bool is_signed = m_cursor.accept_symbol("-") || m_cursor.accept_symbol("+");
    const Token token = m_cursor.peek();
    const bool word = token.kind == TokenKind::word || token.kind == TokenKind::double_quoted ||
                      token.kind == TokenKind::quoted;
    const std::string lower = util::lower_ascii(token.text);
    const bool literal_word =
        token.kind == TokenKind::word &&
        (lower == "null" || lower == "true" || lower == "false" || lower == "current_date" ||
         lower == "current_time" || lower == "current_timestamp");
    m_cursor.take();
    if (token.kind == TokenKind::symbol || token.kind == TokenKind::end ||
        (word && !literal_word && (is_signed || !SqliteGrammar::is_name(token)))) {
        m_cursor.fail("expected a default");
    }
    clause.expression.text = m_cursor.text_since(begin);
    if (word && !literal_word) {
        clause.expression.tree = Expression::string(token.text);  // A bare name is a string here.
    }
    column.default_value = std::move(clause);
}

void TableParser::generated(ColumnDefinition& column) {
    GeneratedClause clause;
    clause.expression = parenthesised();
    if (m_cursor.accept_word("stored")) {
        clause.stored = true;
    } else {
        m_cursor.accept_word("virtual");
    }
    column.generated = std::move(clause);
}

bool TableParser::table_constraint() {
    if (m_cursor.accept_word("constraint")) {
        m_constraint_name = name();
    } else if (m_cursor.accept_words({"primary", "key"})) {
        KeyClause key;
        key.name = take_constraint_name();
        key.parts = parse_key_parts(m_cursor);
        key.autoincrement = m_cursor.accept_word("autoincrement");
        m_cursor.expect_symbol(")");
        key.conflict = conflict();
        set_primary_key(std::move(key));
    } else if (m_cursor.accept_word("unique")) {
        KeyClause key;
        key.name = take_constraint_name();
        key.parts = parse_key_parts(m_cursor);
        m_cursor.expect_symbol(")");
        key.conflict = conflict();
        m_table.unique_keys.push_back(std::move(key));
    } else if (m_cursor.accept_word("check")) {
        m_table.checks.push_back({take_constraint_name(), parenthesised()});
        conflict();
    } else if (m_cursor.accept_words({"foreign", "key"})) {
        ReferenceClause reference;
        reference.name = take_constraint_name();
        reference.columns = parse_name_list(m_cursor);
        m_cursor.expect_word("references");
        parse_reference(m_cursor, reference);
        m_table.foreign_keys.push_back(std::move(reference));
    } else {
        return false;
    }
    return !m_cursor.failed();
}

void TableParser::resolve() {
    const auto is_column = [this](std::string_view column) { return m_table.find_column(column) != nullptr; };
    const auto never = [](std::string_view) { return false; };
    for (ColumnDefinition& column : m_table.columns) {
        if (column.default_value && !column.default_value->expression.tree) {
            resolve_expression(column.default_value->expression, never);
        }
        if (column.generated) {
            resolve_expression(column.generated->expression, is_column);
        }
    }
    for (CheckClause& check : m_table.checks) {
        resolve_expression(check.expression, is_column);
    }
    const auto resolve_parts = [&](KeyClause& key) {
        for (KeyPart& part : key.parts) {
            if (part.column.empty()) {
                resolve_key_part(part, is_column);
            }
        }
    };
    if (m_table.primary_key) {
        resolve_parts(*m_table.primary_key);
    }
    std::for_each(m_table.unique_keys.begin(), m_table.unique_keys.end(), resolve_parts);
}

}  // namespace

const ColumnDefinition* TableDefinition::find_column(std::string_view column) const noexcept {
    const auto found =
        std::find_if(columns.begin(), columns.end(), [column](const ColumnDefinition& candidate) {
            return util::equals_ignore_case(candidate.name, column);
        });
    return found == columns.end() ? nullptr : &*found;
}

TableParseResult parse_create_table(std::string_view sql) {
    return TableParser(sql).run();
}

}  // namespace migrate::backends::sqlite
