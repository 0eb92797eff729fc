#include "backends/sqlite/ddl.hpp"

#include <algorithm>

#include "backends/sqlite/create_table_parser.hpp"
#include "model/sql_lexer.hpp"
#include "session/sqlite_statement.hpp"
#include "util/ascii.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::quote_identifier;

std::string quoted_list(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : ", ") + quote_identifier(name);
    }
    return "(" + out + ")";
}

std::string key_list(const Key& key) {
    std::string out;
    for (std::size_t i = 0; i < key.columns.size(); ++i) {
        out += (out.empty() ? "" : ", ") + quote_identifier(key.columns[i]);
        if (i < key.collations.size() && !key.collations[i].empty()) {
            out += " COLLATE " + quote_identifier(key.collations[i]);
        }
    }
    return "(" + out + ")";
}

std::string constraint_name(const std::string& name) {
    return name.empty() ? "" : "CONSTRAINT " + quote_identifier(name) + " ";
}

std::string conflict_clause(const std::string& conflict) {
    return conflict.empty() ? "" : " ON CONFLICT " + conflict;
}

/// A bare word or "word" after DEFAULT is a string to SQLite, but a column within parentheses; all that is
/// longer than a literal needs parentheses.
std::string default_clause(const std::string& sql) {
    const auto tokens = model::tokenize(sql, Dialect::sqlite);
    std::size_t words = 0;
    bool sign_first = false;
    for (const auto& token : tokens) {
        if (token.begin == token.end) {
            continue;
        }
        sign_first = sign_first || (words == 0 && (token.text == "-" || token.text == "+"));
        ++words;
    }
    const bool plain = words == 1 || (words == 2 && sign_first);
    return plain ? " DEFAULT " + sql : " DEFAULT (" + sql + ")";
}

bool is_rowid_column(const Table& table, const Column& column) {
    return column.identity && table.primary_key && table.primary_key->columns.size() == 1 &&
           table.primary_key->columns[0] == column.name;
}

std::string column_clause(const Table& table, const Column& column) {
    std::string out = quote_identifier(column.name);
    out += column.native_type.empty() ? "" : " " + column.native_type;
    if (is_rowid_column(table, column)) {
        out += " " + constraint_name(table.primary_key->name) + "PRIMARY KEY" +
               conflict_clause(table.primary_key->on_conflict);
        out += column.identity->kind == IdentityValue::Kind::autoincrement ? " AUTOINCREMENT" : "";
    }
    if (!column.nullable) {
        const auto conflict = column.properties.find("not_null_conflict");
        out += " NOT NULL" + conflict_clause(conflict == column.properties.end() ? "" : conflict->second);
    }
    out += column.collation.empty() ? "" : " COLLATE " + quote_identifier(column.collation);
    if (column.default_sql) {
        out += default_clause(*column.default_sql);
    }
    if (column.generated) {
        out += " GENERATED ALWAYS AS (" + column.generated->expression + ")" +
               (column.generated->stored ? " STORED" : " VIRTUAL");
    }
    return out;
}

std::string action_words(ReferenceAction action) {
    std::string words(to_string(action));
    std::replace(words.begin(), words.end(), '_', ' ');
    for (char& c : words) {
        c = util::to_upper(c);
    }
    return words;
}

std::string foreign_key_clause(const ForeignKey& key) {
    std::string out = constraint_name(key.name) + "FOREIGN KEY " + quoted_list(key.columns) + " REFERENCES " +
                      quote_identifier(key.referenced_table.name);
    out += key.referenced_columns.empty() ? "" : " " + quoted_list(key.referenced_columns);
    if (key.on_update != ReferenceAction::no_action) {
        out += " ON UPDATE " + action_words(key.on_update);
    }
    if (key.on_delete != ReferenceAction::no_action) {
        out += " ON DELETE " + action_words(key.on_delete);
    }
    if (key.deferrable) {
        out += std::string(" DEFERRABLE INITIALLY ") + (key.initially_deferred ? "DEFERRED" : "IMMEDIATE");
    }
    return out;
}

bool is_rowid_table_key(const Table& table) {
    return std::any_of(table.columns.begin(), table.columns.end(),
                       [&](const Column& column) { return is_rowid_column(table, column); });
}

}  // namespace

std::string create_table_sql(const Table& table) {
    std::vector<std::string> clauses;
    for (const Column& column : table.columns) {
        clauses.push_back(column_clause(table, column));
    }
    if (table.primary_key && !is_rowid_table_key(table)) {
        clauses.push_back(constraint_name(table.primary_key->name) + "PRIMARY KEY " +
                          key_list(*table.primary_key) + conflict_clause(table.primary_key->on_conflict));
    }
    for (const Key& key : table.unique_keys) {
        clauses.push_back(constraint_name(key.name) + "UNIQUE " + key_list(key) +
                          conflict_clause(key.on_conflict));
    }
    for (const Check& check : table.checks) {
        clauses.push_back(constraint_name(check.name) + "CHECK (" + check.expression + ")");
    }
    for (const ForeignKey& key : table.foreign_keys) {
        clauses.push_back(foreign_key_clause(key));
    }
    std::string out = "CREATE TABLE " + quote_identifier(table.name.name) + " (";
    for (std::size_t i = 0; i < clauses.size(); ++i) {
        out += (i == 0 ? "\n    " : ",\n    ") + clauses[i];
    }
    out += "\n)";
    const bool without_rowid = table.properties.contains("without_rowid");
    out += without_rowid ? " WITHOUT ROWID" : "";
    out += table.properties.contains("strict") ? (without_rowid ? ", STRICT" : " STRICT") : "";
    return out;
}

std::string create_index_sql(const Table& table, const Index& index) {
    std::string out = std::string("CREATE ") + (index.unique ? "UNIQUE " : "") + "INDEX " +
                      quote_identifier(index.name) + " ON " + quote_identifier(table.name.name) + " (";
    for (std::size_t i = 0; i < index.parts.size(); ++i) {
        const IndexPart& part = index.parts[i];
        out += i == 0 ? "" : ", ";
        out += part.column.empty() ? part.expression : quote_identifier(part.column);
        out += part.collation.empty() ? "" : " COLLATE " + quote_identifier(part.collation);
        out += part.descending ? " DESC" : "";
    }
    out += ")";
    return index.predicate.empty() ? out : out + " WHERE " + index.predicate;
}

bool is_definition_current(const Table& table) {
    if (table.native_sql.empty()) {
        return false;
    }
    const TableParseResult parsed = parse_create_table(table.native_sql);
    if (!parsed || parsed.table->name != table.name.name ||
        parsed.table->columns.size() != table.columns.size() ||
        parsed.table->foreign_keys.size() != table.foreign_keys.size()) {
        return false;
    }
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (parsed.table->columns[i].name != table.columns[i].name) {
            return false;
        }
    }
    for (std::size_t i = 0; i < table.foreign_keys.size(); ++i) {
        if (!util::equals_ignore_case(parsed.table->foreign_keys[i].table,
                                      table.foreign_keys[i].referenced_table.name)) {
            return false;
        }
    }
    return true;
}

}  // namespace migrate::backends::sqlite
