#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <sqlite3.h>

#include "backends/sqlite/create_index_parser.hpp"
#include "backends/sqlite/create_table_parser.hpp"
#include "support/shared_data.hpp"
#include "support/temporary_directory.hpp"

using namespace migrate;
namespace fs = std::filesystem;

namespace {

struct Statement {
    std::string type;
    std::string sql;
};

std::vector<Statement> definitions(const std::string& path) {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
    std::vector<Statement> statements;
    sqlite3_stmt* query = nullptr;
    const char* const sql =
        "SELECT type, sql FROM sqlite_schema WHERE sql IS NOT NULL AND type IN ('table','index')";
    if (sqlite3_prepare_v2(database, sql, -1, &query, nullptr) == SQLITE_OK) {
        while (sqlite3_step(query) == SQLITE_ROW) {
            statements.push_back({reinterpret_cast<const char*>(sqlite3_column_text(query, 0)),
                                  reinterpret_cast<const char*>(sqlite3_column_text(query, 1))});
        }
    }
    sqlite3_finalize(query);
    sqlite3_close(database);
    return statements;
}

void check_table(const std::string& sql) {
    const auto table = backends::sqlite::parse_create_table(sql);
    INFO(sql << " → " << (table.error ? table.error->message : ""));
    REQUIRE(table);
    for (const auto& check : table.table->checks) {
        INFO(check.expression.text << " → " << check.expression.why_not);
        CHECK(check.expression.tree);
    }
    for (const auto& column : table.table->columns) {
        if (column.default_value) {
            INFO(column.default_value->expression.text << " → " << column.default_value->expression.why_not);
            CHECK(column.default_value->expression.tree);
        }
    }
}

}  // namespace

TEST_CASE("sqlite: every table and index definition of the real databases is read", "[sqlite][ddl][data]") {
    const auto root = test::shared_data("sqlite");
    if (!root) {
        return;
    }
    const test::TemporaryDirectory scratch;
    std::size_t tables = 0;
    std::size_t indexes = 0;
    for (const auto& entry : fs::recursive_directory_iterator(*root)) {
        const std::string extension = entry.path().extension().string();
        if (!entry.is_regular_file() ||
            (extension != ".db" && extension != ".sqlite" && extension != ".db3")) {
            continue;
        }
        const fs::path copy = fs::path(scratch.path()) / "copy.db";
        fs::copy_file(entry.path(), copy, fs::copy_options::overwrite_existing);
        CAPTURE(entry.path().string());
        for (const Statement& statement : definitions(copy.string())) {
            if (statement.type == "index") {
                const auto index = backends::sqlite::parse_create_index(statement.sql);
                INFO(statement.sql);
                CHECK(index);
                ++indexes;
            } else if (!statement.sql.starts_with("CREATE VIRTUAL")) {
                check_table(statement.sql);
                ++tables;
            }
        }
    }
    CHECK(tables >= 150);
    CHECK(indexes > 50);
}
