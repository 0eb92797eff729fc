#include "e2e/every_object.hpp"

#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

namespace migrate::test {

std::string script(const std::string& name) {
    std::ifstream file(std::string(MIGRATE_SOURCE_DIR) + "/tests/e2e/sql/" + name);
    REQUIRE(file.good());
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Lines belong together until one ends with a semicolon.
void run_script(const PgDatabase& database, const std::string& name, const std::string& role) {
    auto connection = database.connect();
    if (!role.empty()) {
        connection.exec("SET ROLE " + role);
    }
    std::string statement;
    std::string line;
    for (const char c : script(name)) {
        line += c;
        if (c != '\n') {
            continue;
        }
        statement += line;
        if (line.ends_with(";\n") || line.ends_with("; \n")) {
            connection.exec(statement);
            statement.clear();
        }
        line.clear();
    }
}

void make_role(const std::string& name) {
    PgConnection(*pg_test_conninfo())
        .exec("DO $$ BEGIN CREATE ROLE " + name +
              " LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; WHEN unique_violation THEN NULL; END $$");
}

std::unique_ptr<PgDatabase> make_objects() {
    auto database = make_pg_database();
    if (database != nullptr) {
        for (const char* role : {"exact_reader", "exact_writer", "exact_owner"}) {
            make_role(role);
        }
        run_script(*database, "every_object.sql");
    }
    return database;
}

}  // namespace migrate::test
