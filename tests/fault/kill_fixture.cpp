#include "fault/kill_fixture.hpp"

#include <csignal>
#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <thread>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "support/file_tree.hpp"
#include "support/sqlite.hpp"

namespace migrate::test {
namespace {

constexpr const char* k_sqlite_tables =
    "CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, born INTEGER);"
    "CREATE TABLE book (id INTEGER PRIMARY KEY, author INTEGER NOT NULL REFERENCES author (id), title TEXT, "
    "price REAL, cover BLOB);"
    "CREATE INDEX book_author ON book (author);"
    "CREATE TABLE event (what TEXT, at TEXT);";

constexpr const char* k_postgresql_tables =
    "CREATE TABLE author (id bigint PRIMARY KEY, name text NOT NULL UNIQUE, born int);"
    "CREATE TABLE book (id bigint PRIMARY KEY, author bigint NOT NULL REFERENCES author (id), title text, "
    "price double precision, cover bytea);"
    "CREATE INDEX book_author ON book (author);"
    "CREATE TABLE event (what text, at text);";

// {0} is the scale, {1} the canary. 300 authors, 500 books and 250 events: with chunks of 100 rows every
// table has several.
constexpr const char* k_sqlite_rows =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300 * {0}) INSERT INTO author "
    "SELECT "
    "i, "
    "'author ' || i, CASE WHEN i % 7 THEN 1900 + i % 90 END FROM n;"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500 * {0}) INSERT INTO book "
    "SELECT "
    "i, "
    "1 + i * 13 % 300, printf('{1} %d ''\"é', i), i / 7.0, CASE WHEN i % 3 THEN zeroblob(i % 50) END FROM "
    "n;"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250 * {0}) INSERT INTO event "
    "SELECT "
    "CASE i % 4 WHEN 0 THEN NULL ELSE 'what ' || (i % 5) END, 'then' FROM n;";

constexpr const char* k_postgresql_rows =
    "INSERT INTO author SELECT i, 'author ' || i, CASE WHEN i % 7 <> 0 THEN 1900 + i % 90 END FROM "
    "generate_series(1, 300 * {0}) i;"
    "INSERT INTO book SELECT i, 1 + i * 13 % 300, '{1} ' || i || ' ''\"é', i / 7.0, CASE WHEN i % 3 <> 0 "
    "THEN "
    "decode(repeat('00', i % 50), 'hex') END FROM generate_series(1, 500 * {0}) i;"
    "INSERT INTO event SELECT CASE i % 4 WHEN 0 THEN NULL ELSE 'what ' || (i % 5) END, 'then' FROM "
    "generate_series(1, 250 * {0}) i;";

/// Of 300 authors, 500 books and 250 events: one author more, a book more, one less, one that is another and
/// one under another key; two events less and one more.
constexpr const char* k_changes =
    "INSERT INTO author VALUES (301, 'author 301', 2001); INSERT INTO book VALUES (501, 301, 'new', 0.5, "
    "NULL);"
    "DELETE FROM book WHERE id = 7; UPDATE book SET title = 'another' WHERE id = 333;"
    "UPDATE book SET id = 1000 WHERE id = 450; DELETE FROM event WHERE what = 'what 3' AND at = 'then';"
    "INSERT INTO event VALUES ('new', 'now')";

constexpr const char* k_other_data =
    "CREATE TABLE other_data (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO other_data VALUES (1, 'stays')";

}  // namespace

std::unique_ptr<KillSource> KillSource::make(const std::string& engine, unsigned scale) {
    auto source = std::make_unique<KillSource>();
    source->m_scale = scale;
    if (engine == "postgresql") {
        source->m_database = make_pg_database();
        if (!source->m_database) {
            return nullptr;
        }
        source->m_endpoint = "pg:" + source->m_database->conninfo();
        source->m_database->connect().exec(std::string(k_postgresql_tables) +
                                           fmt::format(k_postgresql_rows, scale, k_canary_row));
        return source;
    }
    const std::string file = source->m_directory.path("source.db");
    SqliteDatabase(file).exec(std::string(k_sqlite_tables) + fmt::format(k_sqlite_rows, scale, k_canary_row));
    source->m_endpoint = "sqlite:" + file;
    if (engine == "json") {
        const std::string directory = "json:" + source->m_directory.path("source") + "/";
        const CommandResult made =
            run_cli({"migrate", "--from", source->m_endpoint, "--to", directory, "--execute"});
        if (made.exit_code != 0) {
            throw std::runtime_error("the JSON source cannot be made: " + made.out + made.err);
        }
        source->m_endpoint = directory;
    }
    return source;
}

void KillSource::execute(const std::string& sql) const {
    if (m_database) {
        m_database->connect().exec(sql);
    } else {
        SqliteDatabase(m_directory.path("source.db")).exec(sql);
    }
}

void KillSource::change() {
    execute(k_changes);
    m_changed = true;
    if (!m_endpoint.starts_with("json:")) {
        return;
    }
    const std::string directory = m_endpoint.substr(5);
    std::filesystem::remove_all(directory);
    const CommandResult made = run_cli(
        {"migrate", "--from", "sqlite:" + m_directory.path("source.db"), "--to", m_endpoint, "--execute"});
    if (made.exit_code != 0) {
        throw std::runtime_error("the JSON source cannot be changed: " + made.out + made.err);
    }
}

KillTarget::KillTarget(const std::string& engine, bool with_other_data) : m_engine(engine) {
    if (engine == "postgresql") {
        m_database = make_pg_database();
        m_endpoint = "pg:" + m_database->conninfo();
        if (with_other_data) {
            m_database->connect().exec(k_other_data);
        }
        return;
    }
    const std::string file = m_directory.path("target.db");
    m_endpoint = engine == "sqlite" ? "sqlite:" + file : "json:" + m_directory.path("target") + "/";
    if (!with_other_data) {
        return;
    }
    SqliteDatabase(engine == "sqlite" ? file : m_directory.path("other.db")).exec(k_other_data);
    if (engine == "json") {
        const CommandResult made = run(
            {"migrate", "--from", "sqlite:" + m_directory.path("other.db"), "--to", m_endpoint, "--execute"});
        if (made.exit_code != 0) {
            throw std::runtime_error("the target cannot be made: " + made.out + made.err);
        }
    }
}

CommandResult KillTarget::run(const std::vector<std::string>& arguments, const std::string& kill_at,
                              std::chrono::milliseconds kill_after) const {
    CommandOptions options;
    options.environment["XDG_STATE_HOME"] = m_directory.path("state");
    options.environment["MIGRATE_KILL_AT"] = kill_at;
    options.environment["PGPASSWORD"] = k_canary_password;
    CommandResult result;
    if (kill_after.count() == 0) {
        result = run_cli(arguments, options);
    } else {
        Command command(cli(arguments), isolated(options, m_directory.path("state")));
        std::this_thread::sleep_for(kill_after);
        command.send(SIGKILL);
        result = command.wait();
    }
    require_quiet(result);
    return result;
}

void KillTarget::require_quiet(const CommandResult& result) const {
    for (const char* canary : {k_canary_row, k_canary_password}) {
        INFO(canary << " is in what the command says: " << result.out << result.err);
        REQUIRE((result.out + result.err).find(canary) == std::string::npos);
        const std::string state = m_directory.path("state");
        if (!std::filesystem::exists(state)) {
            continue;
        }
        for (const auto& [name, content] : file_tree(state)) {
            INFO(canary << " is in " << name);
            // Backups hold rows, which is what they are for.
            REQUIRE((content.find(canary) == std::string::npos ||
                     (canary == k_canary_row && name.find("/backups/") != std::string::npos)));
        }
    }
}

void KillTarget::require_quiet_records() const {
    for (const char* canary : {k_canary_row, k_canary_password}) {
        INFO(canary);
        const std::string like = std::string(" LIKE '%") + canary + "%'";
        if (m_database) {
            for (const char* table : {"migration", "checkpoint", "provenance"}) {
                CHECK(m_database->connect().value(std::string("SELECT count(*) FROM _migrate.") + table +
                                                  " t WHERE t::text" + like) == "0");
            }
        } else if (m_engine == "sqlite") {
            CHECK(value("SELECT count(*) FROM _migrate_migration WHERE plan" + like) == "0");
            CHECK(value("SELECT count(*) FROM _migrate_provenance WHERE record" + like) == "0");
        } else {
            for (const auto& [name, content] : file_tree(m_directory.path())) {
                CHECK((!name.ends_with(".json") || content.find(canary) == std::string::npos));
            }
        }
    }
}

CommandResult KillTarget::run_wrapped(const std::vector<std::string>& arguments,
                                      const std::vector<std::string>& wrapper) const {
    CommandOptions options;
    options.environment["XDG_STATE_HOME"] = m_directory.path("state");
    options.wrapper = wrapper;
    return run_cli(arguments, options);
}

std::string KillTarget::newest_done() const {
    const CommandResult history = run({"history", "--json"});
    const std::size_t state = history.out.find("\"state\": \"done\"");
    const std::size_t id = state == std::string::npos ? state : history.out.rfind("\"id\": \"", state);
    return id == std::string::npos ? "" : history.out.substr(id + 7, 12);
}

void KillTarget::execute(const std::string& sql) const {
    if (m_database) {
        m_database->connect().exec(sql);
    } else {
        SqliteDatabase(m_directory.path("target.db")).exec(sql);
    }
}

std::string KillTarget::value(const std::string& sql) const {
    return m_database ? m_database->connect().value(sql)
                      : SqliteDatabase(m_directory.path("target.db"), true).value(sql);
}

std::size_t KillTarget::backups() const {
    const std::filesystem::path place = m_directory.path("state/migrate/backups");
    return std::filesystem::exists(place)
               ? static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(place),
                                                        std::filesystem::directory_iterator()))
               : 0;
}

std::string KillTarget::lock_file() const {
    return m_directory.path(m_engine == "sqlite" ? "target.db" : "target") + ".migrate-lock";
}

std::vector<std::string> KillTarget::leftovers() const {
    std::vector<std::string> found;
    if (m_database) {
        for (const auto& row : m_database->connect().query(
                 "SELECT nspname FROM pg_namespace WHERE nspname ~ '^_migrate_[0-9a-f]+_[0-9]+$'")) {
            found.push_back(row[0].value());
        }
        return found;
    }
    for (const auto& entry : std::filesystem::directory_iterator(m_directory.path())) {
        const std::string name = entry.path().filename().string();
        // A JSON target keeps what it replaced there, until finalize.
        const bool is_kept = m_engine == "json" && name.find(".migrate-") != std::string::npos;
        if (name.find(".migrate-") != std::string::npos && !name.ends_with(".migrate-lock") && !is_kept) {
            found.push_back(name);
        }
    }
    return found;
}

std::size_t KillTarget::visible_tables() const {
    const std::string tables = "('author', 'book', 'event')";
    if (m_database) {
        return std::stoul(m_database->connect().value(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname IN " +
            tables));
    }
    if (m_engine == "sqlite") {
        const std::string file = m_directory.path("target.db");
        return std::filesystem::exists(file)
                   ? std::stoul(SqliteDatabase(file).value(
                         "SELECT count(*) FROM sqlite_schema WHERE name IN " + tables))
                   : 0;
    }
    std::size_t count = 0;
    for (const char* name : {"author", "book", "event"}) {
        const bool plain =
            std::filesystem::exists(m_directory.path(std::string("target/") + name + ".ndjson"));
        const bool with_schema =
            std::filesystem::exists(m_directory.path(std::string("target/public.") + name + ".ndjson"));
        count += plain || with_schema ? 1 : 0;
    }
    return count;
}

}  // namespace migrate::test
