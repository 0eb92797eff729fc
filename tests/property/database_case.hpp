#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/pg.hpp"
#include "support/random.hpp"

/// A generated database in pieces that can be taken away one by one, so that what fails becomes small.
namespace migrate::property {

struct CaseColumn {
    std::string name;        ///< Quoted, as SQL says it.
    std::string definition;  ///< Type, default, constraints.
    bool computed = false;   ///< The engine makes its values: no insert names it.
};

struct CaseTable {
    std::string name;  ///< Quoted, with its schema where there is one.
    std::vector<CaseColumn> columns;
    std::vector<std::string> constraints;        ///< Inside CREATE TABLE.
    std::string suffix;                          ///< After its closing parenthesis.
    std::vector<std::string> attach;             ///< Statements for when all tables are there, before rows.
    std::vector<std::vector<std::string>> rows;  ///< SQL, one for each column; "" where it is computed.
    std::vector<std::string> later;              ///< Statements for when all rows are there: indexes, keys.
};

/// One database of a SQL engine. Statements that the engine refuses are passed over: what it takes is the
/// case.
struct DatabaseCase {
    std::uint64_t seed = 0;
    std::vector<std::string> before;  ///< Schemas, types, settings.
    std::vector<CaseTable> tables;

    [[nodiscard]] std::vector<std::string> statements() const;
};

DatabaseCase random_sqlite_case(std::uint64_t seed);
DatabaseCase random_postgresql_case(std::uint64_t seed);

void make_sqlite(const DatabaseCase& what, const std::string& path);
void make_postgresql(const DatabaseCase& what, test::PgConnection& server);

/// For JSON there is no catalog: a case is files, each with its records.
struct DocumentFile {
    std::string name;                  ///< With .json (an array) or .ndjson.
    std::vector<std::string> records;  ///< JSON texts.
};

struct DocumentCase {
    std::uint64_t seed = 0;
    std::vector<DocumentFile> files;
};

DocumentCase random_document_case(std::uint64_t seed);
void make_documents(const DocumentCase& what, const std::string& directory);

}  // namespace migrate::property
