#include "backends/json/adoption.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace migrate::backends::json {

namespace {

// What does something when rows are read or written. The rest (types, sequences, comments) says something
// about the columns, which carry it themselves.
constexpr std::array<std::string_view, 11> k_code_kinds{
    "view", "materialized view", "trigger",       "function",     "procedure", "policy", "aggregate",
    "rule", "operator",          "event trigger", "virtual table"};

bool is_code(const SchemaObject& object) {
    return std::find(k_code_kinds.begin(), k_code_kinds.end(), object.kind) != k_code_kinds.end();
}

void adopt_column(Column& column, const QualifiedName& table, const backend::AdoptOptions& options) {
    for (const backend::ColumnHint& wish : options.overrides) {
        if (wish.table == table && wish.column == column.name) {
            column.type = wish.type;
        }
    }
    column.native_type = to_string(column.type);
    column.format.clear();
    column.default_sql.reset();
    column.generated.reset();
    column.why.clear();
}

// True when something was taken off that only its own engine can evaluate.
bool adopt_table(Table& table, const backend::AdoptOptions& options) {
    bool has_expressions = !table.checks.empty();
    for (Column& column : table.columns) {
        has_expressions = has_expressions || column.default_sql || column.generated;
        adopt_column(column, table.name, options);
    }
    table.checks.clear();
    has_expressions =
        std::erase_if(table.indexes,
                      [](const Index& index) {
                          return !index.predicate.empty() ||
                                 std::any_of(index.parts.begin(), index.parts.end(),
                                             [](const IndexPart& part) { return part.column.empty(); });
                      }) != 0 ||
        has_expressions;
    for (Index& index : table.indexes) {
        index.native_sql.clear();
        index.method.clear();
        for (IndexPart& part : index.parts) {
            part.operator_class.clear();
        }
    }
    table.native_sql.clear();
    return has_expressions;
}

}  // namespace

backend::Adoption adopt(const Schema& source, const backend::AdoptOptions& options) {
    backend::Adoption adoption;
    adoption.schema = source;
    adoption.schema.engine = "json";
    adoption.schema.engine_version.clear();
    adoption.schema.objects.clear();
    for (Table& table : adoption.schema.tables) {
        if (adopt_table(table, options) && source.engine != "json") {
            adoption.findings.push_back({Severity::note, "expressions-recorded",
                                         "table " + table.name.display(),
                                         "its defaults, checks, generated columns and indexes on expressions "
                                         "stay in the manifest's record of "
                                         "where it came from; JSON evaluates nothing",
                                         "", 0});
        }
    }
    for (const SchemaObject& object : source.objects) {
        if (!is_code(object)) {
            continue;
        }
        const bool excluded = std::find(options.skip_kinds.begin(), options.skip_kinds.end(), object.kind) !=
                              options.skip_kinds.end();
        adoption.findings.push_back(
            {excluded ? Severity::excluded : Severity::left_out, "object-left-out",
             object.kind + " " + object.name.display(),
             object.reason.empty() ? "JSON holds rows and their description, no code" : object.reason, "",
             1});
    }
    return adoption;
}

}  // namespace migrate::backends::json
