#include <algorithm>

#include <fmt/format.h>

#include "backends/postgresql/catalog_builder.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/sql/constraints.sql.hpp"
#include "backends/postgresql/sql/indexes.sql.hpp"
#include "backends/postgresql/sql/sequences.sql.hpp"

namespace migrate::backends::postgresql {
namespace {

ReferenceAction action_of(std::string_view letter) {
    switch (letter.empty() ? 'a' : letter.front()) {
        case 'r':
            return ReferenceAction::restrict;
        case 'c':
            return ReferenceAction::cascade;
        case 'n':
            return ReferenceAction::set_null;
        case 'd':
            return ReferenceAction::set_default;
        default:
            return ReferenceAction::no_action;
    }
}

/// The condition inside CHECK (…), without NOT VALID and NO INHERIT; pg_get_expr gives it in parentheses.
std::string without_parentheses(std::string expression) {
    if (expression.size() < 2 || expression.front() != '(' || expression.back() != ')') {
        return expression;
    }
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < expression.size(); ++i) {
        const char c = expression[i];
        quoted = c == '\'' ? !quoted : quoted;
        if (quoted) {
            continue;
        }
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (depth == 0 && i + 1 < expression.size()) {
            return expression;
        }
    }
    return expression.substr(1, expression.size() - 2);
}

std::string oids_of(const std::map<std::uint32_t, std::size_t>& tables) {
    std::vector<std::string> texts;
    texts.reserve(tables.size());
    for (const auto& [oid, index] : tables) {
        texts.push_back(std::to_string(oid));
    }
    return session::array_literal(texts);
}

/// The definition with the storage parameters of the index behind it, which pg_get_constraintdef does not
/// tell.
std::string key_definition(const session::PostgresqlRows& rows, int row) {
    std::string definition = rows.text(row, 15);
    if (!rows.is_null(row, 20)) {
        const std::size_t deferral =
            rows.boolean(row, 10) ? definition.rfind(" DEFERRABLE") : std::string::npos;
        // The predicate of an exclusion constraint comes last but for that.
        const std::size_t where = rows.view(row, 2) == "x" ? definition.find(" WHERE (") : std::string::npos;
        definition.insert(std::min({deferral, where, definition.size()}),
                          " WITH (" + rows.text(row, 20) + ")");
    }
    return definition;
}

Key key_of(const session::PostgresqlRows& rows, int row) {
    Key key;
    key.name = rows.text(row, 1);
    key.columns = rows.array(row, 3);
    key.deferrable = rows.boolean(row, 10);
    key.initially_deferred = rows.boolean(row, 11);
    key.native_sql = key_definition(rows, row);
    return key;
}

ForeignKey foreign_key_of(const session::PostgresqlRows& rows, int row) {
    ForeignKey key;
    key.name = rows.text(row, 1);
    key.columns = rows.array(row, 3);
    key.referenced_table = {rows.text(row, 4), rows.text(row, 5)};
    key.referenced_columns = rows.array(row, 6);
    key.on_update = action_of(rows.view(row, 7));
    key.on_delete = action_of(rows.view(row, 8));
    key.match = rows.view(row, 9) == "f" ? "FULL" : "";
    key.deferrable = rows.boolean(row, 10);
    key.initially_deferred = rows.boolean(row, 11);
    key.validated = rows.boolean(row, 12);
    key.set_columns = rows.array(row, 17);
    return key;
}

}  // namespace

void CatalogBuilder::read_constraints() {
    const auto rows = m_session.query(sql::constraints, {oids_of(m_tables)}, "reading the constraints");
    for (int row = 0; row < rows.size(); ++row) {
        Table* table = table_of(rows.integer(row, 0));
        // A foreign key onto a partitioned table has a row per partition beside its own.
        if (table != nullptr && !rows.boolean(row, 19)) {
            add_constraint(rows, row, *table);
        }
    }
}

void CatalogBuilder::add_constraint(const session::PostgresqlRows& rows, int row, Table& table) {
    switch (rows.view(row, 2).front()) {
        case 'p':
            table.primary_key = key_of(rows, row);
            break;
        case 'u':
            table.unique_keys.push_back(key_of(rows, row));
            break;
        case 'f':
            table.foreign_keys.push_back(foreign_key_of(rows, row));
            break;
        case 'c':
            table.checks.push_back({rows.text(row, 1), without_parentheses(rows.text(row, 16)),
                                    rows.boolean(row, 12), rows.boolean(row, 13)});
            if (!rows.boolean(row, 14)) {
                std::string& names = table.properties[property::k_inherited_checks];
                names += (names.empty() ? "" : ", ") + quote_identifier(rows.text(row, 1));
            }
            break;
        default: {
            SchemaObject object;
            object.kind = "exclusion constraint";
            object.name = {table.name.schema, rows.text(row, 1)};
            object.table = table.name.name;
            object.native_sql = fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {}", quote_name(table.name),
                                            quote_identifier(rows.text(row, 1)), key_definition(rows, row));
            m_reading.schema.objects.push_back(std::move(object));
        }
    }
}

void CatalogBuilder::read_indexes() {
    const auto rows = m_session.query(sql::indexes, {oids_of(m_tables)}, "reading the indexes");
    for (int row = 0; row < rows.size(); ++row) {
        if (Table* table = table_of(rows.integer(row, 0))) {
            add_index_part(rows, row, *table);
        }
    }
}

void CatalogBuilder::add_index_part(const session::PostgresqlRows& rows, int row, Table& table) {
    const auto oid = static_cast<std::uint32_t>(rows.integer(row, 1));
    if (oid != m_last_index) {
        m_last_index = oid;
        m_skip_index = !rows.boolean(row, 4);
        if (m_skip_index) {
            note(Severity::left_out, "index-invalid",
                 fmt::format("index {} on {}", rows.text(row, 2), table.name.display()),
                 "The index is marked invalid: a concurrent build of it failed.",
                 "REINDEX or drop it at the source.");
            return;
        }
        Index index;
        index.name = rows.text(row, 2);
        index.unique = rows.boolean(row, 3);
        index.method = rows.text(row, 5);
        index.predicate = without_parentheses(rows.text(row, 6));
        index.native_sql = rows.text(row, 7);
        index.nulls_not_distinct = rows.boolean(row, 8);
        table.indexes.push_back(std::move(index));
    }
    if (m_skip_index) {
        return;
    }
    Index& index = table.indexes.back();
    if (rows.boolean(row, 10)) {
        index.included.push_back(rows.text(row, 11));
        return;
    }
    IndexPart part;
    if (rows.is_null(row, 11)) {
        part.expression = without_parentheses(rows.text(row, 12));
    } else {
        part.column = rows.text(row, 11);
    }
    part.operator_class = rows.text(row, 13);
    part.collation = rows.text(row, 14);
    part.descending = rows.integer(row, 15) != 0;
    const bool nulls_first = rows.integer(row, 16) != 0;
    if (nulls_first != part.descending) {
        part.nulls_first = nulls_first;
    }
    index.parts.push_back(std::move(part));
}

std::map<std::uint32_t, std::pair<std::int64_t, bool>> CatalogBuilder::sequence_values(
    const session::PostgresqlRows& rows) {
    // Only the sequence itself knows whether its last value has been handed out.
    std::string sql;
    for (int row = 0; row < rows.size(); ++row) {
        const QualifiedName name{rows.text(row, 1), rows.text(row, 2)};
        if (!rows.boolean(row, 10)) {
            note(Severity::left_out, "sequence-value-unreadable", "sequence " + name.display(),
                 "The role may not read the sequence's value.", "GRANT SELECT on the sequence to the role.");
            continue;
        }
        sql += fmt::format("{}SELECT {}, last_value, is_called FROM {}", sql.empty() ? "" : " UNION ALL ",
                           rows.integer(row, 0), quote_name(name));
    }
    std::map<std::uint32_t, std::pair<std::int64_t, bool>> values;
    if (sql.empty()) {
        return values;
    }
    const auto found = m_session.query(sql, "reading the sequences' values");
    for (int row = 0; row < found.size(); ++row) {
        values[static_cast<std::uint32_t>(found.integer(row, 0))] = {found.integer(row, 1),
                                                                     found.boolean(row, 2)};
    }
    return values;
}

void CatalogBuilder::read_sequences() {
    const auto rows = m_session.query(sql::sequences, {m_schemas, m_pattern}, "reading the sequences");
    const auto values = sequence_values(rows);
    for (int row = 0; row < rows.size(); ++row) {
        add_sequence(rows, row, values);
    }
}

void CatalogBuilder::add_sequence(const session::PostgresqlRows& rows, int row,
                                  const std::map<std::uint32_t, std::pair<std::int64_t, bool>>& values) {
    const auto of_passed_over = [&](int field) {
        return !rows.is_null(row, field) &&
               m_passed_over.contains(static_cast<std::uint32_t>(rows.integer(row, field)));
    };
    // A sequence that others use as well stays.
    if (of_passed_over(11) || (of_passed_over(14) && rows.integer(row, 16) == 1)) {
        return;
    }
    IdentityValue identity;
    const QualifiedName name{rows.text(row, 1), rows.text(row, 2)};
    identity.sequence = quote_name(name);
    identity.start = rows.integer(row, 4);
    identity.increment = rows.integer(row, 5);
    identity.minimum = rows.integer(row, 6);
    identity.maximum = rows.integer(row, 7);
    identity.cache = rows.integer(row, 8);
    identity.cycle = rows.boolean(row, 9);
    if (const auto value = values.find(static_cast<std::uint32_t>(rows.integer(row, 0)));
        value != values.end()) {
        const auto [last, called] = value->second;
        std::int64_t next = last;
        if (called && __builtin_add_overflow(last, identity.increment, &next)) {
            next = last;
        }
        identity.next = next;
    }
    const bool is_identity = rows.view(row, 13) == "i";
    const bool feeds_one_default = rows.integer(row, 16) == 1 && rows.boolean(row, 17);
    Table* table = table_of(rows.integer(row, is_identity ? 11 : 14));
    if (table != nullptr && (is_identity || feeds_one_default)) {
        const std::string_view column_name = rows.view(row, is_identity ? 12 : 15);
        for (Column& column : table->columns) {
            if (column.name != column_name) {
                continue;
            }
            identity.kind =
                is_identity && column.identity ? column.identity->kind : IdentityValue::Kind::serial;
            column.identity = identity;
            column.properties[property::k_sequence_type] = rows.text(row, 3);
            if (!is_identity) {
                column.default_sql.reset();
                if (rows.view(row, 12) != column_name || rows.integer(row, 11) != rows.integer(row, 14)) {
                    column.properties[property::k_sequence_not_owned] = "yes";
                }
            }
            return;
        }
    }
    SchemaObject object;
    object.kind = "sequence";
    object.name = name;
    object.native_sql = fmt::format(
        "CREATE SEQUENCE {} AS {} INCREMENT BY {} MINVALUE {} MAXVALUE {} START WITH {} CACHE {}{}",
        identity.sequence, rows.text(row, 3), identity.increment, *identity.minimum, *identity.maximum,
        identity.start, identity.cache, identity.cycle ? " CYCLE" : "");
    if (identity.next) {
        object.properties["next"] = std::to_string(*identity.next);
    }
    m_reading.schema.objects.push_back(std::move(object));
    own_sequence(rows, row, name);
}

}  // namespace migrate::backends::postgresql
