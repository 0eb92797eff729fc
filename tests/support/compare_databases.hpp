#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// Whether two databases hold the same, told by plain driver calls and this folder's own reading of values:
/// it shares no code with the library, so that a mistake there cannot hide here.
namespace migrate::test {

/// What a table of the right side is to be called: for names that had to change on the way.
struct RightName {
    std::string schema;
    std::string name;
    std::map<std::string, std::string> columns;  ///< By what they are called there.
};

struct CompareOptions {
    bool rows_only = false;             ///< Leave definitions alone: tables, column names and rows only.
    std::set<std::string> skip_tables;  ///< Names (with or without schema) to pass over on both sides.
    bool fold_names = false;            ///< InvoiceLine, invoice_line and INVOICELINE are one name.
    std::map<std::pair<std::string, std::string>, RightName> right_names;  ///< By schema and name there.
    std::size_t max_reported = 1000;  ///< Differences kept with their text; all are counted.
};

struct CompareResult {
    std::vector<std::string> differences;  ///< One line each, values included: for tests only.
    std::uint64_t difference_count = 0;
    std::uint64_t tables = 0;  ///< Compared.
    std::uint64_t rows = 0;    ///< Of the left side.

    [[nodiscard]] bool equal() const { return difference_count == 0; }
};

/// An endpoint is "sqlite:PATH", "pg:CONNINFO" (or a postgresql:// URI) or "json:DIRECTORY" (or FILE) as the
/// tool wrote it.
///
/// Same engine on both sides: definitions and rows, exactly (a value's storage class and bytes in SQLite, its
/// text in PostgreSQL, its JSON text). Different engines: the columns that may be NULL, the number of primary
/// keys, foreign keys, unique keys and indexes, and every value by what it means under the typed side's type.
/// Rows are compared as multisets. Tables of the tool itself (_migrate…), virtual tables, views and triggers
/// are left out. Throws: std::runtime_error where a side cannot be read.
CompareResult compare_databases(const std::string& left, const std::string& right,
                                const CompareOptions& options = {});

}  // namespace migrate::test
