#include "verify/schema_diff.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "model/expression_parser.hpp"
#include "model/sqlite_storage.hpp"
#include "util/ascii.hpp"
#include "verify/described_object.hpp"

namespace migrate::verify {
namespace {

using Kind = SchemaDifference::Kind;

/// What a literal says, whatever its casts; nullopt for any other expression.
std::optional<Expression> literal_of(const std::string& sql, Dialect dialect) {
    const model::ParseResult parsed = model::parse_expression(sql, dialect);
    if (!parsed) {
        return std::nullopt;
    }
    Expression at = *parsed.expression;
    while (at.is(ExpressionKind::cast)) {
        at = Expression(at.child(0));
    }
    const Expression inner = at.is(ExpressionKind::unary, Operator::minus) ? at.child(0) : at;
    switch (inner.kind()) {
        case ExpressionKind::null_literal:
        case ExpressionKind::boolean_literal:
        case ExpressionKind::integer_literal:
        case ExpressionKind::real_literal:
        case ExpressionKind::string_literal:
            return at;
        default:
            return std::nullopt;
    }
}

std::string spelled(const Expression& literal) {
    return literal.is(ExpressionKind::unary) ? "-" + literal.child(0)->text : literal->text;
}

std::optional<double> number_of(const std::string& text) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    return text.empty() || end != text.c_str() + text.size() ? std::nullopt : std::optional(value);
}

bool is_number(TypeKind kind) {
    return kind == TypeKind::int16 || kind == TypeKind::int32 || kind == TypeKind::int64 ||
           kind == TypeKind::decimal || kind == TypeKind::float32 || kind == TypeKind::float64;
}

class ColumnDiff {
  public:
    ColumnDiff(const SchemaPair& pair, const Table& expected_table, const Table& found_table,
               std::vector<SchemaDifference>& out)
        : m_pair(pair), m_expected(expected_table), m_found(found_table), m_out(out) {}

    void run(const Column& expected, const Column& found) {
        m_object = "table " + m_expected.name.display() + ", column " + expected.name;
        if (!same_type(expected, found)) {
            tell("type " + shown_type(expected), "type " + shown_type(found));
        }
        nullability(expected, found);
        defaults(expected, found);
        generated(expected, found);
        identity(expected, found);
        if (m_pair.found.engine != "json" && !same_collation(expected.collation, found.collation)) {
            tell(collation(expected), collation(found));
        }
        if (expected.comment != found.comment) {
            tell("comment \"" + expected.comment + "\"", "comment \"" + found.comment + "\"");
        }
    }

  private:
    void tell(std::string expected, std::string found) {
        m_out.push_back({Kind::changed, m_object, std::move(expected), std::move(found)});
    }

    static std::string shown_type(const Column& column) {
        return column.native_type.empty() ? "none" : column.native_type;
    }

    [[nodiscard]] bool same_type(const Column& a, const Column& b) const {
        if (util::equals_ignore_case(a.native_type, b.native_type)) {
            return true;
        }
        // SQLite's declarations are free text: what counts is how they treat values.
        const bool strict = m_found.properties.contains("strict");
        return m_pair.found.engine == "sqlite" &&
               model::affinity_of(a.native_type, strict) == model::affinity_of(b.native_type, strict);
    }

    static bool in_key(const Table& table, const std::string& column) {
        return table.primary_key &&
               std::find(table.primary_key->columns.begin(), table.primary_key->columns.end(), column) !=
                   table.primary_key->columns.end();
    }

    void nullability(const Column& a, const Column& b) {
        // A primary key says it as well, and engines differ in whether they repeat it.
        if (a.nullable == b.nullable || (in_key(m_expected, a.name) && in_key(m_found, b.name))) {
            return;
        }
        tell(a.nullable ? "NULL allowed" : "NOT NULL", b.nullable ? "NULL allowed" : "NOT NULL");
    }

    [[nodiscard]] std::optional<Expression> default_literal(const Column& column) const {
        const Dialect dialect = m_pair.found.engine == "sqlite" ? Dialect::sqlite : Dialect::postgresql;
        return column.default_sql ? literal_of(*column.default_sql, dialect) : std::nullopt;
    }

    void defaults(const Column& a, const Column& b) {
        const auto literal_a = default_literal(a);
        const auto literal_b = default_literal(b);
        const auto none = [](const Column& column, const std::optional<Expression>& literal) {
            return !column.default_sql || (literal && literal->is(ExpressionKind::null_literal));
        };
        const bool none_a = none(a, literal_a);
        const bool none_b = none(b, literal_b);
        bool same = none_a == none_b;
        if (!none_a && !none_b) {
            if (m_pair.same_spelling) {
                same = *a.default_sql == *b.default_sql;
            } else if (literal_a && literal_b) {
                same = same_literal(a, spelled(*literal_a), spelled(*literal_b));
            }
        }
        if (!same) {
            const auto shown = [](const Column& column) {
                return column.default_sql ? "DEFAULT " + *column.default_sql : std::string("no default");
            };
            tell(shown(a), shown(b));
        }
    }

    /// Engines print a literal in its type's own form, which is known of numbers and text only.
    static bool same_literal(const Column& column, const std::string& a, const std::string& b) {
        if (is_number(column.type.kind)) {
            const auto x = number_of(a);
            const auto y = number_of(b);
            return !x || !y || *x == *y;
        }
        return column.type.kind != TypeKind::text || a == b;
    }

    void generated(const Column& a, const Column& b) {
        const auto shown = [](const Column& column) {
            return column.generated ? "GENERATED AS (" + column.generated->expression + ")" +
                                          (column.generated->stored ? " STORED" : " VIRTUAL")
                                    : std::string("not generated");
        };
        const bool differs =
            a.generated.has_value() != b.generated.has_value() ||
            (a.generated && (a.generated->stored != b.generated->stored ||
                             (m_pair.same_spelling && a.generated->expression != b.generated->expression)));
        if (differs) {
            tell(shown(a), shown(b));
        }
    }

    static std::string shown_identity(const Column& column) {
        if (!column.identity) {
            return "no identity";
        }
        std::string out = "identity " + std::string(to_string(column.identity->kind));
        return column.identity->next ? out + ", next value " + std::to_string(*column.identity->next) : out;
    }

    static bool same_next(const IdentityValue& a, const IdentityValue& b) {
        // A rowid's next value is made of the rows that are there.
        if (!a.next || !b.next || *a.next == *b.next || b.kind == IdentityValue::Kind::rowid) {
            return true;
        }
        // SQLite counts rows that are there already, a sequence does not.
        return b.kind == IdentityValue::Kind::autoincrement && *b.next > *a.next;
    }

    void identity(const Column& a, const Column& b) {
        if (m_pair.found.engine == "json") {
            return;
        }
        bool same = a.identity.has_value() == b.identity.has_value();
        if (a.identity && b.identity) {
            same = a.identity->kind == b.identity->kind && a.identity->increment == b.identity->increment &&
                   same_next(*a.identity, *b.identity);
        }
        if (!same) {
            tell(shown_identity(a), shown_identity(b));
        }
    }

    static bool is_usual(const std::string& collation) {
        return collation.empty() || collation == "default" || util::equals_ignore_case(collation, "binary");
    }

    static bool same_collation(const std::string& a, const std::string& b) {
        return util::equals_ignore_case(a, b) || (is_usual(a) && is_usual(b));
    }

    static std::string collation(const Column& column) {
        return is_usual(column.collation) ? "no collation" : "collation " + column.collation;
    }

    const SchemaPair& m_pair;
    const Table& m_expected;
    const Table& m_found;
    std::vector<SchemaDifference>& m_out;
    std::string m_object;
};

void table_differences(const SchemaPair& pair, const Table& expected, const Table& found,
                       std::vector<SchemaDifference>& out) {
    ColumnDiff columns(pair, expected, found, out);
    for (const Column& column : expected.columns) {
        if (const Column* there = find_column_any_case(found, column.name); there != nullptr) {
            columns.run(column, *there);
        }
    }
    const std::string table = "table " + expected.name.display();
    if (expected.comment != found.comment) {
        out.push_back({Kind::changed, table, "comment \"" + expected.comment + "\"",
                       "comment \"" + found.comment + "\""});
    }
    const Dictionary words{&expected, &found, &pair.expected, &pair.counterparts};
    match_objects(table + ", ", describe_constraints(pair.expected, expected, words, pair.same_spelling),
                  describe_constraints(pair.found, found, {}, pair.same_spelling), pair.whole, out);
}

}  // namespace

std::vector<SchemaDifference> schema_differences(const SchemaPair& pair) {
    std::vector<SchemaDifference> out;
    for (std::size_t i = 0; i < pair.expected.tables.size(); ++i) {
        if (pair.counterparts[i] != nullptr) {
            table_differences(pair, pair.expected.tables[i], *pair.counterparts[i], out);
        }
    }
    match_objects({}, describe_objects(pair.expected, pair.same_spelling),
                  describe_objects(pair.found, pair.same_spelling), pair.whole, out);
    return out;
}

}  // namespace migrate::verify
