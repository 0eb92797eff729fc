#include "model/select_parser.hpp"

#include <utility>

#include "model/expression_parser.hpp"
#include "model/sqlite_grammar.hpp"
#include "util/ascii.hpp"

namespace migrate::model {
namespace {

/// Subqueries within subqueries; each takes a few stack frames.
constexpr int k_max_queries = 50;

class SelectParser {
  public:
    explicit SelectParser(std::string_view sql) : m_cursor(sql, Dialect::sqlite) {}

    ViewParseResult view() {
        ViewDefinition view;
        m_cursor.expect_word("create");
        if (!m_cursor.accept_word("temp")) {
            m_cursor.accept_word("temporary");
        }
        m_cursor.expect_word("view");
        m_cursor.accept_words({"if", "not", "exists"});
        view.name = name();
        if (m_cursor.accept_symbol(".")) {
            view.name = name();
        }
        view.columns = name_list();
        m_cursor.expect_word("as");
        view.query = select();
        m_cursor.accept_symbol(";");
        if (!m_cursor.at_end()) {
            m_cursor.fail("something follows the query");
        }
        if (m_cursor.failed()) {
            return {std::nullopt, m_cursor.error()};
        }
        return {std::move(view), std::nullopt};
    }

  private:
    std::string name() {
        const Token token = m_cursor.take();
        if (!SqliteGrammar::is_name(token)) {
            m_cursor.fail("expected a name");
        }
        return token.text;
    }

    /// In parentheses; empty where there are none.
    std::vector<std::string> name_list() {
        std::vector<std::string> names;
        if (m_cursor.accept_symbol("(")) {
            do {
                names.push_back(name());
            } while (m_cursor.accept_symbol(","));
            m_cursor.expect_symbol(")");
        }
        return names;
    }

    Expression expression() { return parse_expression_at(m_cursor, m_options); }

    SelectStatement select() {
        SelectStatement out;
        if (++m_queries > k_max_queries) {
            m_cursor.fail("queries nested too deeply");
            return out;
        }
        if (m_cursor.accept_word("with")) {
            common_tables(out);
        }
        out.cores.push_back(core());
        while (const std::optional<CompoundOperator> op = compound_operator()) {
            out.operators.push_back(*op);
            out.cores.push_back(core());
        }
        if (m_cursor.accept_words({"order", "by"})) {
            do {
                out.order_by.push_back(order_term());
            } while (m_cursor.accept_symbol(","));
        }
        if (m_cursor.accept_word("limit")) {
            out.limited = true;
            expression();
            if (m_cursor.accept_word("offset") || m_cursor.accept_symbol(",")) {
                expression();
            }
        }
        --m_queries;
        return out;
    }

    void common_tables(SelectStatement& out) {
        if (m_cursor.at_word("recursive")) {
            m_cursor.fail("a recursive query");
        }
        do {
            CommonTable table;
            table.name = name();
            table.columns = name_list();
            m_cursor.expect_word("as");
            m_cursor.accept_word("not");
            m_cursor.accept_word("materialized");
            m_cursor.expect_symbol("(");
            table.query = std::make_shared<const SelectStatement>(select());
            m_cursor.expect_symbol(")");
            out.with.push_back(std::move(table));
        } while (m_cursor.accept_symbol(","));
    }

    std::optional<CompoundOperator> compound_operator() {
        if (m_cursor.accept_word("union")) {
            return m_cursor.accept_word("all") ? CompoundOperator::union_all
                                               : CompoundOperator::union_distinct;
        }
        if (m_cursor.accept_word("intersect")) {
            return CompoundOperator::intersect;
        }
        return m_cursor.accept_word("except") ? std::optional(CompoundOperator::except) : std::nullopt;
    }

    OrderTerm order_term() {
        OrderTerm term;
        term.expression = expression();
        term.descending = m_cursor.accept_word("desc");
        if (!term.descending) {
            m_cursor.accept_word("asc");
        }
        if (m_cursor.accept_words({"nulls", "first"})) {
            term.nulls_first = true;
        } else if (m_cursor.accept_words({"nulls", "last"})) {
            term.nulls_first = false;
        }
        return term;
    }

    SelectCore core() {
        SelectCore out;
        if (m_cursor.at_word("values")) {
            m_cursor.fail("a VALUES list");
        }
        m_cursor.expect_word("select");
        out.distinct = m_cursor.accept_word("distinct");
        if (!out.distinct) {
            m_cursor.accept_word("all");
        }
        do {
            out.columns.push_back(result_column());
        } while (m_cursor.accept_symbol(","));
        if (m_cursor.accept_word("from")) {
            from(out.from);
        }
        if (m_cursor.accept_word("where")) {
            out.where = expression();
        }
        if (m_cursor.accept_words({"group", "by"})) {
            do {
                out.group_by.push_back(expression());
            } while (m_cursor.accept_symbol(","));
        }
        if (m_cursor.accept_word("having")) {
            out.having = expression();
        }
        if (m_cursor.at_word("window")) {
            m_cursor.fail("a window");
        }
        return out;
    }

    ResultColumn result_column() {
        ResultColumn column;
        if (m_cursor.accept_symbol("*")) {
            column.star = true;
            return column;
        }
        if (SqliteGrammar::is_name(m_cursor.peek()) && m_cursor.at_symbol(".", 1) &&
            m_cursor.at_symbol("*", 2)) {
            column.star = true;
            column.star_table = name();
            m_cursor.take();
            m_cursor.take();
            return column;
        }
        column.expression = expression();
        if (m_cursor.accept_word("as") || (SqliteGrammar::is_name(m_cursor.peek()) && !at_clause())) {
            column.alias = name();
        }
        return column;
    }

    /// Words that go on with the query though they may be names elsewhere.
    [[nodiscard]] bool at_clause() const {
        for (const std::string_view word :
             {"cross", "natural", "left", "right", "full", "inner", "outer", "window", "indexed"}) {
            if (m_cursor.at_word(word)) {
                return true;
            }
        }
        return false;
    }

    void from(std::vector<FromTerm>& terms) {
        terms.push_back(term(JoinKind::first));
        while (const std::optional<JoinKind> join = join_operator()) {
            terms.push_back(term(*join));
            FromTerm& added = terms.back();
            if (m_cursor.accept_word("on")) {
                added.on = expression();
            } else if (m_cursor.accept_word("using")) {
                added.using_columns = name_list();
            }
        }
    }

    std::optional<JoinKind> join_operator() {
        if (m_cursor.accept_symbol(",") || m_cursor.accept_words({"cross", "join"})) {
            return JoinKind::cross;
        }
        if (m_cursor.at_word("natural")) {
            m_cursor.fail("a natural join");
        }
        JoinKind kind = JoinKind::inner;
        bool named = true;
        if (m_cursor.accept_word("left")) {
            kind = JoinKind::left;
        } else if (m_cursor.accept_word("right")) {
            kind = JoinKind::right;
        } else if (m_cursor.accept_word("full")) {
            kind = JoinKind::full;
        } else {
            named = m_cursor.accept_word("inner");
        }
        if (named && kind != JoinKind::inner) {
            m_cursor.accept_word("outer");
        }
        if (!named && !m_cursor.at_word("join")) {
            return std::nullopt;
        }
        m_cursor.expect_word("join");
        return m_cursor.failed() ? std::nullopt : std::optional(kind);
    }

    FromTerm term(JoinKind join) {
        FromTerm out;
        out.join = join;
        if (m_cursor.accept_symbol("(")) {
            if (!m_cursor.at_word("select") && !m_cursor.at_word("with")) {
                m_cursor.fail("a join in parentheses");
                return out;
            }
            out.subquery = std::make_shared<const SelectStatement>(select());
            m_cursor.expect_symbol(")");
        } else {
            out.name = name();
            if (m_cursor.accept_symbol(".")) {
                out.schema = std::exchange(out.name, name());
            }
            if (m_cursor.at_symbol("(")) {
                m_cursor.fail("a table made by a function");
            }
        }
        if (m_cursor.accept_word("as") || (SqliteGrammar::is_name(m_cursor.peek()) && !at_clause())) {
            out.alias = name();
        }
        if (m_cursor.at_word("indexed") || (m_cursor.at_word("not") && m_cursor.at_word("indexed", 1))) {
            m_cursor.fail("INDEXED BY");
        }
        return out;
    }

    TokenCursor m_cursor;
    ParseOptions m_options;
    int m_queries = 0;
};

}  // namespace

ViewParseResult parse_sqlite_view(std::string_view sql) {
    return SelectParser(sql).view();
}

}  // namespace migrate::model
