#include <set>
#include <string>
#include <vector>

#include "backends/postgresql/sqlite_view.hpp"
#include "backends/postgresql/translation.hpp"
#include "fuzz/fuzz_input.hpp"
#include "model/select_parser.hpp"

using namespace migrate;
namespace pg = migrate::backends::postgresql;

namespace {

struct Sample {
    const char* name;
    const char* declared;
    const char* format;
    LogicalType type;
    const char* native;
    const char* collation;
};

/// A column of each shape that the translation tells apart.
const std::vector<Sample>& samples() {
    static const std::vector<Sample> k_all{
        {"id", "INTEGER", "", TypeKind::int64, "bigint", ""},
        {"n", "INT", "", TypeKind::int64, "bigint", ""},
        {"t", "TEXT", "", TypeKind::text, "text", ""},
        {"c", "TEXT", "", TypeKind::text, "text", "NOCASE"},
        {"r", "REAL", "", TypeKind::float64, "double precision", ""},
        {"p", "DECIMAL(10,2)", "number", LogicalType::decimal(10, 2), "numeric(10,2)", ""},
        {"flag", "BOOLEAN", "integer", TypeKind::boolean, "boolean", ""},
        {"day", "DATE", "YYYY-MM-DD", TypeKind::date, "date", ""},
        {"at", "DATETIME", "YYYY-MM-DD HH:MM:SS", TypeKind::timestamp, "timestamp without time zone", ""},
        {"made", "INTEGER", "epoch_s", TypeKind::timestamp_tz, "timestamp with time zone", ""},
        {"b", "BLOB", "", TypeKind::bytes, "bytea", ""},
        {"j", "JSON", "", TypeKind::json, "json", ""},
        {"u", "UUID", "", TypeKind::uuid, "uuid", ""},
        {"any", "", "", TypeKind::variant, "json", ""},
        {"Odd \"Name\"", "VARCHAR(9)", "", LogicalType::text(9), "character varying(9)", ""}};
    return k_all;
}

Table table_named(const std::string& name, bool source) {
    Table table;
    table.name = {source ? "" : "public", name};
    for (const Sample& sample : samples()) {
        Column& column = table.columns.emplace_back();
        column.name = sample.name;
        column.type = sample.type;
        column.native_type = source ? sample.declared : sample.native;
        column.format = source ? sample.format : "";
        column.collation = source ? sample.collation : "";
    }
    if (source) {
        table.columns[0].identity = IdentityValue{};
        table.columns[0].identity->kind = IdentityValue::Kind::rowid;
    }
    return table;
}

pg::SqliteQueryTranslator::Relations relations() {
    pg::SqliteQueryTranslator::Relations out;
    for (const std::string name : {"a", "b"}) {
        const Table source = table_named(name, true);
        const Table target = table_named(name, false);
        pg::QueryTable& table = out[name];
        table.alias = name;
        table.sql = "public." + name;
        for (std::size_t i = 0; i < source.columns.size(); ++i) {
            table.columns.push_back({source.columns[i].name, source.columns[i], target.columns[i]});
        }
    }
    return out;
}

/// Quotes are closed, and parentheses outside of them match: nothing of a query's own ends what is around it.
void check_sql(const std::string& sql) {
    char quote = 0;
    int depth = 0;
    for (std::size_t i = 0; i < sql.size(); ++i) {
        const char c = sql[i];
        if (quote != 0) {
            quote = c == quote ? 0 : quote;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else {
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            fuzz::require(depth >= 0, "a parenthesis is opened before it is closed");
        }
        fuzz::require(c != '\0', "SQL has no NUL");
    }
    fuzz::require(quote == 0 && depth == 0, "what is opened is closed");
}

void check_view(const model::ViewDefinition& view) {
    static const pg::SqliteQueryTranslator::Relations k_relations = relations();
    pg::SqliteQueryTranslator translator(k_relations);
    const auto said = translator.translate(view.query, view.columns);
    fuzz::require(said.has_value() == translator.why_not().empty(), "a query is translated or refused");
    if (!said) {
        return;
    }
    check_sql(said->sql);
    fuzz::require(view.columns.empty() || said->columns.size() == view.columns.size(),
                  "a view has the columns that it says");
    fuzz::require(!said->columns.empty(), "a query has results");
    pg::SqliteQueryTranslator again(k_relations);
    fuzz::require(again.translate(view.query, view.columns)->sql == said->sql,
                  "the same query is translated the same way");
}

void check_condition(const std::string& text) {
    static const Table k_from = table_named("a", true);
    static const Table k_to = table_named("a", false);
    static const Schema k_schema = [] {
        Schema schema;
        schema.engine = "sqlite";
        return schema;
    }();
    for (const auto translate : {pg::translate_condition, pg::translate_index_key}) {
        const pg::Translation said = translate(k_schema, k_from, k_to, text);
        fuzz::require(said.sql.has_value() == said.why_not.empty(), "a condition is translated or refused");
        if (said.sql) {
            check_sql(*said.sql);
        }
    }
}

}  // namespace

// SQLite's CREATE VIEW, or else an expression of a CHECK or an index.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::Input input(data, size);
    const std::string text(input.rest());
    const model::ViewParseResult parsed = model::parse_sqlite_view(text);
    fuzz::require(bool(parsed) != parsed.error.has_value(), "a parse is either a view or an error");
    if (parsed) {
        check_view(*parsed.view);
    } else {
        fuzz::require(parsed.error->position <= text.size(), "an error is within the text");
        check_condition(text);
    }
    return 0;
}
