#include "property/database_case.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "support/sqlite.hpp"

namespace migrate::property {
namespace {

std::string create_table(const CaseTable& table) {
    std::string list;
    for (const CaseColumn& column : table.columns) {
        list += (list.empty() ? "" : ", ") + column.name + " " + column.definition;
    }
    for (const std::string& constraint : table.constraints) {
        list += (list.empty() ? "" : ", ") + constraint;
    }
    return "CREATE TABLE " + table.name + " (" + list + ")" + table.suffix;
}

std::string insert(const CaseTable& table, const std::vector<std::string>& row) {
    std::string names;
    std::string values;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (!table.columns[i].computed) {
            names += (names.empty() ? "" : ", ") + table.columns[i].name;
            values += (values.empty() ? "" : ", ") + row[i];
        }
    }
    return names.empty() ? "INSERT INTO " + table.name + " DEFAULT VALUES"
                         : "INSERT INTO " + table.name + " (" + names + ") VALUES (" + values + ")";
}

}  // namespace

std::vector<std::string> DatabaseCase::statements() const {
    std::vector<std::string> out = before;
    for (const CaseTable& table : tables) {
        out.push_back(create_table(table));
    }
    for (const CaseTable& table : tables) {
        out.insert(out.end(), table.attach.begin(), table.attach.end());
    }
    for (const CaseTable& table : tables) {
        for (const auto& row : table.rows) {
            out.push_back(insert(table, row));
        }
    }
    for (const CaseTable& table : tables) {
        out.insert(out.end(), table.later.begin(), table.later.end());
    }
    return out;
}

void make_sqlite(const DatabaseCase& what, const std::string& path) {
    test::SqliteDatabase database(path);
    database.exec("PRAGMA synchronous = OFF");
    for (const std::string& statement : what.statements()) {
        try {
            database.exec(statement);
        } catch (const std::runtime_error&) {  // Refused: no part of the case.
        }
    }
}

void make_postgresql(const DatabaseCase& what, test::PgConnection& server) {
    for (const std::string& statement : what.statements()) {
        try {
            server.exec(statement);
        } catch (const std::runtime_error&) {  // Refused: no part of the case.
        }
    }
}

void make_documents(const DocumentCase& what, const std::string& directory) {
    std::filesystem::create_directories(directory);
    for (const DocumentFile& file : what.files) {
        std::ofstream out(directory + "/" + file.name, std::ios::binary);
        const bool lines = file.name.ends_with(".ndjson");
        out << (lines ? "" : "[");
        for (std::size_t i = 0; i < file.records.size(); ++i) {
            out << (lines || i == 0 ? "" : ",\n") << file.records[i] << (lines ? "\n" : "");
        }
        out << (lines ? "" : "]\n");
    }
}

}  // namespace migrate::property
