#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "conformance/real_database.hpp"

/// The tables that an application made for the data of another one: other types, other letters in its names,
/// another order of columns, columns of its own, keys. All of it follows from the data, so that it is the
/// same at every run.
namespace migrate::test {

/// How a column of the application holds a value, and so how it is compared.
enum class Held {
    whole,    ///< Digits.
    truth,    ///< PostgreSQL's boolean; SQLite's 0 and 1.
    number,   ///< Any number, compared by value.
    padded,   ///< An exact number with AppColumn::scale digits after the point.
    real,     ///< A floating-point number.
    words,    ///< The source's value as text.
    bytes,    ///< Compared as hex.
    day,      ///< 2024-02-29
    moment,   ///< 2024-02-29 12:34:56.5, without zeros at the end
    instant,  ///< The same in UTC.
};

struct AppColumn {
    std::string name;
    std::string type;
    Held held = Held::words;
    std::size_t scale = 0;
    bool not_null = false;
    std::size_t source = 0;  ///< Which of the source's columns it is for.
};

struct AppTable {
    std::string name;
    std::size_t source = 0;  ///< Which of the source's tables.
    std::vector<AppColumn> columns;
    std::string numbered;  ///< The column that numbers rows by itself; empty = none.
};

struct Application {
    bool postgresql = false;
    std::vector<AppTable> tables;
    std::string definition;  ///< SQL that makes all of it.
    std::string logged;      ///< The table whose inserted rows a trigger notes in app_log.
};

/// Requires: `engine` is "sqlite" or "postgresql".
Application design_application(const RealDatabase& real, const std::string& engine);

/// What the application's column must show for a value of the source; "\N" for NULL.
std::string expected_value(const Application& application, const AppColumn& column, Nature nature,
                           const RealValue& value);
/// What a plain driver call gave for it, in the same form. `type` is SQLite's storage class.
std::string shown_value(const AppColumn& column, const RealValue& value, const std::string& type = {});

}  // namespace migrate::test
