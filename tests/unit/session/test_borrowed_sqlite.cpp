#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <migrate/endpoint_adapter.hpp>
#include <migrate/error.hpp>
#include <migrate/json_adapter.hpp>
#include <migrate/soci.hpp>
#include <migrate/sqlite_adapter.hpp>

#include "support/temporary_directory.hpp"

namespace migrate {
namespace {

/// Every setting of the session that a PRAGMA tells.
std::vector<std::string> settings_of(soci::session& session) {
    std::vector<std::string> settings;
    for (const char* name :
         {"busy_timeout", "cache_size", "cell_size_check", "defer_foreign_keys", "foreign_keys",
          "ignore_check_constraints", "journal_mode", "mmap_size", "query_only", "read_uncommitted",
          "recursive_triggers", "reverse_unordered_selects", "secure_delete", "synchronous", "temp_store",
          "trusted_schema"}) {
        std::string value;
        soci::indicator indicator = soci::i_null;
        session << "PRAGMA " << name, soci::into(value, indicator);
        settings.push_back(std::string(name) + "=" + value);
    }
    return settings;
}

void fill(soci::session& session) {
    session << "PRAGMA foreign_keys = ON";
    session << "PRAGMA synchronous = OFF";
    session << "CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT)";
    session << "INSERT INTO note (body) VALUES ('one'), (NULL), ('three')";
}

std::uint64_t row_count(MigrationAdapter& adapter) {
    const auto rows = adapter.export_data();
    std::uint64_t count = 0;
    while (const auto turn = rows->next_table()) {
        RowBatch batch = batch_for(rows->schema(), *turn);
        while (rows->next(batch)) {
            count += batch.row_count();
        }
    }
    return count;
}

}  // namespace

TEST_CASE("borrowed: a SQLite session is read and left as it was", "[session][soci][sqlite]") {
    const test::TemporaryDirectory directory;
    const bool in_memory = GENERATE(false, true);
    soci::session host(soci::sqlite3, in_memory ? ":memory:" : "dbname=" + directory.path("app.db"));
    fill(host);
    const std::vector<std::string> before = settings_of(host);

    EndpointAdapter adapter(endpoint_from(host));
    {
        const auto rows = adapter.export_data();
        JsonAdapter target(directory.path("out/"));
        CHECK(target.import_data(*rows).tables.at(0).committed == 3);
    }
    CHECK(adapter.validate_integrity().empty());
    CHECK(settings_of(host) == before);
    host << "INSERT INTO note (body) VALUES ('four')";
    CHECK(row_count(adapter) == 4);
}

TEST_CASE("borrowed: a session in the middle of a transaction is refused and keeps it",
          "[session][soci][sqlite]") {
    soci::session host(soci::sqlite3, ":memory:");
    fill(host);
    EndpointAdapter adapter(endpoint_from(host));
    {
        soci::transaction own(host);
        host << "DELETE FROM note";
        try {
            static_cast<void>(adapter.export_data());
            FAIL("rows that may be rolled back were read");
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::refused);
            CHECK_FALSE(error.facts().next_step.empty());
        }
        own.rollback();
    }
    CHECK(row_count(adapter) == 3);
}

TEST_CASE("borrowed: rows can be brought into the file of a session that is open",
          "[session][soci][sqlite]") {
    const test::TemporaryDirectory directory;
    soci::session source(soci::sqlite3, ":memory:");
    fill(source);
    soci::session host(soci::sqlite3, "dbname=" + directory.path("app.db"));
    host << "CREATE TABLE own (a)";
    const std::vector<std::string> before = settings_of(host);

    EndpointAdapter from(endpoint_from(source));
    EndpointAdapter target(endpoint_from(host));
    CHECK(target.import_data(*from.export_data()).exit_code() == 0);

    int count = 0;
    host << "SELECT count(*) FROM note", soci::into(count);
    CHECK(count == 3);
    host << "INSERT INTO own (a) VALUES (1)";
    CHECK(settings_of(host) == before);

    soci::session memory(soci::sqlite3, ":memory:");
    EndpointAdapter nowhere(endpoint_from(memory));
    const auto rows = from.export_data();
    CHECK_THROWS_AS(nowhere.import_data(*rows), Error);
}

}  // namespace migrate
