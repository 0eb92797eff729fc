#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct pg_conn;
struct pg_result;

/// PostgreSQL through plain libpq, for tests that must not rely on what they test.
namespace migrate::test {

/// Row by row, NULL as nullopt.
using PgRows = std::vector<std::vector<std::optional<std::string>>>;

/// What a query gave, in the server's text or binary form. Valid on its own.
class PgResult {
  public:
    explicit PgResult(pg_result* result) : m_result(result) {}

    [[nodiscard]] int rows() const;
    [[nodiscard]] int columns() const;
    [[nodiscard]] std::string column_name(int column) const;
    [[nodiscard]] bool is_null(int row, int column) const;
    [[nodiscard]] std::string_view value(int row, int column) const;

  private:
    struct Clear {
        void operator()(pg_result* result) const noexcept;
    };
    std::unique_ptr<pg_result, Clear> m_result;
};

/// One connection. Everything throws std::runtime_error with the server's message.
class PgConnection {
  public:
    explicit PgConnection(const std::string& conninfo);

    void exec(const std::string& sql);
    /// Parameters are text; nullopt is NULL.
    PgRows query(const std::string& sql, const std::vector<std::optional<std::string>>& parameters = {});
    /// The one value of a query's one row; "" for NULL.
    std::string value(const std::string& sql);
    PgResult result(const std::string& sql, bool binary = false,
                    const std::vector<std::optional<std::string>>& parameters = {});
    [[nodiscard]] std::string quote(const std::string& identifier) const;
    [[nodiscard]] pg_conn* handle() const { return m_connection.get(); }

  private:
    struct Finish {
        void operator()(pg_conn* connection) const noexcept;
    };
    std::unique_ptr<pg_conn, Finish> m_connection;
};

/// The conninfo or URI of a cluster that tests may do with as they like (MIGRATE_TEST_PG), or nullopt.
std::optional<std::string> pg_test_conninfo();

/// The same connection to another database, as key=value pairs.
std::string pg_conninfo_for(const std::string& conninfo, const std::string& database);

/// A database with a random name, dropped at the end of its life together with whoever is still connected.
class PgDatabase {
  public:
    /// Requires: pg_test_conninfo() is there. `options` follows CREATE DATABASE name.
    explicit PgDatabase(const std::string& options = {});
    PgDatabase(const PgDatabase&) = delete;
    PgDatabase& operator=(const PgDatabase&) = delete;
    ~PgDatabase();

    [[nodiscard]] const std::string& name() const { return m_name; }
    /// As key=value pairs; "pg:" before it makes an endpoint.
    [[nodiscard]] const std::string& conninfo() const { return m_conninfo; }
    [[nodiscard]] PgConnection connect() const { return PgConnection(m_conninfo); }

  private:
    std::string m_name;
    std::string m_conninfo;
};

/// A new database, or nullptr (with a warning in the test's output) where no cluster is there.
std::unique_ptr<PgDatabase> make_pg_database(const std::string& options = {});

}  // namespace migrate::test
