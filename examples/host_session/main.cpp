// An application that keeps its data in SQLite through a SOCI session of its own lends that session to the
// library: the data leaves through the connection that is open already, which then goes on as before.
//
//     example_host_session app.db json:out/
#include <iostream>
#include <string>

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <migrate/migrate.hpp>
#include <migrate/soci.hpp>

namespace {

void remember(soci::session& session, const std::string& text) {
    session << "INSERT INTO note (body) VALUES (:body)", soci::use(text);
}

int count_notes(soci::session& session) {
    int count = 0;
    session << "SELECT count(*) FROM note", soci::into(count);
    return count;
}

int setting(soci::session& session, const char* name) {
    int value = 0;
    session << "PRAGMA " << name, soci::into(value);
    return value;
}

int run(const std::string& database, const std::string& to) {
    soci::session session(soci::sqlite3, "dbname=" + database);
    session << "PRAGMA foreign_keys = ON";
    session << "CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT NOT NULL)";
    remember(session, "written before");

    migrate::CrossDatabaseMigrator migrator{migrate::MigratorConfig{}};
    const auto plan =
        migrator.plan_migration({migrate::endpoint_from(session)}, {migrate::parse_endpoint(to, true)});
    const migrate::MigrationResult result = migrator.execute_migration(plan);
    std::cout << render_text(result) << '\n';

    remember(session, "written after");
    std::cout << "notes in the session: " << count_notes(session)
              << ", foreign_keys: " << setting(session, "foreign_keys")
              << ", query_only: " << setting(session, "query_only") << '\n';
    return result.exit_code();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: " << argv[0] << " DATABASE TO\n";
        return 2;
    }
    try {
        return run(argv[1], argv[2]);
    } catch (const migrate::Error& error) {
        std::cerr << error.what() << '\n' << error.facts().next_step << '\n';
        return migrate::exit_code_of(error.code());
    } catch (const soci::soci_error& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
