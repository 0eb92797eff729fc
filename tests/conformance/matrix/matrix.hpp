#pragma once

#include <string>
#include <vector>

/// Every type of every engine with its odd values, through every engine and back. What becomes of each value
/// stands in a table beside this file, one line a value: data that the tests compare with.
namespace migrate::test::matrix {

/// One column of one row: a type with a value of it.
struct Cell {
    std::string type;   ///< As the engine's DDL says it.
    std::string value;  ///< As the engine's SQL says it; a JSON text for documents.
};

/// Cells of one type, in one table of one row.
struct TypeCells {
    std::string type;
    std::vector<std::string> values;
};

/// What became of one cell.
struct Fate {
    Cell cell;
    std::string stored;                      ///< As the source's driver gives it.
    std::vector<std::string> there;          ///< As each engine's driver gives it, with the column's type.
    std::vector<std::string> back;           ///< Per engine: "same", or what came instead.
    [[nodiscard]] std::string line() const;  ///< Separated by tabs, control characters escaped.
};

/// Takes a database of one table per type from `engine` to each of sqlite, postgresql, json, and back.
std::vector<Fate> fates(const std::string& engine, const std::vector<TypeCells>& types,
                        const std::vector<std::string>& before);

/// What becomes of JSON texts, each a member of one document: one line each, separated by tabs, with what the
/// drivers give on every engine, and what an engine's database gives once it went on to the next.
std::vector<std::string> document_fates(const std::vector<std::string>& texts);

/// Compares with tests/conformance/matrix/<name>.tsv, and fails with the lines that differ;
/// MIGRATE_UPDATE_DOCUMENTS=1 writes the file.
void check_table(const std::string& name, const std::string& heading, const std::vector<std::string>& lines);

}  // namespace migrate::test::matrix
