#include "support/sqlite.hpp"

#include <bit>
#include <charconv>
#include <stdexcept>

#include <sqlite3.h>

namespace migrate::test {
namespace {

[[noreturn]] void fail(sqlite3* database, const std::string& what) {
    throw std::runtime_error(what + ": " + sqlite3_errmsg(database));
}

std::string hex(std::string_view bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
    return out;
}

}  // namespace

bool operator==(const SqliteValue& a, const SqliteValue& b) {
    return a.type == b.type && a.integer == b.integer && a.bytes == b.bytes &&
           std::bit_cast<std::uint64_t>(a.real) == std::bit_cast<std::uint64_t>(b.real);
}

std::string SqliteValue::show() const {
    switch (type) {
        case Class::null:
            return "null";
        case Class::integer:
            return "integer " + std::to_string(integer);
        case Class::real: {
            char text[40];
            const auto end = std::to_chars(text, text + sizeof(text), real).ptr;
            return "real " + std::string(text, end);
        }
        case Class::text:
            return "text '" + bytes + "'";
        case Class::blob:
            return "blob x'" + hex(bytes) + "'";
    }
    return {};
}

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
    sqlite3_finalize(statement);
}

SqliteStatement::SqliteStatement(sqlite3* database, const std::string& sql) : m_database(database) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement, nullptr) !=
        SQLITE_OK) {
        fail(database, sql);
    }
    m_statement.reset(statement);
}

bool SqliteStatement::step() {
    const int code = sqlite3_step(m_statement.get());
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        fail(m_database, "step");
    }
    return code == SQLITE_ROW;
}

int SqliteStatement::columns() const {
    return sqlite3_column_count(m_statement.get());
}

std::string SqliteStatement::column_name(int column) const {
    return sqlite3_column_name(m_statement.get(), column);
}

SqliteValue SqliteStatement::value(int column) const {
    sqlite3_stmt* const row = m_statement.get();
    SqliteValue value;
    switch (sqlite3_column_type(row, column)) {
        case SQLITE_INTEGER:
            value.type = SqliteValue::Class::integer;
            value.integer = sqlite3_column_int64(row, column);
            return value;
        case SQLITE_FLOAT:
            value.type = SqliteValue::Class::real;
            value.real = sqlite3_column_double(row, column);
            return value;
        case SQLITE_NULL:
            return value;
        default:
            break;
    }
    const bool is_text = sqlite3_column_type(row, column) == SQLITE_TEXT;
    value.type = is_text ? SqliteValue::Class::text : SqliteValue::Class::blob;
    const void* const bytes = is_text ? static_cast<const void*>(sqlite3_column_text(row, column))
                                      : sqlite3_column_blob(row, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(row, column));
    if (size > 0) {
        value.bytes.assign(static_cast<const char*>(bytes), size);
    }
    return value;
}

std::optional<std::string> SqliteStatement::text(int column) const {
    sqlite3_stmt* const row = m_statement.get();
    const unsigned char* const text = sqlite3_column_text(row, column);
    if (text == nullptr) {
        return std::nullopt;
    }
    return std::string(reinterpret_cast<const char*>(text),
                       static_cast<std::size_t>(sqlite3_column_bytes(row, column)));
}

void SqliteDatabase::Close::operator()(sqlite3* database) const noexcept {
    sqlite3_close_v2(database);
}

SqliteDatabase::SqliteDatabase(const std::string& path, bool read_only) {
    sqlite3* database = nullptr;
    const int flags = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    const int code = sqlite3_open_v2(path.c_str(), &database, flags, nullptr);
    m_database.reset(database);
    if (code != SQLITE_OK) {
        fail(database, path);
    }
}

void SqliteDatabase::exec(const std::string& sql) {
    if (sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        fail(handle(), sql);
    }
}

std::vector<std::vector<std::optional<std::string>>> SqliteDatabase::query(const std::string& sql) {
    std::vector<std::vector<std::optional<std::string>>> rows;
    SqliteStatement statement = prepare(sql);
    while (statement.step()) {
        auto& row = rows.emplace_back();
        for (int column = 0; column < statement.columns(); ++column) {
            row.push_back(statement.text(column));
        }
    }
    return rows;
}

std::string SqliteDatabase::value(const std::string& sql) {
    const auto rows = query(sql);
    if (rows.size() != 1 || rows[0].empty()) {
        throw std::runtime_error(sql + ": not one row");
    }
    return rows[0][0].value_or("");
}

std::string sqlite_quote(std::string_view identifier) {
    std::string out = "\"";
    for (const char c : identifier) {
        out.append(c == '"' ? 2 : 1, c);
    }
    return out + "\"";
}

}  // namespace migrate::test
