#include "backends/postgresql/ddl.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "backends/postgresql/catalog.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/staged_type.hpp"
#include "session/postgresql_result.hpp"

namespace migrate::backends::postgresql::ddl {
namespace {

std::string sequence_options(const IdentityValue& identity) {
    std::string options = fmt::format("INCREMENT BY {}", identity.increment);
    if (identity.minimum) {
        options += fmt::format(" MINVALUE {}", *identity.minimum);
    }
    if (identity.maximum) {
        options += fmt::format(" MAXVALUE {}", *identity.maximum);
    }
    options += fmt::format(" START WITH {} CACHE {}", identity.start, identity.cache);
    return options + (identity.cycle ? " CYCLE" : "");
}

std::string identity_clause(const Table& table, const Column& column, const StagingNames& names) {
    const IdentityValue& identity = *column.identity;
    const char* kind = identity.kind == IdentityValue::Kind::always ? "ALWAYS" : "BY DEFAULT";
    return fmt::format(" GENERATED {} AS IDENTITY (SEQUENCE NAME {} {})", kind,
                       quote_name(names.staged(sequence_of(table, column))), sequence_options(identity));
}

bool is_serial(const Column& column) {
    return column.identity && column.identity->kind == IdentityValue::Kind::serial;
}

std::string column_sql(const Table& table, const Column& column, const StagingNames& names) {
    std::string sql = quote_identifier(column.name) + " " + names.rewrite(staged_type_of(table, column));
    if (!column.collation.empty()) {
        sql += " COLLATE " + names.rewrite(column.collation);
    }
    if (column.generated) {
        sql += fmt::format(" GENERATED ALWAYS AS ({}) STORED", names.rewrite(column.generated->expression));
    }
    if (column.identity && !is_serial(column)) {
        sql += identity_clause(table, column, names);
    }
    if (!column.nullable) {
        sql += " NOT NULL";
    }
    return sql;
}

const char* storage_word(const std::string& letter) {
    return letter == "p" ? "PLAIN" : letter == "e" ? "EXTERNAL" : letter == "m" ? "MAIN" : "EXTENDED";
}

const char* action_words(ReferenceAction action) {
    switch (action) {
        case ReferenceAction::restrict:
            return "RESTRICT";
        case ReferenceAction::cascade:
            return "CASCADE";
        case ReferenceAction::set_null:
            return "SET NULL";
        case ReferenceAction::set_default:
            return "SET DEFAULT";
        case ReferenceAction::no_action:
            break;
    }
    return "NO ACTION";
}

std::string deferral(bool deferrable, bool deferred) {
    return deferrable ? deferred ? " DEFERRABLE INITIALLY DEFERRED" : " DEFERRABLE" : "";
}

std::string alter(const Table& table, const StagingNames& names) {
    return "ALTER TABLE " + quote_name(names.staged(table.name));
}

std::string property_of(const std::map<std::string, std::string>& properties, const char* name) {
    const auto found = properties.find(name);
    return found == properties.end() ? std::string() : found->second;
}

std::string index_part(const IndexPart& part, const StagingNames& names) {
    std::string sql =
        part.column.empty() ? "(" + names.rewrite(part.expression) + ")" : quote_identifier(part.column);
    if (!part.collation.empty()) {
        sql += " COLLATE " + names.rewrite(part.collation);
    }
    if (!part.operator_class.empty()) {
        sql += " " + part.operator_class;
    }
    if (part.descending) {
        sql += " DESC";
    }
    if (part.nulls_first) {
        sql += *part.nulls_first ? " NULLS FIRST" : " NULLS LAST";
    }
    return sql;
}

/// Past a name that begins at `at`, quoted or bare.
std::size_t after_name(const std::string& sql, std::size_t at) {
    if (at >= sql.size() || sql[at] != '"') {
        return std::min(sql.find_first_of(" .", at), sql.size());
    }
    for (++at; at < sql.size(); ++at) {
        if (sql[at] == '"' && (at + 1 >= sql.size() || sql[at + 1] != '"')) {
            return at + 1;
        }
        at += sql[at] == '"' ? 1 : 0;
    }
    return at;
}

/// What follows the table's name in the server's own CREATE INDEX: method, parts, options, predicate; nullopt
/// where it is none.
std::optional<std::string> index_tail(const std::string& sql) {
    constexpr std::string_view k_on = " ON ";
    constexpr std::string_view k_only = "ONLY ";
    const std::size_t word = sql.find("INDEX ");
    if (word == std::string::npos || sql.find(" USING ") == std::string::npos) {
        return std::nullopt;
    }
    std::size_t at = after_name(sql, word + 6);
    if (sql.compare(at, k_on.size(), k_on) != 0) {
        return std::nullopt;
    }
    at += k_on.size();
    at += sql.compare(at, k_only.size(), k_only) == 0 ? k_only.size() : 0;
    at = after_name(sql, at);
    if (at < sql.size() && sql[at] == '.') {
        at = after_name(sql, at + 1);
    }
    constexpr std::string_view k_using = " USING ";
    return sql.compare(at, k_using.size(), k_using) == 0 ? std::optional(sql.substr(at + 1)) : std::nullopt;
}

}  // namespace

std::vector<std::string> create_table(const Table& table, const StagingNames& names) {
    std::string columns;
    const bool inherits = table.properties.contains(property::k_inherits_columns);
    for (const Column& column : table.columns) {
        if (!inherits || !column.properties.contains(property::k_inherited)) {
            columns += (columns.empty() ? "" : ", ") + column_sql(table, column, names);
        }
    }
    const std::string name = quote_name(names.staged(table.name));
    std::string sql =
        fmt::format("CREATE {}TABLE {} ({})",
                    table.properties.contains(property::k_unlogged) ? "UNLOGGED " : "", name, columns);
    if (inherits) {
        std::string parents;
        for (const std::string& parent : split_names(property_of(table.properties, property::k_inherits))) {
            parents += (parents.empty() ? "" : ", ") + quote_name(names.staged(parse_name(parent)));
        }
        sql += " INHERITS (" + parents + ")";
    }
    if (const auto key = property_of(table.properties, property::k_partition_key); !key.empty()) {
        sql += " PARTITION BY " + names.rewrite(key);
    }
    if (const auto options = property_of(table.properties, property::k_options); !options.empty()) {
        sql += " WITH (" + options + ")";
    }
    std::vector<std::string> statements{sql};
    if (!table.comment.empty()) {
        statements.push_back(fmt::format("COMMENT ON TABLE {} IS {}", name, quote_literal(table.comment)));
    }
    for (const Column& column : table.columns) {
        const std::string column_name = quote_identifier(column.name);
        if (inherits && column.properties.contains(property::k_inherited) && !column.nullable) {
            statements.push_back(
                fmt::format("ALTER TABLE ONLY {} ALTER COLUMN {} SET NOT NULL", name, column_name));
        }
        if (!column.comment.empty()) {
            statements.push_back(fmt::format("COMMENT ON COLUMN {}.{} IS {}", name, column_name,
                                             quote_literal(column.comment)));
        }
        if (const auto storage = property_of(column.properties, property::k_storage); !storage.empty()) {
            statements.push_back(fmt::format("ALTER TABLE {} ALTER COLUMN {} SET STORAGE {}", name,
                                             column_name, storage_word(storage)));
        }
    }
    return statements;
}

std::vector<std::string> create_sequences(const Table& table, const StagingNames& names) {
    std::vector<std::string> statements;
    for (const Column& column : table.columns) {
        if (is_serial(column)) {
            const auto type = property_of(column.properties, property::k_sequence_type);
            statements.push_back(fmt::format(
                "CREATE SEQUENCE {} AS {} {}", quote_name(names.staged(sequence_of(table, column))),
                type.empty() ? "bigint" : type, sequence_options(*column.identity)));
        }
    }
    return statements;
}

std::vector<std::string> own_sequences(const Table& table, const StagingNames& names) {
    std::vector<std::string> statements;
    const std::string name = quote_name(names.staged(table.name));
    for (const Column& column : table.columns) {
        if (!is_serial(column)) {
            continue;
        }
        const std::string sequence = quote_name(names.staged(sequence_of(table, column)));
        if (!column.properties.contains(property::k_sequence_not_owned)) {
            statements.push_back(fmt::format("ALTER SEQUENCE {} OWNED BY {}.{}", sequence, name,
                                             quote_identifier(column.name)));
        }
        statements.push_back(fmt::format(
            "ALTER TABLE {} ALTER COLUMN {} SET DEFAULT pg_catalog.nextval({}::pg_catalog.regclass)", name,
            quote_identifier(column.name), quote_literal(sequence)));
    }
    return statements;
}

std::string sequence_expression(const Table& table, const Column& column, const StagingNames& names) {
    return quote_literal(quote_name(names.staged(sequence_of(table, column)))) + "::pg_catalog.regclass";
}

std::string primary_key(const Table& table, const StagingNames& names) {
    const Key& key = *table.primary_key;
    // The server's own definition also has INCLUDE and storage parameters.
    const std::string definition =
        key.native_sql.starts_with("PRIMARY KEY")
            ? key.native_sql
            : "PRIMARY KEY " + quote_list(key.columns) + deferral(key.deferrable, key.initially_deferred);
    return fmt::format("{} ADD CONSTRAINT {} {}", alter(table, names), quote_identifier(key.name),
                       definition);
}

std::string unique_key(const Table& table, const Key& key, const StagingNames& names) {
    // The server's own definition also has INCLUDE and NULLS NOT DISTINCT.
    const std::string definition =
        key.native_sql.starts_with("UNIQUE")
            ? key.native_sql
            : "UNIQUE " + quote_list(key.columns) + deferral(key.deferrable, key.initially_deferred);
    return fmt::format("{} ADD CONSTRAINT {} {}", alter(table, names), quote_identifier(key.name),
                       definition);
}

std::string index(const Table& table, const Index& index, const StagingNames& names) {
    if (const auto tail = index_tail(index.native_sql)) {
        return fmt::format("CREATE {}INDEX {} ON {} {}", index.unique ? "UNIQUE " : "",
                           quote_identifier(index.name), quote_name(names.staged(table.name)),
                           names.rewrite(*tail));
    }
    std::string parts;
    for (const IndexPart& part : index.parts) {
        parts += (parts.empty() ? "" : ", ") + index_part(part, names);
    }
    std::string sql =
        fmt::format("CREATE {}INDEX {} ON {}{} ({})", index.unique ? "UNIQUE " : "",
                    quote_identifier(index.name), quote_name(names.staged(table.name)),
                    index.method.empty() ? "" : " USING " + quote_identifier(index.method), parts);
    if (!index.included.empty()) {
        sql += " INCLUDE " + quote_list(index.included);
    }
    if (index.nulls_not_distinct) {
        sql += " NULLS NOT DISTINCT";
    }
    if (!index.predicate.empty()) {
        sql += " WHERE " + names.rewrite(index.predicate);
    }
    return sql;
}

std::string check(const Table& table, const Check& check, bool valid, const StagingNames& names) {
    return fmt::format("{} ADD CONSTRAINT {} CHECK ({}){}{}", alter(table, names),
                       quote_identifier(check.name), names.rewrite(check.expression),
                       check.no_inherit ? " NO INHERIT" : "", valid ? "" : " NOT VALID");
}

std::string foreign_key(const Table& table, const ForeignKey& key, bool valid, const StagingNames& names) {
    std::string sql = fmt::format("{} ADD CONSTRAINT {} FOREIGN KEY {} REFERENCES {}", alter(table, names),
                                  quote_identifier(key.name), quote_list(key.columns),
                                  quote_name(names.staged(key.referenced_table)));
    if (!key.referenced_columns.empty()) {
        sql += " " + quote_list(key.referenced_columns);
    }
    if (key.match == "FULL") {
        sql += " MATCH FULL";
    }
    sql +=
        fmt::format(" ON UPDATE {} ON DELETE {}", action_words(key.on_update), action_words(key.on_delete));
    if (!key.set_columns.empty()) {
        sql += " " + quote_list(key.set_columns);
    }
    return sql + deferral(key.deferrable, key.initially_deferred) + (valid ? "" : " NOT VALID");
}

std::string validation(const Table& table, const ForeignKey& key, const StagingNames& names) {
    return fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", quote_name(names.staged(table.name)),
                       quote_identifier(key.name));
}

std::string set_default(const Table& table, const Column& column) {
    if (!column.default_sql || column.generated || column.identity) {
        return {};
    }
    // Partitions take the default of their root; heirs by INHERITS have their own.
    const char* only = table.properties.contains(property::k_partition_key) ? "" : "ONLY ";
    return fmt::format("ALTER TABLE {}{} ALTER COLUMN {} SET DEFAULT {}", only, quote_name(table.name),
                       quote_identifier(column.name), *column.default_sql);
}

std::string create_object(const SchemaObject& object, const StagingNames& names) {
    if (object.kind != "sequence") {
        return names.rewrite(object.native_sql);
    }
    // The definition begins with CREATE SEQUENCE and the name, which is no type's.
    const std::string head = "CREATE SEQUENCE " + quote_name(object.name);
    return "CREATE SEQUENCE " + quote_name(names.staged(object.name)) + object.native_sql.substr(head.size());
}

std::vector<std::string> create_partition(const SchemaObject& object, const StagingNames& names) {
    const auto property = [&](const char* name) { return property_of(object.properties, name); };
    const std::string name = quote_name(names.staged(object.name));
    const std::string parent = quote_name(names.staged(parse_name(object.table)));
    std::string sql =
        fmt::format("CREATE {}TABLE {} {}", property(property::k_unlogged).empty() ? "" : "UNLOGGED ", name,
                    names.rewrite(property(property::k_partition_columns)));
    if (const auto key = property(property::k_partition_key); !key.empty()) {
        sql += " PARTITION BY " + names.rewrite(key);
    }
    if (const auto options = property(property::k_options); !options.empty()) {
        sql += " WITH (" + options + ")";
    }
    return {sql, fmt::format("ALTER TABLE {} ATTACH PARTITION {} {}", parent, name,
                             names.rewrite(property(property::k_partition_bound)))};
}

std::string structure(const SchemaObject& object, const StagingNames& names) {
    const QualifiedName table{object.name.schema, object.table};
    if (const auto tail = index_tail(object.native_sql)) {
        return fmt::format(
            "CREATE {}INDEX {} ON {} {}", object.native_sql.starts_with("CREATE UNIQUE") ? "UNIQUE " : "",
            quote_identifier(object.name.name), quote_name(names.staged(table)), names.rewrite(*tail));
    }
    // ALTER TABLE and the table's name, then ADD CONSTRAINT and the rest, which names other tables in foreign
    // keys.
    constexpr std::string_view k_add = " ADD CONSTRAINT ";
    const std::size_t at = object.native_sql.find(k_add);
    return "ALTER TABLE " + quote_name(names.staged(table)) +
           (at == std::string::npos ? std::string() : names.rewrite(object.native_sql.substr(at)));
}

}  // namespace migrate::backends::postgresql::ddl
