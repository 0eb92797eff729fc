#include "model/expression_printer.hpp"

#include <algorithm>

#include "model/postgresql_grammar.hpp"
#include "model/sqlite_grammar.hpp"
#include "util/hex.hpp"

namespace migrate::model {

namespace {

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return text;
}

std::string quoted_with(std::string_view text, char quote) {
    std::string out(1, quote);
    for (const char c : text) {
        out.append(c == quote ? 2 : 1, c);
    }
    out.push_back(quote);
    return out;
}

bool is_plain_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }) && !(name[0] >= '0' && name[0] <= '9');
}

class Printer {
  public:
    explicit Printer(Dialect dialect) : m_dialect(dialect) {}

    std::string print(const Expression& e) const;

  private:
    [[nodiscard]] bool sqlite() const { return m_dialect == Dialect::sqlite; }
    [[nodiscard]] std::string operand(const Expression& e) const;
    [[nodiscard]] std::string list(const Expression& e, std::size_t first) const;
    [[nodiscard]] std::string literal(const ExpressionNode& n) const;
    [[nodiscard]] std::string unary(const Expression& e) const;
    [[nodiscard]] std::string binary(const Expression& e) const;
    [[nodiscard]] std::string pattern(const Expression& e) const;
    [[nodiscard]] std::string case_when(const Expression& e) const;
    [[nodiscard]] std::string call(const Expression& e) const;
    [[nodiscard]] std::string qualified(const std::string& qualifier, const std::string& name) const {
        return qualifier.empty() ? quote_name(name) : quote_name(qualifier) + "." + quote_name(name);
    }

    Dialect m_dialect;
};

std::string Printer::operand(const Expression& e) const {
    switch (e.kind()) {
        case ExpressionKind::unary:
        case ExpressionKind::binary:
        case ExpressionKind::pattern:
        case ExpressionKind::in_list:
        case ExpressionKind::between:
        case ExpressionKind::quantified:
        case ExpressionKind::collate:
            return "(" + print(e) + ")";
        default:
            return print(e);
    }
}

std::string Printer::list(const Expression& e, std::size_t first) const {
    std::string out;
    for (std::size_t i = first; i < e.children().size(); ++i) {
        out += (i == first ? "" : ", ") + print(e.child(i));
    }
    return out;
}

std::string Printer::literal(const ExpressionNode& n) const {
    switch (n.kind) {
        case ExpressionKind::null_literal:
            return "NULL";
        case ExpressionKind::boolean_literal:
            return upper(n.text);
        case ExpressionKind::string_literal:
            return quote_text(n.text, m_dialect);
        case ExpressionKind::blob_literal:
            return sqlite() ? "x'" + util::to_hex(n.text) + "'" : "'\\x" + util::to_hex(n.text) + "'::bytea";
        default:
            return n.text;
    }
}

std::string Printer::unary(const Expression& e) const {
    const std::string inner = operand(e.child(0));
    switch (e->op) {
        case Operator::plus:
            return "+" + inner;
        case Operator::minus:
            return "-" + inner;
        case Operator::bit_not:
            return "~" + inner;
        case Operator::logical_not:
            return "NOT " + inner;
        case Operator::is_null:
            return inner + " IS NULL";
        case Operator::is_not_null:
            return inner + " IS NOT NULL";
        case Operator::is_true:
            return inner + " IS TRUE";
        case Operator::is_not_true:
            return inner + " IS NOT TRUE";
        case Operator::is_false:
            return inner + " IS FALSE";
        default:
            return inner + " IS NOT FALSE";
    }
}

std::string Printer::binary(const Expression& e) const {
    const std::string_view spelled = e->op == Operator::other ? e->text : operator_text(e->op, m_dialect);
    // Long chains of AND and OR stay flat: SQLite's parser has a stack of a hundred levels.
    const bool chain = (e->op == Operator::logical_and || e->op == Operator::logical_or) &&
                       e.child(0).is(ExpressionKind::binary, e->op);
    std::string out = (chain ? print(e.child(0)) : operand(e.child(0))) + " " + std::string(spelled) + " ";
    if (e.is(ExpressionKind::quantified)) {
        return out + upper(e->text) + " (" + print(e.child(1)) + ")";
    }
    return out + operand(e.child(1));
}

std::string Printer::pattern(const Expression& e) const {
    std::string out = operand(e.child(0)) + (e->negated ? " NOT " : " ") +
                      std::string(operator_text(e->op, m_dialect)) + " " + operand(e.child(1));
    return e.children().size() > 2 ? out + " ESCAPE " + operand(e.child(2)) : out;
}

std::string Printer::case_when(const Expression& e) const {
    std::string out = "CASE";
    std::size_t at = 0;
    if (e->has_operand) {
        out += " " + operand(e.child(at++));
    }
    const std::size_t end = e.children().size() - (e->has_else ? 1 : 0);
    for (; at + 1 < end; at += 2) {
        out += " WHEN " + operand(e.child(at)) + " THEN " + operand(e.child(at + 1));
    }
    return out + (e->has_else ? " ELSE " + operand(e.children().back()) : "") + " END";
}

std::string Printer::call(const Expression& e) const {
    const ExpressionNode& n = e.node();
    if (!sqlite() && n.qualifier.empty() && n.text == "extract" && e.children().size() == 2) {
        return "EXTRACT(" + e.child(0)->text + " FROM " + print(e.child(1)) + ")";
    }
    std::string name = is_plain_name(n.text) ? n.text : quote_name(n.text);
    if (!n.qualifier.empty()) {
        name = quote_name(n.qualifier) + "." + name;
    }
    return name + "(" + (n.star ? "*" : n.distinct ? "DISTINCT " : "") + list(e, 0) + ")";
}

std::string Printer::print(const Expression& e) const {
    const ExpressionNode& n = e.node();
    switch (n.kind) {
        case ExpressionKind::column:
            return qualified(n.qualifier, n.text);
        case ExpressionKind::unary:
            return unary(e);
        case ExpressionKind::binary:
        case ExpressionKind::quantified:
            return binary(e);
        case ExpressionKind::pattern:
            return pattern(e);
        case ExpressionKind::in_list:
            return operand(e.child(0)) + (n.negated ? " NOT IN (" : " IN (") + list(e, 1) + ")";
        case ExpressionKind::between:
            return operand(e.child(0)) + (n.negated ? " NOT BETWEEN " : " BETWEEN ") + operand(e.child(1)) +
                   " AND " + operand(e.child(2));
        case ExpressionKind::case_when:
            return case_when(e);
        case ExpressionKind::cast:
            return "CAST(" + print(e.child(0)) + " AS " + print_type_name(n.type, m_dialect) + ")";
        case ExpressionKind::collate:
            return operand(e.child(0)) + " COLLATE " + qualified(n.qualifier, n.text);
        case ExpressionKind::function:
            return call(e);
        case ExpressionKind::keyword_value:
            return upper(n.text) + (n.children.empty() ? "" : "(" + list(e, 0) + ")");
        case ExpressionKind::array:
            return "ARRAY[" + list(e, 0) + "]";
        default:
            return literal(n);
    }
}

}  // namespace

std::string print_expression(const Expression& expression, Dialect dialect) {
    return Printer(dialect).print(expression);
}

std::string quote_name(std::string_view name) {
    return quoted_with(name, '"');
}

std::string quote_text(std::string_view text, Dialect dialect) {
    if (dialect == Dialect::sqlite || text.find('\\') == std::string_view::npos) {
        return quoted_with(text, '\'');
    }
    std::string doubled;
    for (const char c : text) {
        doubled.append(c == '\\' ? 2 : 1, c);
    }
    return "E" + quoted_with(doubled, '\'');
}

// Whether a type's name, without quotes, is read as that name again.
static bool reads_as_itself(const std::string& name, Dialect dialect) {
    TokenCursor cursor(name, dialect);
    const bool sqlite = dialect == Dialect::sqlite;
    const TypeName type = sqlite ? parse_sqlite_type_name(cursor) : parse_postgresql_type_name(cursor);
    return !cursor.failed() && cursor.at_end() && type.name == name && type.schema.empty() &&
           type.array_dimensions == 0 &&
           (!sqlite || cursor.sql().find_first_of("\"'`[") == std::string::npos);
}

std::string print_type_name(const TypeName& type, Dialect dialect) {
    std::string arguments;
    for (const std::string& argument : type.arguments) {
        arguments += (arguments.empty() ? "" : ",") + argument;
    }
    arguments = arguments.empty() ? "" : "(" + arguments + ")";
    if (dialect == Dialect::sqlite) {
        return (reads_as_itself(type.name, dialect) ? type.name : quote_name(type.name)) + arguments;
    }
    std::string out = type.name;
    const std::size_t zone = out.find(" with");
    const bool builtin = type.schema.empty() && reads_as_itself(out, dialect);
    if (builtin && zone != std::string::npos && !arguments.empty()) {
        out.insert(zone, arguments);
        arguments.clear();
    } else if (out == "bit" && arguments.empty()) {
        out = "\"bit\"";
    } else if (out == "character" && arguments.empty()) {
        out = "bpchar";
    } else if (!builtin && (type.schema.empty() || !is_plain_name(out))) {
        out = quote_name(out);
    }
    out = (type.schema.empty() ? "" : quote_name(type.schema) + ".") + out + arguments;
    for (int i = 0; i < type.array_dimensions; ++i) {
        out += "[]";
    }
    return out;
}

std::string_view operator_text(Operator op, Dialect dialect) {
    const bool sqlite = dialect == Dialect::sqlite;
    switch (op) {
        case Operator::logical_or:
            return "OR";
        case Operator::logical_and:
            return "AND";
        case Operator::eq:
            return "=";
        case Operator::ne:
            return "<>";
        case Operator::lt:
            return "<";
        case Operator::le:
            return "<=";
        case Operator::gt:
            return ">";
        case Operator::ge:
            return ">=";
        case Operator::is_not_distinct:
            return sqlite ? "IS" : "IS NOT DISTINCT FROM";
        case Operator::is_distinct:
            return sqlite ? "IS NOT" : "IS DISTINCT FROM";
        case Operator::add:
            return "+";
        case Operator::sub:
            return "-";
        case Operator::mul:
            return "*";
        case Operator::div:
            return "/";
        case Operator::mod:
            return "%";
        case Operator::concat:
            return "||";
        case Operator::bit_and:
            return "&";
        case Operator::bit_or:
            return "|";
        case Operator::bit_xor:
            return "#";
        case Operator::shift_left:
            return "<<";
        case Operator::shift_right:
            return ">>";
        case Operator::power:
            return "^";
        case Operator::json_get:
            return "->";
        case Operator::json_get_text:
            return "->>";
        case Operator::at_time_zone:
            return "AT TIME ZONE";
        case Operator::regex:
            return sqlite ? "REGEXP" : "~";
        case Operator::regex_nocase:
            return "~*";
        case Operator::not_regex:
            return "!~";
        case Operator::not_regex_nocase:
            return "!~*";
        case Operator::match:
            return "MATCH";
        case Operator::like:
            return "LIKE";
        case Operator::ilike:
            return "ILIKE";
        case Operator::glob:
            return "GLOB";
        case Operator::similar:
            return "SIMILAR TO";
        default:
            return "";
    }
}

}  // namespace migrate::model
