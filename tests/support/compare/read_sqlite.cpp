#include <algorithm>
#include <charconv>

#include "support/compare/database_reader.hpp"
#include "support/sqlite.hpp"

namespace migrate::test {
namespace {

std::string literal(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        out.append(c == '\'' ? 2 : 1, c);
    }
    return out + "'";
}

Value value_of(const SqliteValue& value) {
    switch (value.type) {
        case SqliteValue::Class::null:
            return {};
        case SqliteValue::Class::integer:
            return {Value::Kind::integer, std::to_string(value.integer)};
        case SqliteValue::Class::real: {
            char text[40];
            const auto end = std::to_chars(text, text + sizeof(text), value.real).ptr;
            return {Value::Kind::real, std::string(text, end)};
        }
        case SqliteValue::Class::text:
            return {Value::Kind::text, value.bytes};
        case SqliteValue::Class::blob:
            return {Value::Kind::blob, value.bytes};
    }
    return {};
}

class SqliteReader : public DatabaseReader {
  public:
    explicit SqliteReader(const std::string& path) : m_database(path, true) {
        const auto tables = m_database.query(
            "SELECT name, wr, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND "
            "name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_migrate%' ESCAPE '\\' ORDER BY "
            "name");
        for (const auto& table : tables) {
            read_table(table[0].value(), table[1].value(), table[2].value());
        }
        for (const char* const pragma : {"user_version", "application_id", "encoding"}) {
            m_facts[pragma] = m_database.value(std::string("PRAGMA ") + pragma);
        }
        if (m_database.value("SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_sequence'") == "1") {
            for (const auto& row :
                 m_database.query("SELECT name, max(seq) FROM sqlite_sequence GROUP BY name")) {
                m_facts["sequence of " + row[0].value_or("")] = row[1].value_or("NULL");
            }
        }
    }

    [[nodiscard]] std::string engine() const override { return "sqlite"; }
    [[nodiscard]] const std::vector<ComparedTable>& tables() const override { return m_tables; }
    [[nodiscard]] const std::map<std::string, std::string>& facts() const override { return m_facts; }

    std::vector<Row> rows(const ComparedTable& table) override {
        std::string list;
        for (const ComparedColumn& column : table.columns) {
            list += (list.empty() ? "" : ", ") + sqlite_quote(column.name);
        }
        SqliteStatement statement =
            m_database.prepare("SELECT " + list + " FROM main." + sqlite_quote(table.name));
        std::vector<Row> rows;
        while (statement.step()) {
            Row& row = rows.emplace_back();
            for (int column = 0; column < statement.columns(); ++column) {
                row.push_back(value_of(statement.value(column)));
            }
        }
        return rows;
    }

  private:
    void read_table(const std::string& name, const std::string& without_rowid, const std::string& strict) {
        ComparedTable table;
        table.name = name;
        std::map<int, std::string> key;
        const auto columns = m_database.query(
            "SELECT name, type, \"notnull\", coalesce(dflt_value, '(none)'), pk, hidden FROM "
            "pragma_table_xinfo(" +
            literal(name) + ") WHERE hidden <> 1 ORDER BY cid");
        for (const auto& row : columns) {
            ComparedColumn& column = table.columns.emplace_back();
            column.name = row[0].value();
            column.definition = "type " + row[1].value_or("") + ", not null " + row[2].value() +
                                ", default " + row[3].value() + ", key " + row[4].value() + ", hidden " +
                                row[5].value();
            column.not_null = row[2] == "1";
            if (row[4] != "0") {
                key[std::stoi(row[4].value())] = column.name;
            }
        }
        for (const auto& [position, column] : key) {
            table.key.push_back(column);
        }
        read_foreign_keys(table);
        read_indexes(table);
        table.others = {"without rowid " + without_rowid, "strict " + strict};
        m_tables.push_back(std::move(table));
    }

    void read_foreign_keys(ComparedTable& table) {
        std::map<std::string, std::string> by_id;
        for (const auto& row : m_database.query(
                 "SELECT id, \"from\", coalesce(\"to\", '(key)'), \"table\", on_update, on_delete, match "
                 "FROM pragma_foreign_key_list(" +
                 literal(table.name) + ") ORDER BY id, seq")) {
            std::string& text = by_id[row[0].value()];
            if (text.empty()) {
                text = "to " + row[3].value() + ", on update " + row[4].value() + ", on delete " +
                       row[5].value() + ", match " + row[6].value() + ":";
            }
            text += " " + row[1].value() + " = " + row[2].value();
        }
        for (const auto& [id, text] : by_id) {
            table.foreign_keys.push_back(text);
        }
        std::sort(table.foreign_keys.begin(), table.foreign_keys.end());
    }

    void read_indexes(ComparedTable& table) {
        for (const auto& row :
             m_database.query("SELECT name, \"unique\", origin, partial FROM pragma_index_list(" +
                              literal(table.name) + ")")) {
            const std::string& origin = row[2].value();
            if (origin == "pk") {
                continue;
            }
            std::string parts;
            for (const auto& part : m_database.query(
                     "SELECT coalesce(name, '(expression)'), \"desc\", coll FROM pragma_index_xinfo(" +
                     literal(row[0].value()) + ") WHERE key = 1 ORDER BY seqno")) {
                parts +=
                    " " + part[0].value() + (part[1] == "1" ? " desc" : "") + " collate " + part[2].value();
            }
            if (origin == "u") {
                table.unique_keys.push_back("unique" + parts);
            } else {
                table.indexes.push_back("index " + row[0].value() + ", unique " + row[1].value() +
                                        ", partial " + row[3].value() + ":" + parts);
            }
        }
        std::sort(table.unique_keys.begin(), table.unique_keys.end());
        std::sort(table.indexes.begin(), table.indexes.end());
    }

    SqliteDatabase m_database;
    std::vector<ComparedTable> m_tables;
    std::map<std::string, std::string> m_facts;
};

}  // namespace

std::unique_ptr<DatabaseReader> read_sqlite_database(const std::string& path) {
    return std::make_unique<SqliteReader>(path);
}

}  // namespace migrate::test
