#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

/// SQLite through its plain C interface, for tests that must not rely on what they test.
namespace migrate::test {

/// A value as SQLite stores it.
struct SqliteValue {
    enum class Class : std::uint8_t { null, integer, real, text, blob };
    Class type = Class::null;
    std::int64_t integer = 0;
    double real = 0;
    std::string bytes;  ///< Text (UTF-8) or blob.

    /// Bits of reals are compared, so that 0.0 and -0.0 differ and a NaN equals itself.
    friend bool operator==(const SqliteValue& a, const SqliteValue& b);
    /// For messages: "integer 1", "text 'a'".
    [[nodiscard]] std::string show() const;
};

/// A prepared statement, stepped through.
class SqliteStatement {
  public:
    SqliteStatement(sqlite3* database, const std::string& sql);
    bool step();
    [[nodiscard]] int columns() const;
    [[nodiscard]] std::string column_name(int column) const;
    [[nodiscard]] SqliteValue value(int column) const;
    /// The value as text, as sqlite3_column_text gives it; nullopt for NULL.
    [[nodiscard]] std::optional<std::string> text(int column) const;

  private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const noexcept;
    };
    sqlite3* m_database;
    std::unique_ptr<sqlite3_stmt, Finalize> m_statement;
};

/// One open database file. Everything throws std::runtime_error with SQLite's message.
class SqliteDatabase {
  public:
    /// Makes the file where there is none, unless read_only.
    explicit SqliteDatabase(const std::string& path, bool read_only = false);

    void exec(const std::string& sql);
    /// Every row's values as text.
    std::vector<std::vector<std::optional<std::string>>> query(const std::string& sql);
    /// The one value of a query's one row; "" for NULL.
    std::string value(const std::string& sql);
    SqliteStatement prepare(const std::string& sql) { return {handle(), sql}; }
    [[nodiscard]] sqlite3* handle() const { return m_database.get(); }

  private:
    struct Close {
        void operator()(sqlite3* database) const noexcept;
    };
    std::unique_ptr<sqlite3, Close> m_database;
};

/// In double quotes.
std::string sqlite_quote(std::string_view identifier);

}  // namespace migrate::test
