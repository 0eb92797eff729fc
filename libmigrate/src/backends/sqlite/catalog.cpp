#include "backends/sqlite/catalog.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include <migrate/error.hpp>

#include "backends/sqlite/catalog_constraints.hpp"
#include "backends/sqlite/create_table_parser.hpp"
#include "backends/sqlite/virtual_table.hpp"
#include "model/name_list.hpp"
#include "session/sqlite_statement.hpp"
#include "util/ascii.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::quote_identifier;
using session::SqliteSession;
using session::SqliteStatement;

constexpr std::string_view k_reading = "read the catalog of";

struct ListedTable {
    std::string type;  ///< table, view, shadow, virtual.
    bool without_rowid = false;
    bool strict = false;
};

std::map<std::string, ListedTable> list_tables(const SqliteSession& session) {
    std::map<std::string, ListedTable> tables;
    SqliteStatement list(session, "PRAGMA main.table_list", k_reading);
    while (list.step()) {
        tables[std::string(list.text(1))] = {std::string(list.text(2)), list.integer(4) != 0,
                                             list.integer(5) != 0};
    }
    return tables;
}

std::vector<CatalogEntry> list_entries(const SqliteSession& session) {
    std::vector<CatalogEntry> entries;
    SqliteStatement list(session,
                         "SELECT type, name, tbl_name, sql, type = 'table' AND rootpage = 0 "
                         "FROM main.sqlite_schema ORDER BY rowid",
                         k_reading);
    while (list.step()) {
        entries.push_back({std::string(list.text(0)), std::string(list.text(1)), std::string(list.text(2)),
                           std::string(list.text(3)), list.integer(4) != 0});
    }
    return entries;
}

class CatalogReader {
  public:
    CatalogReader(const SqliteSession& session, bool virtual_tables)
        : m_session(session),
          m_virtual_tables(virtual_tables),
          m_own(session),
          m_listed(list_tables(session)),
          m_entries(list_entries(session)) {}

    CatalogReading read() {
        m_reading.schema.engine = "sqlite";
        m_reading.schema.engine_version = m_session.query_text("SELECT sqlite_version()", k_reading);
        read_properties();
        find_virtual_tables();
        for (const CatalogEntry& entry : m_entries) {
            read_entry(entry);
        }
        resolve_references(m_reading.schema);
        return std::move(m_reading);
    }

  private:
    void read_properties() {
        for (const char* pragma :
             {"user_version", "application_id", "encoding", "page_size", "journal_mode", "auto_vacuum"}) {
            m_reading.schema.properties[pragma] =
                m_session.query_text(std::string("PRAGMA main.") + pragma, k_reading);
        }
    }

    /// Marks the shadow tables, which hold what their virtual tables are made of.
    void find_virtual_tables() {
        for (std::size_t i = 0; i < m_entries.size(); ++i) {
            if (!m_entries[i].is_virtual) {
                continue;
            }
            m_listed[m_entries[i].name].type = "virtual";
            for (const std::string& shadow : shadow_tables(m_entries, i)) {
                const auto listed = m_listed.find(shadow);
                if (listed != m_listed.end() && listed->second.type == "table") {
                    listed->second.type = "shadow";
                }
            }
        }
    }

    void read_entry(const CatalogEntry& entry) {
        if (m_own.contains(entry.table) || util::lower_ascii(entry.name).starts_with("sqlite_")) {
            return;
        }
        if (entry.type == "view" || entry.type == "trigger") {
            SchemaObject object;
            object.kind = entry.type;
            object.name.name = entry.name;
            object.table = entry.type == "trigger" ? entry.table : "";
            object.native_sql = entry.sql;
            if (entry.type == "view") {
                read_view_columns(object);
            }
            m_reading.schema.objects.push_back(std::move(object));
        } else if (entry.type == "table") {
            read_table_entry(entry);
        }
    }

    /// What the view gives, by SQLite's own word.
    void read_view_columns(SchemaObject& view) {
        try {
            std::vector<std::string> names;
            SqliteStatement list(
                m_session, "PRAGMA main.table_xinfo(" + quote_identifier(view.name.name) + ")", k_reading);
            while (list.step()) {
                names.emplace_back(list.text(1));
            }
            view.properties["columns"] = model::write_name_list(names);
        } catch (const Error& error) {
            if (error.retryable() || error.code() == ErrorCode::cancelled) {
                throw;
            }
            view.reason = "SQLite itself cannot read it.";
        }
    }

    void read_table_entry(const CatalogEntry& entry) {
        const auto listed = m_listed.find(entry.name);
        const ListedTable facts =
            listed == m_listed.end() ? ListedTable{"table", false, false} : listed->second;
        if (facts.type == "shadow") {
            return;
        }
        if (facts.type == "virtual") {
            read_virtual_table(entry);
            return;
        }
        Table table;
        table.name.name = entry.name;
        table.native_sql = entry.sql;
        if (facts.without_rowid) {
            table.properties["without_rowid"] = "true";
        }
        if (facts.strict) {
            table.properties["strict"] = "true";
        }
        const TableParseResult parsed = parse_create_table(entry.sql);
        if (!parsed) {
            m_reading.findings.push_back(
                {Severity::left_out, "definition-not-understood", "table " + entry.name,
                 "its CREATE TABLE could not be read: check constraints, collations and names of constraints "
                 "are not known",
                 "", 0});
        }
        read_columns(table, parsed.table);
        read_keys(m_session, table, parsed.table);
        read_indexes(m_session, table);
        read_identity(m_session, table, parsed.table);
        m_reading.schema.tables.push_back(std::move(table));
    }

    void read_virtual_table(const CatalogEntry& entry) {
        std::string shadows;
        for (const auto& [name, facts] : m_listed) {
            if (facts.type == "shadow" && name.starts_with(entry.name + "_")) {
                shadows += (shadows.empty() ? "" : ", ") + name;
            }
        }
        VirtualTableReading read = sqlite::read_virtual_table(m_session, entry.name, entry.sql);
        const bool as_table = m_virtual_tables && read.table;
        SchemaObject object;
        object.kind = "virtual table";
        object.name.name = entry.name;
        object.native_sql = entry.sql;
        object.properties["module"] = read.module;
        object.properties["shadow_tables"] = shadows;
        object.reason = read.table ? "It is made by the module " + read.module + " of SQLite." : read.why_not;
        object.reason += shadows.empty() ? "" : " Its shadow tables are left out with it: " + shadows + ".";
        if (!as_table) {
            m_reading.schema.objects.push_back(std::move(object));
            return;
        }
        m_reading.findings.push_back(
            {Severity::note, "virtual-table-as-table", "table " + entry.name,
             "its rows travel as a plain table; the module " + read.module + " that made it" +
                 (shadows.empty() ? "" : " and its shadow tables " + shadows) + " do not",
             "", 0});
        m_reading.schema.tables.push_back(std::move(*read.table));
    }

    void read_columns(Table& table, const std::optional<TableDefinition>& definition) {
        SqliteStatement list(m_session, "PRAGMA main.table_xinfo(" + quote_identifier(table.name.name) + ")",
                             k_reading);
        while (list.step()) {
            Column column;
            column.name = list.text(1);
            column.native_type = list.text(2);
            column.type = TypeKind::text;
            column.nullable = list.integer(3) == 0;
            if (!list.is_null(4)) {
                column.default_sql = std::string(list.text(4));
            }
            column.hidden = list.integer(6) == 1;
            const ColumnDefinition* defined = definition ? definition->find_column(column.name) : nullptr;
            if (defined != nullptr) {
                add_definition(*defined, column);
            }
            if (list.integer(6) > 1) {
                const bool known = defined != nullptr && defined->generated;
                column.default_sql.reset();
                column.generated =
                    GeneratedValue{known ? defined->generated->expression.text : "", list.integer(6) == 3};
            }
            table.columns.push_back(std::move(column));
        }
    }

    static void add_definition(const ColumnDefinition& defined, Column& column) {
        if (!util::equals_ignore_case(defined.collation, "BINARY")) {
            column.collation = defined.collation;
        }
        if (!defined.not_null_conflict.empty()) {
            column.properties["not_null_conflict"] = defined.not_null_conflict;
        }
    }

    const SqliteSession& m_session;
    bool m_virtual_tables;
    OwnTables m_own;
    std::map<std::string, ListedTable> m_listed;
    std::vector<CatalogEntry> m_entries;
    CatalogReading m_reading;
};

}  // namespace

CatalogReading read_catalog(const SqliteSession& session, bool virtual_tables) {
    return CatalogReader(session, virtual_tables).read();
}

bool is_state_table(std::string_view name) {
    static constexpr std::array<std::string_view, 8> k_names = {
        "_migrate_migration",  "_migrate_checkpoint", "_migrate_dead_letter", "_migrate_provenance",
        "_migrate_undo_table", "_migrate_undo_step",  "_migrate_undo_column", "_migrate_undo_thing"};
    return std::find(k_names.begin(), k_names.end(), name) != k_names.end();
}

OwnTables::OwnTables(const SqliteSession& session) {
    const auto known = session.query_integer(
        "SELECT count(*) FROM pragma_table_info('_migrate_migration', 'main') WHERE name IN ('id', 'plan')",
        k_reading);
    if (known != 2) {
        return;
    }
    m_has_record = true;
    SqliteStatement list(session, "SELECT id FROM main._migrate_migration", k_reading);
    while (list.step()) {
        m_prefixes.push_back("_migrate_undo_" + std::string(list.text(0)) + "_");
        m_prefixes.push_back("_migrate_kept_" + std::string(list.text(0)) + "_");
    }
}

bool OwnTables::contains(std::string_view name) const {
    return m_has_record && (is_state_table(name) ||
                            std::any_of(m_prefixes.begin(), m_prefixes.end(),
                                        [&](const std::string& prefix) { return name.starts_with(prefix); }));
}

std::string rowid_name(const Table& table) {
    if (table.properties.contains("without_rowid")) {
        return {};
    }
    for (const Column& column : table.columns) {
        if (column.identity) {
            return column.name;
        }
    }
    if (table.properties.contains(k_virtual_property)) {
        return {};
    }
    for (const char* name : {"rowid", "_rowid_", "oid"}) {
        bool taken = false;
        for (const Column& column : table.columns) {
            taken = taken || util::equals_ignore_case(column.name, name);
        }
        if (!taken) {
            return name;
        }
    }
    return {};
}

}  // namespace migrate::backends::sqlite
