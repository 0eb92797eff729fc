#include "backends/postgresql/ddl.hpp"

#include <fmt/format.h>

#include "backends/postgresql/catalog.hpp"
#include "backends/postgresql/identifier.hpp"
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

/// The sequence's own name without its schema; identity.sequence is qualified and quoted.
std::string sequence_name(const Table& table, const Column& column) {
    const std::string& qualified = column.identity->sequence;
    return qualified.empty() ? fit_identifier(fmt::format("{}_{}_seq", table.name.name, column.name))
                             : parse_name(qualified).name;
}

std::string identity_clause(const Table& table, const Column& column, const StagingNames& names) {
    const IdentityValue& identity = *column.identity;
    const char* kind = identity.kind == IdentityValue::Kind::always ? "ALWAYS" : "BY DEFAULT";
    return fmt::format(" GENERATED {} AS IDENTITY (SEQUENCE NAME {} {})", kind,
                       quote_name(names.staged({table.name.schema, sequence_name(table, column)})),
                       sequence_options(identity));
}

bool is_serial(const Column& column) {
    return column.identity && column.identity->kind == IdentityValue::Kind::serial;
}

std::string column_sql(const Table& table, const Column& column, const StagingNames& names) {
    std::string sql = quote_identifier(column.name) + " " + names.rewrite(column.native_type);
    if (!column.collation.empty()) {
        sql += " COLLATE " + column.collation;
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
        sql += " COLLATE " + part.collation;
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

}  // namespace

std::vector<std::string> create_table(const Table& table, const StagingNames& names) {
    std::string columns;
    for (const Column& column : table.columns) {
        columns += (columns.empty() ? "" : ", ") + column_sql(table, column, names);
    }
    const std::string name = quote_name(names.staged(table.name));
    std::string sql =
        fmt::format("CREATE {}TABLE {} ({})",
                    table.properties.contains(property::k_unlogged) ? "UNLOGGED " : "", name, columns);
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
            statements.push_back(
                fmt::format("CREATE SEQUENCE {} AS {} {}",
                            quote_name(names.staged({table.name.schema, sequence_name(table, column)})),
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
        const std::string sequence =
            quote_name(names.staged({table.name.schema, sequence_name(table, column)}));
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
    return quote_literal(quote_name(names.staged({table.name.schema, sequence_name(table, column)}))) +
           "::pg_catalog.regclass";
}

std::string primary_key(const Table& table, const StagingNames& names) {
    const Key& key = *table.primary_key;
    return fmt::format("{} ADD CONSTRAINT {} PRIMARY KEY {}{}", alter(table, names),
                       quote_identifier(key.name), quote_list(key.columns),
                       deferral(key.deferrable, key.initially_deferred));
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
    if (object.kind != "sequence" && object.kind != "partition") {
        return names.rewrite(object.native_sql);
    }
    // The definition begins with CREATE, the kind and the object's name, which is no type's.
    const char* word = object.kind == "sequence" ? "CREATE SEQUENCE " : "CREATE TABLE ";
    const std::string head = word + quote_name(object.name);
    std::string rest = object.native_sql.substr(head.size());
    if (object.kind == "partition") {
        const std::string of = " PARTITION OF " + object.table;
        rest = fmt::format(" PARTITION OF {}{}", quote_name(names.staged(parse_name(object.table))),
                           names.rewrite(rest.substr(of.size())));
    }
    return word + quote_name(names.staged(object.name)) + rest;
}

}  // namespace migrate::backends::postgresql::ddl
