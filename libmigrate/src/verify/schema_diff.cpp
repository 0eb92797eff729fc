#include "verify/schema_diff.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "model/array_cast.hpp"
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
        if (m_pair.found.engine == "postgresql" && expected.name != found.name) {
            tell("this name", "column " + found.name);
        }
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
                same = model::settle_array_casts(*a.default_sql) == model::settle_array_casts(*b.default_sql);
            } else if (literal_a && literal_b) {
                same = same_literal(a, spelled(*literal_a), spelled(*literal_b));
            } else {
                same = !literal_a && !literal_b;
            }
        }
        if (!same) {
            const auto shown = [](const Column& column) {
                return column.default_sql ? "DEFAULT " + *column.default_sql : std::string("no default");
            };
            tell(shown(a), shown(b));
        }
    }

    /// Engines print a literal in its type's own form, which is known of numbers, words and days only.
    static bool same_literal(const Column& column, const std::string& a, const std::string& b) {
        if (a == b) {
            return true;
        }
        if (is_number(column.type.kind)) {
            const auto x = number_of(a);
            const auto y = number_of(b);
            return !x || !y || (*x == *y && !(is_whole(a) && is_whole(b)));
        }
        if (column.type.kind == TypeKind::boolean) {
            return !is_word(a) || !is_word(b);
        }
        return column.type.kind != TypeKind::text && !(is_day(a) && is_day(b));
    }

    /// Spelled as every engine prints it, so that two spellings are two numbers.
    static bool is_whole(const std::string& text) {
        const std::size_t first = text.starts_with("-") ? 1 : 0;
        return text.size() > first && text.find_first_not_of("0123456789", first) == std::string::npos &&
               text[first] != '0';
    }

    static bool is_word(const std::string& text) { return text == "true" || text == "false"; }

    static bool is_day(const std::string& text) {
        return text.size() == 10 && text[4] == '-' && text[7] == '-' &&
               text.find_first_not_of("0123456789-") == std::string::npos;
    }

    void generated(const Column& a, const Column& b) {
        const auto shown = [](const Column& column) {
            return column.generated ? "GENERATED AS (" + column.generated->expression + ")" +
                                          (column.generated->stored ? " STORED" : " VIRTUAL")
                                    : std::string("not generated");
        };
        const bool differs =
            a.generated.has_value() != b.generated.has_value() ||
            (a.generated &&
             (a.generated->stored != b.generated->stored ||
              (m_pair.same_spelling && model::settle_array_casts(a.generated->expression) !=
                                           model::settle_array_casts(b.generated->expression))));
        if (differs) {
            tell(shown(a), shown(b));
        }
    }

    static std::string shown_identity(const Column& column) {
        if (!column.identity) {
            return "no identity";
        }
        std::string out = "identity " + std::string(to_string(column.identity->kind));
        const auto add = [&out](const char* what, const std::optional<std::int64_t>& value) {
            out += value ? what + std::to_string(*value) : std::string();
        };
        add(", next value ", column.identity->next);
        add(", minimum ", column.identity->minimum);
        add(", maximum ", column.identity->maximum);
        return out + (column.identity->cycle ? ", cycling" : "");
    }

    [[nodiscard]] bool same_next(const IdentityValue& a, const IdentityValue& b) const {
        // A rowid's next value is made of the rows that are there.
        if (!a.next || !b.next || *a.next == *b.next || b.kind == IdentityValue::Kind::rowid) {
            return true;
        }
        // SQLite counts rows that are there already, a sequence does not.
        return !m_pair.same_spelling && b.kind == IdentityValue::Kind::autoincrement && *b.next > *a.next;
    }

    static bool same_bounds(const IdentityValue& a, const IdentityValue& b) {
        const auto same = [](const std::optional<std::int64_t>& x, const std::optional<std::int64_t>& y) {
            return !x || !y || *x == *y;
        };
        return a.increment == b.increment && same(a.minimum, b.minimum) && same(a.maximum, b.maximum) &&
               a.cycle == b.cycle;
    }

    void identity(const Column& a, const Column& b) {
        if (m_pair.found.engine == "json") {
            return;
        }
        bool same = a.identity.has_value() == b.identity.has_value();
        if (a.identity && b.identity) {
            same = a.identity->kind == b.identity->kind && same_bounds(*a.identity, *b.identity) &&
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

/// Of Table::properties: that an engine has it, or what it says of it.
void table_fact(const Table& expected, const Table& found, const std::string& fact,
                std::vector<SchemaDifference>& out) {
    const auto said = [&fact](const Table& table) {
        const auto it = table.properties.find(fact);
        return it == table.properties.end() ? std::string("none") : it->second;
    };
    if (said(expected) != said(found)) {
        out.push_back(
            {Kind::changed, "table " + expected.name.display() + ", " + fact, said(expected), said(found)});
    }
}

/// Takes the foreign keys out of a list.
std::vector<DescribedObject> take_foreign_keys(std::vector<DescribedObject>& objects) {
    std::vector<DescribedObject> keys;
    const auto rest = std::stable_partition(
        objects.begin(), objects.end(),
        [](const DescribedObject& object) { return !object.anchor.starts_with("foreign key "); });
    std::move(rest, objects.end(), std::back_inserter(keys));
    objects.erase(rest, objects.end());
    return keys;
}

void table_differences(const SchemaPair& pair, const Table& expected, const Table& found,
                       std::vector<SchemaDifference>& out) {
    ColumnDiff columns(pair, expected, found, out);
    for (const Column& column : expected.columns) {
        if (const Column* there = find_column_any_case(found, column.name); there != nullptr) {
            columns.run(column, *there);
        }
    }
    const std::string table = "table " + expected.name.display();
    if (pair.found.engine == "postgresql" && expected.name != found.name) {
        out.push_back({Kind::changed, table, "this name", "table " + found.name.display()});
    }
    if (pair.found.engine != "json") {
        for (const char* const fact : {"strict", "without_rowid", "unlogged", "row_security"}) {
            table_fact(expected, found, fact, out);
        }
    }
    if (expected.comment != found.comment) {
        out.push_back({Kind::changed, table, "comment \"" + expected.comment + "\"",
                       "comment \"" + found.comment + "\""});
    }
    const Dictionary words{&expected, &found, &pair.expected, &pair.counterparts};
    auto wanted = describe_constraints(pair.expected, expected, words, pair.same_spelling);
    auto there = describe_constraints(pair.found, found, {}, pair.same_spelling);
    auto keys_wanted = take_foreign_keys(wanted);
    auto keys_there = take_foreign_keys(there);
    match_objects(table + ", ", std::move(wanted), std::move(there), true, out);
    // A key to a table that was not asked for is not expected either.
    match_objects(table + ", ", std::move(keys_wanted), std::move(keys_there), pair.whole, out);
}

}  // namespace

std::vector<SchemaDifference> schema_differences(const SchemaPair& pair) {
    std::vector<SchemaDifference> out;
    for (std::size_t i = 0; i < pair.expected.tables.size(); ++i) {
        if (pair.counterparts[i] != nullptr) {
            table_differences(pair, pair.expected.tables[i], *pair.counterparts[i], out);
        }
    }
    if (!pair.objects) {
        return out;
    }
    match_objects({}, describe_objects(pair.expected, pair.same_spelling),
                  describe_objects(pair.found, pair.same_spelling), pair.whole, out);
    return out;
}

}  // namespace migrate::verify
