#include "backends/sqlite/catalog_constraints.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include "backends/sqlite/create_index_parser.hpp"
#include "model/sql_lexer.hpp"
#include "session/sqlite_statement.hpp"
#include "util/ascii.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::quote_identifier;
using session::SqliteSession;
using session::SqliteStatement;

constexpr std::string_view k_reading = "read the catalog of";

/// The table's own spelling of a column.
std::string spelled(const Table& table, const std::string& name) {
    for (const Column& column : table.columns) {
        if (util::equals_ignore_case(column.name, name)) {
            return column.name;
        }
    }
    return name;
}

Column* find(Table& table, const std::string& name) {
    const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                    [&](const Column& column) { return column.name == name; });
    return found == table.columns.end() ? nullptr : &*found;
}

Key key_from(const Table& table, const KeyClause& clause) {
    Key key;
    key.name = clause.name;
    key.on_conflict = clause.conflict;
    bool any_collation = false;
    for (const KeyPart& part : clause.parts) {
        key.columns.push_back(spelled(table, part.column));
        key.collations.push_back(part.collation);
        any_collation = any_collation || !part.collation.empty();
    }
    if (!any_collation) {
        key.collations.clear();
    }
    return key;
}

ForeignKey foreign_key_from(const Table& table, const ReferenceClause& clause) {
    ForeignKey key;
    key.name = clause.name;
    for (const std::string& column : clause.columns) {
        key.columns.push_back(spelled(table, column));
    }
    key.referenced_table.name = clause.table;
    key.referenced_columns = clause.referenced_columns;
    key.on_update = clause.on_update;
    key.on_delete = clause.on_delete;
    key.match = clause.match == "SIMPLE" ? "" : clause.match;
    key.deferrable = clause.deferrable;
    key.initially_deferred = clause.initially_deferred;
    return key;
}

ReferenceAction action_from(std::string_view text) {
    for (const auto action : {ReferenceAction::restrict, ReferenceAction::cascade, ReferenceAction::set_null,
                              ReferenceAction::set_default}) {
        std::string name = util::lower_ascii(to_string(action));
        std::replace(name.begin(), name.end(), '_', ' ');
        if (util::equals_ignore_case(text, name)) {
            return action;
        }
    }
    return ReferenceAction::no_action;
}

void list_foreign_keys(const SqliteSession& session, Table& table) {
    std::map<std::int64_t, ForeignKey> keys;
    SqliteStatement list(session, "PRAGMA main.foreign_key_list(" + quote_identifier(table.name.name) + ")",
                         k_reading);
    while (list.step()) {
        ForeignKey& key = keys[-list.integer(0)];
        key.referenced_table.name = list.text(2);
        key.columns.push_back(spelled(table, std::string(list.text(3))));
        if (!list.is_null(4)) {
            key.referenced_columns.emplace_back(list.text(4));
        }
        key.on_update = action_from(list.text(5));
        key.on_delete = action_from(list.text(6));
    }
    for (auto& [id, key] : keys) {
        table.foreign_keys.push_back(std::move(key));
    }
}

Key key_of_index(const SqliteSession& session, const Table& table, const std::string& index) {
    Key key;
    SqliteStatement parts(session, "PRAGMA main.index_info(" + quote_identifier(index) + ")", k_reading);
    while (parts.step()) {
        key.columns.push_back(spelled(table, std::string(parts.text(2))));
    }
    return key;
}

struct ListedIndex {
    std::string name;
    std::string origin;  ///< c, u, pk.
    bool unique = false;
};

std::vector<ListedIndex> list_indexes(const SqliteSession& session, const Table& table) {
    std::vector<ListedIndex> indexes;
    SqliteStatement list(session, "PRAGMA main.index_list(" + quote_identifier(table.name.name) + ")",
                         k_reading);
    while (list.step()) {
        indexes.push_back({std::string(list.text(1)), std::string(list.text(3)), list.integer(2) != 0});
    }
    std::reverse(indexes.begin(), indexes.end());
    return indexes;
}

void list_keys(const SqliteSession& session, Table& table) {
    for (const ListedIndex& index : list_indexes(session, table)) {
        if (index.origin == "u") {
            table.unique_keys.push_back(key_of_index(session, table, index.name));
        }
    }
    list_foreign_keys(session, table);
}

/// The primary key's columns in its order, as SQLite lists them.
std::vector<std::string> primary_columns(const SqliteSession& session, const Table& table) {
    std::map<std::int64_t, std::string> columns;
    SqliteStatement list(session, "PRAGMA main.table_xinfo(" + quote_identifier(table.name.name) + ")",
                         k_reading);
    while (list.step()) {
        if (list.integer(5) > 0) {
            columns[list.integer(5)] = list.text(1);
        }
    }
    std::vector<std::string> names;
    names.reserve(columns.size());
    for (auto& [position, name] : columns) {
        names.push_back(std::move(name));
    }
    return names;
}

/// The text before a COLLATE that ends it.
std::string without_collation(const std::string& sql) {
    const auto tokens = model::tokenize(sql, Dialect::sqlite);
    // The last token is the end itself.
    if (tokens.size() < 4 || !util::equals_ignore_case(tokens[tokens.size() - 3].text, "COLLATE")) {
        return sql;
    }
    return std::string(util::trim(std::string_view(sql).substr(0, tokens[tokens.size() - 3].begin)));
}

IndexPart part_from(const Table& table, const KeyPart& part) {
    IndexPart out;
    out.column = part.column.empty() ? "" : spelled(table, part.column);
    out.expression = part.collation.empty() ? part.expression.text : without_collation(part.expression.text);
    out.collation = part.collation;
    out.descending = part.descending;
    return out;
}

Index listed_parts(const SqliteSession& session, const Table& table, const ListedIndex& listed) {
    Index index;
    SqliteStatement parts(session, "PRAGMA main.index_xinfo(" + quote_identifier(listed.name) + ")",
                          k_reading);
    while (parts.step()) {
        if (parts.integer(5) == 0) {
            continue;
        }
        IndexPart part;
        part.column = spelled(table, std::string(parts.text(2)));
        part.descending = parts.integer(3) != 0;
        part.collation = parts.text(4) == "BINARY" ? "" : std::string(parts.text(4));
        index.parts.push_back(std::move(part));
    }
    return index;
}

/// A rowid table whose one-column primary key has no index of its own keeps it as the rowid.
bool is_rowid_alias(const SqliteSession& session, const Table& table) {
    if (!table.primary_key || table.primary_key->columns.size() != 1 ||
        table.properties.contains("without_rowid")) {
        return false;
    }
    const auto indexes = list_indexes(session, table);
    return std::none_of(indexes.begin(), indexes.end(),
                        [](const ListedIndex& index) { return index.origin == "pk"; });
}

std::optional<std::int64_t> last_handed_out(const SqliteSession& session, const Table& table) {
    if (session.query_integer("SELECT count(*) FROM main.sqlite_schema WHERE name='sqlite_sequence'",
                              k_reading) == 0) {
        return std::nullopt;
    }
    SqliteStatement sequence(session, "SELECT max(seq) FROM main.sqlite_sequence WHERE name=?1", k_reading);
    sequence.bind(1, table.name.name);
    if (!sequence.step() || sequence.is_null(0)) {
        return std::nullopt;
    }
    return sequence.integer(0);
}

}  // namespace

void read_keys(const SqliteSession& session, Table& table, const std::optional<TableDefinition>& definition) {
    const auto columns = primary_columns(session, table);
    if (!columns.empty()) {
        Key key;
        if (definition && definition->primary_key) {
            key = key_from(table, *definition->primary_key);
        }
        key.columns = columns;
        if (key.collations.size() != columns.size()) {
            key.collations.clear();
        }
        table.primary_key = std::move(key);
    }
    if (table.properties.contains("without_rowid")) {
        for (const std::string& name : columns) {
            find(table, name)->nullable = false;
        }
    }
    if (!definition) {
        list_keys(session, table);
        return;
    }
    for (const KeyClause& clause : definition->unique_keys) {
        table.unique_keys.push_back(key_from(table, clause));
    }
    for (const CheckClause& clause : definition->checks) {
        table.checks.push_back({clause.name, clause.expression.text, true, false});
    }
    for (const ReferenceClause& clause : definition->foreign_keys) {
        table.foreign_keys.push_back(foreign_key_from(table, clause));
    }
}

void read_indexes(const SqliteSession& session, Table& table) {
    SqliteStatement definition(session, "SELECT sql FROM main.sqlite_schema WHERE type='index' AND name=?1",
                               k_reading);
    const auto is_column = [&table](std::string_view name) {
        return std::any_of(table.columns.begin(), table.columns.end(), [name](const Column& column) {
            return util::equals_ignore_case(column.name, name);
        });
    };
    for (const ListedIndex& listed : list_indexes(session, table)) {
        if (listed.origin != "c") {
            continue;
        }
        definition.reset();
        definition.bind(1, listed.name);
        const std::string sql = definition.step() ? std::string(definition.text(0)) : std::string();
        Index index;
        if (const IndexParseResult parsed = parse_create_index(sql, is_column)) {
            for (const KeyPart& part : parsed.index->parts) {
                index.parts.push_back(part_from(table, part));
            }
            index.predicate = parsed.index->predicate ? parsed.index->predicate->text : "";
        } else {
            index = listed_parts(session, table, listed);
        }
        index.name = listed.name;
        index.unique = listed.unique;
        index.native_sql = sql;
        table.indexes.push_back(std::move(index));
    }
}

void read_identity(const SqliteSession& session, Table& table,
                   const std::optional<TableDefinition>& definition) {
    if (!is_rowid_alias(session, table)) {
        return;
    }
    Column* column = find(table, table.primary_key->columns[0]);
    column->nullable = false;
    IdentityValue identity;
    const bool autoincrement =
        definition && definition->primary_key && definition->primary_key->autoincrement;
    identity.kind = autoincrement ? IdentityValue::Kind::autoincrement : IdentityValue::Kind::rowid;
    SqliteStatement greatest(
        session,
        "SELECT max(" + quote_identifier(column->name) + ") FROM main." + quote_identifier(table.name.name),
        k_reading);
    std::int64_t last = 0;
    if (greatest.step() && !greatest.is_null(0)) {
        last = std::max<std::int64_t>(greatest.integer(0), 0);
    }
    if (autoincrement) {
        last = std::max(last, last_handed_out(session, table).value_or(0));
    }
    if (last < std::numeric_limits<std::int64_t>::max()) {
        identity.next = last + 1;
    } else if (autoincrement) {
        identity.next = last;
        column->properties[k_exhausted] = "yes";
    }
    column->identity = identity;
}

void resolve_references(Schema& schema) {
    for (Table& table : schema.tables) {
        for (ForeignKey& key : table.foreign_keys) {
            const auto found =
                std::find_if(schema.tables.begin(), schema.tables.end(), [&](const Table& other) {
                    return util::equals_ignore_case(other.name.name, key.referenced_table.name);
                });
            if (found == schema.tables.end()) {
                continue;
            }
            key.referenced_table = found->name;
            for (std::string& column : key.referenced_columns) {
                column = spelled(*found, column);
            }
        }
    }
}

}  // namespace migrate::backends::sqlite
