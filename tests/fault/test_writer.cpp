#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include "fault/fault_trial.hpp"
#include "support/pg.hpp"
#include "support/sqlite.hpp"

/// A source that another process writes to all through. Each of its transactions keeps what the two accounts
/// have together and adds the next line to the log, so that a target which mixes two states shows it.
namespace migrate::test {
namespace {

constexpr int k_accounts = 400;
constexpr long k_together = 2L * 1000 * k_accounts;

const std::string k_tables =
    "CREATE TABLE a_account (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL);"
    "CREATE TABLE log (n INTEGER PRIMARY KEY, moved INTEGER NOT NULL);"
    "CREATE TABLE z_account (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL);";

/// The nth move: from one account to the other side's.
std::string move_sql(int n) {
    const std::string amount = std::to_string(n % 7 + 1);
    const std::string first = std::to_string(n * 31 % k_accounts + 1);
    const std::string second = std::to_string(n * 17 % k_accounts + 1);
    return "BEGIN; UPDATE a_account SET amount = amount - " + amount + " WHERE id = " + first +
           "; INSERT INTO log VALUES (" + std::to_string(n) + ", " + amount +
           "); UPDATE z_account SET amount = amount + " + amount + " WHERE id = " + second + "; COMMIT";
}

/// Writes until its end, in its own connection; the command is the other process.
class Writer {
  public:
    /// `execute` runs a statement, and may wait as long as others hold what it wants.
    explicit Writer(std::function<void(const std::string&)> execute)
        : m_thread([this, execute = std::move(execute)](const std::stop_token& stop) {
              while (!stop.stop_requested()) {
                  execute(move_sql(m_moves + 1));
                  ++m_moves;
                  std::this_thread::sleep_for(std::chrono::milliseconds(2));
              }
          }) {}
    [[nodiscard]] int moves() const { return m_moves; }
    void wait_for_more() const {
        const int before = m_moves;
        while (m_moves < before + 3) {
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    }

  private:
    std::atomic<int> m_moves = 0;
    std::jthread m_thread;
};

struct State {
    long together = 0;
    long moved = 0;     ///< Of the log.
    long moved_to = 0;  ///< Of the second side: more than it began with.
    long lines = 0;
    long last = 0;

    void require_one() const {
        CHECK(together == k_together);
        CHECK(moved == moved_to);
        CHECK(lines == last);
    }
};

template <class Database>
State state_in(Database&& database) {
    const auto number = [&](const std::string& sql) { return std::stol(database.value(sql)); };
    State state;
    const long second = number("SELECT sum(amount) FROM z_account");
    state.together = number("SELECT sum(amount) FROM a_account") + second;
    state.moved = number("SELECT coalesce(sum(moved), 0) FROM log");
    state.moved_to = second - k_together / 2;
    state.lines = number("SELECT count(*) FROM log");
    state.last = number("SELECT coalesce(max(n), 0) FROM log");
    return state;
}

/// Of a directory of JSON: the rows of a table, one member of each.
std::vector<long> numbers_in(const std::string& directory, const std::string& table, const char* member) {
    std::ifstream plain(directory + "/" + table + ".ndjson");
    std::ifstream with_schema(directory + "/public." + table + ".ndjson");
    std::istream& file = plain ? plain : with_schema;
    std::vector<long> numbers;
    for (std::string line; std::getline(file, line);) {
        rapidjson::Document row;
        row.Parse(line.c_str());
        numbers.push_back(static_cast<long>(row[member].GetInt64()));
    }
    return numbers;
}

long sum_of(const std::vector<long>& numbers) {
    long sum = 0;
    for (const long one : numbers) {
        sum += one;
    }
    return sum;
}

State state_in_json(const std::string& directory) {
    State state;
    const long second = sum_of(numbers_in(directory, "z_account", "amount"));
    state.together = sum_of(numbers_in(directory, "a_account", "amount")) + second;
    state.moved = sum_of(numbers_in(directory, "log", "moved"));
    state.moved_to = second - k_together / 2;
    const std::vector<long> lines = numbers_in(directory, "log", "n");
    state.lines = static_cast<long>(std::set<long>(lines.begin(), lines.end()).size());
    state.last = lines.empty() ? 0 : *std::max_element(lines.begin(), lines.end());
    CHECK(state.lines == static_cast<long>(lines.size()));
    return state;
}

State state_of(const std::string& engine, const std::string& endpoint) {
    const std::string place = endpoint.substr(endpoint.find(':') + 1);
    if (engine == "json") {
        return state_in_json(place);
    }
    return engine == "sqlite" ? state_in(SqliteDatabase(place, true)) : state_in(PgConnection(place));
}

/// One run to its end, and one that is killed in the load and taken up.
void migrate_while(const Writer& writer, const std::string& from, const std::string& to_engine,
                   const std::string& fault, const std::string& from_engine) {
    for (const char* kill_at : {"", "chunk-committed:2"}) {
        INFO(fault << " to " << to_engine << ", killed at " << kill_at);
        const KillTarget target(to_engine, false);
        writer.wait_for_more();
        CommandResult result = target.run(
            {"migrate", "--from", from, "--to", target.endpoint(), "--execute", "--chunk-rows", "100"},
            kill_at);
        writer.wait_for_more();
        if (*kill_at != '\0') {
            REQUIRE(result.signal == SIGKILL);
            result = target.run({"resume", "--last"});
        }
        INFO(result.out << result.err);
        REQUIRE(result.exit_code == 0);
        const State state = state_of(to_engine, target.endpoint());
        state.require_one();
        CHECK(state.last > 0);
        note_fault("writer", fault, from_engine, to_engine);
    }
}

}  // namespace

TEST_CASE("fault: a SQLite source that is written all through gives one state",
          "[fault][writer][postgresql]") {
    const std::string mode = GENERATE(as<std::string>(), "wal", "delete");
    const std::string to = GENERATE(as<std::string>(), "sqlite", "json", "postgresql");
    if (to == "postgresql" && !pg_test_conninfo()) {
        return;
    }
    CAPTURE(mode, to);
    const TemporaryDirectory directory;
    const std::string file = directory.path("source.db");
    SqliteDatabase database(file);
    database.exec(
        "PRAGMA journal_mode = " + mode + "; PRAGMA busy_timeout = 60000; PRAGMA synchronous = off;" +
        k_tables + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
        std::to_string(k_accounts) +
        ") INSERT INTO a_account SELECT i, 1000 FROM n; INSERT INTO z_account SELECT * FROM a_account");
    const Writer writer([&](const std::string& sql) { database.exec(sql); });
    migrate_while(writer, file, to,
                  mode == "wal" ? "SQLite source written, WAL" : "SQLite source written, rollback journal",
                  "sqlite");
}

TEST_CASE("fault: a PostgreSQL source that is written all through gives one state",
          "[fault][writer][postgresql]") {
    const std::string to = GENERATE(as<std::string>(), "sqlite", "json", "postgresql");
    const auto source = make_pg_database();
    if (!source) {
        return;
    }
    CAPTURE(to);
    PgConnection database = source->connect();
    database.exec(k_tables + "INSERT INTO a_account SELECT i, 1000 FROM generate_series(1, " +
                  std::to_string(k_accounts) + ") i; INSERT INTO z_account SELECT * FROM a_account");
    const Writer writer([&](const std::string& sql) { database.exec(sql); });
    migrate_while(writer, "pg:" + source->conninfo(), to, "PostgreSQL source written", "postgresql");
}

}  // namespace migrate::test
