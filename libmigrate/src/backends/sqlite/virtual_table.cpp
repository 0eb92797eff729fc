#include "backends/sqlite/virtual_table.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include <migrate/error.hpp>

#include "backends/sqlite/create_virtual_parser.hpp"
#include "session/sqlite_statement.hpp"
#include "util/ascii.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::quote_identifier;
using session::SqliteSession;
using session::SqliteStatement;

constexpr std::string_view k_reading = "read the catalog of";

/// What the common modules name their shadow tables.
const std::vector<std::string>* known_suffixes(const std::string& module) {
    static const std::map<std::string, std::vector<std::string>> k_suffixes = {
        {"fts3", {"_content", "_segments", "_segdir"}},
        {"fts4", {"_content", "_segments", "_segdir", "_docsize", "_stat"}},
        {"fts5", {"_data", "_idx", "_content", "_docsize", "_config"}},
        {"rtree", {"_node", "_rowid", "_parent"}},
        {"rtree_i32", {"_node", "_rowid", "_parent"}},
        {"geopoly", {"_node", "_rowid", "_parent"}},
        {"spellfix1", {"_vocab"}},
    };
    const auto found = k_suffixes.find(module);
    return found == k_suffixes.end() ? nullptr : &found->second;
}

bool has_prefix(const CatalogEntry& entry, const std::string& prefix) {
    return util::lower_ascii(entry.name).starts_with(util::lower_ascii(prefix));
}

bool is_rtree(const std::string& module) {
    return module == "rtree" || module == "rtree_i32";
}

/// The columns as the module declares them, without the hidden ones, which are commands and ranks.
std::vector<Column> columns_of(const SqliteSession& session, const std::string& name) {
    std::vector<Column> columns;
    SqliteStatement list(session, "PRAGMA main.table_xinfo(" + quote_identifier(name) + ")", k_reading);
    while (list.step()) {
        if (list.integer(6) == 1) {
            continue;
        }
        Column column;
        column.name = list.text(1);
        column.native_type = list.text(2);
        column.type = TypeKind::text;
        columns.push_back(std::move(column));
    }
    return columns;
}

std::optional<std::string> free_rowid_name(const std::vector<Column>& columns) {
    for (const char* name : {"rowid", "_rowid_", "oid"}) {
        if (std::none_of(columns.begin(), columns.end(), [name](const Column& column) {
                return util::equals_ignore_case(column.name, name);
            })) {
            return name;
        }
    }
    return std::nullopt;
}

/// True where the statement runs to its first row.
bool works(const SqliteSession& session, const std::string& sql) {
    try {
        SqliteStatement statement(session, sql, k_reading);
        statement.step();
        return true;
    } catch (const Error& error) {
        if (error.code() == ErrorCode::cancelled || error.retryable()) {
            throw;
        }
        return false;
    }
}

/// The row number, which other tables may point to, becomes the key.
void add_rowid(const SqliteSession& session, Table& table, const std::string& module) {
    Column key;
    if (is_rtree(module) && !table.columns.empty()) {
        // Its first column is the row number.
        key = table.columns.front();
        table.columns.erase(table.columns.begin());
    } else {
        const auto name = free_rowid_name(table.columns);
        if (!name || !works(session, "SELECT " + *name + " FROM main." + quote_identifier(table.name.name) +
                                         " LIMIT 1")) {
            return;
        }
        key.name = *name;
    }
    key.native_type = "INTEGER";
    key.type = TypeKind::int64;
    key.nullable = false;
    key.identity = IdentityValue{};
    key.identity->kind = IdentityValue::Kind::rowid;
    const std::int64_t last = std::max<std::int64_t>(
        session.query_integer("SELECT coalesce(max(" + quote_identifier(key.name) + "), 0) FROM main." +
                                  quote_identifier(table.name.name),
                              k_reading),
        0);
    if (last < std::numeric_limits<std::int64_t>::max()) {
        key.identity->next = last + 1;
    }
    table.primary_key = Key{};
    table.primary_key->columns = {key.name};
    table.columns.insert(table.columns.begin(), std::move(key));
}

}  // namespace

std::vector<std::string> shadow_tables(const std::vector<CatalogEntry>& entries, std::size_t at) {
    const std::string& name = entries[at].name;
    std::vector<std::string> out;
    if (const auto* suffixes = known_suffixes(parse_create_virtual(entries[at].sql).module)) {
        for (const std::string& suffix : *suffixes) {
            for (const CatalogEntry& entry : entries) {
                if (util::equals_ignore_case(entry.name, name + suffix)) {
                    out.push_back(entry.name);
                }
            }
        }
        return out;
    }
    for (std::size_t i = at + 1; i < entries.size() && has_prefix(entries[i], name + "_"); ++i) {
        out.push_back(entries[i].name);
    }
    const bool moved = out.empty();  // Nothing follows it.
    for (std::size_t i = 0; moved && i < entries.size(); ++i) {
        if (entries[i].type == "table" && has_prefix(entries[i], name + "_")) {
            out.push_back(entries[i].name);
        }
    }
    return out;
}

VirtualTableReading read_virtual_table(const SqliteSession& session, const std::string& name,
                                       std::string_view sql) {
    const VirtualTableDefinition definition = parse_create_virtual(sql);
    VirtualTableReading reading;
    reading.module = definition.module;
    if (definition.contentless) {
        reading.why_not = "It is a full-text index that keeps no text of its own (content='').";
        return reading;
    }
    if (!works(session, "SELECT * FROM main." + quote_identifier(name) + " LIMIT 1")) {
        reading.why_not = "Its module " + (definition.module.empty() ? "(unknown)" : definition.module) +
                          " is not part of this SQLite, or cannot read it.";
        return reading;
    }
    Table table;
    table.name.name = name;
    table.properties[k_virtual_property] = definition.module;
    table.columns = columns_of(session, name);
    add_rowid(session, table, definition.module);
    reading.table = std::move(table);
    return reading;
}

}  // namespace migrate::backends::sqlite
