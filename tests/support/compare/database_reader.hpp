#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// What the comparer sees of a database, whatever its engine.
namespace migrate::test {

/// A value as its engine gives it.
struct Value {
    enum class Kind : std::uint8_t {
        null,
        integer,    ///< SQLite; decimal text.
        real,       ///< SQLite; shortest text.
        text,       ///< SQLite text.
        blob,       ///< SQLite; raw bytes.
        server,     ///< PostgreSQL's text.
        number,     ///< JSON; as it is spelled.
        string,     ///< JSON; unescaped.
        boolean,    ///< JSON; true or false.
        structure,  ///< JSON object or array, as it is spelled without blanks.
    };
    Kind kind = Kind::null;
    std::string text;

    friend auto operator<=>(const Value&, const Value&) = default;
};

using Row = std::vector<Value>;

struct ComparedColumn {
    std::string name;
    std::string type;  ///< PostgreSQL's internal name for it ("int8", "_text"); empty where values have none.
    std::string definition;  ///< All that the engine says of it, for a comparison with the same engine.
    bool not_null = false;
};

struct ComparedTable {
    std::string schema;
    std::string name;
    std::vector<ComparedColumn> columns;
    std::vector<std::string> key;  ///< Columns of the primary key; empty if none.
    /// Definitions in the engine's words, sorted.
    std::vector<std::string> foreign_keys;
    std::vector<std::string> unique_keys;
    std::vector<std::string> indexes;
    std::vector<std::string> others;  ///< Checks, exclusions, properties.

    [[nodiscard]] std::string display() const { return schema.empty() ? name : schema + "." + name; }
};

class DatabaseReader {
  public:
    virtual ~DatabaseReader() = default;
    [[nodiscard]] virtual std::string engine() const = 0;
    [[nodiscard]] virtual const std::vector<ComparedTable>& tables() const = 0;
    /// Facts about the whole database: sequences, enumerations…; name to definition.
    [[nodiscard]] virtual const std::map<std::string, std::string>& facts() const = 0;
    virtual std::vector<Row> rows(const ComparedTable& table) = 0;
};

std::unique_ptr<DatabaseReader> read_sqlite_database(const std::string& path);
std::unique_ptr<DatabaseReader> read_postgresql_database(const std::string& conninfo);
std::unique_ptr<DatabaseReader> read_json_database(const std::string& path);

}  // namespace migrate::test
