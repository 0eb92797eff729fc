#include "session/sqlite_statement.hpp"

#include <sqlite3.h>

#include <migrate/error.hpp>

#include "session/sqlite_error.hpp"
#include "session/sqlite_session.hpp"

namespace migrate::session {

SqliteStatement::SqliteStatement(const SqliteSession& session, std::string_view sql, std::string_view doing)
    : m_session(session), m_doing(doing) {
    const char* tail = nullptr;
    const int result = sqlite3_prepare_v3(session.handle(), sql.data(), static_cast<int>(sql.size()),
                                          SQLITE_PREPARE_PERSISTENT, &m_statement, &tail);
    if (result != SQLITE_OK) {
        throw_sqlite_error(session.handle(), result, m_doing, session.path());
    }
    if (m_statement == nullptr) {
        throw Error(ErrorCode::internal, "an empty statement was prepared");
    }
}

SqliteStatement::~SqliteStatement() {
    sqlite3_finalize(m_statement);
}

void SqliteStatement::check(int result) const {
    if (result != SQLITE_OK) {
        throw_sqlite_error(m_session.handle(), result, m_doing, m_session.path());
    }
}

bool SqliteStatement::step() {
    const int result = sqlite3_step(m_statement);
    if (result == SQLITE_ROW) {
        return true;
    }
    if (result != SQLITE_DONE) {
        throw_sqlite_error(m_session.handle(), result, m_doing, m_session.path());
    }
    return false;
}

void SqliteStatement::run() {
    while (step()) {
    }
    reset();
}

void SqliteStatement::reset() {
    sqlite3_reset(m_statement);
    sqlite3_clear_bindings(m_statement);
}

SqliteStatement& SqliteStatement::bind(int parameter, std::int64_t value) {
    check(sqlite3_bind_int64(m_statement, parameter, value));
    return *this;
}

SqliteStatement& SqliteStatement::bind(int parameter, std::string_view text) {
    // A null pointer would bind NULL, not the empty text.
    check(sqlite3_bind_text64(m_statement, parameter, text.empty() ? "" : text.data(), text.size(),
                              SQLITE_TRANSIENT, SQLITE_UTF8));
    return *this;
}

SqliteStatement& SqliteStatement::bind_null(int parameter) {
    check(sqlite3_bind_null(m_statement, parameter));
    return *this;
}

bool SqliteStatement::is_null(int column) const {
    return sqlite3_column_type(m_statement, column) == SQLITE_NULL;
}

std::int64_t SqliteStatement::integer(int column) const {
    return sqlite3_column_int64(m_statement, column);
}

std::string_view SqliteStatement::text(int column) const {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(m_statement, column));
    return text == nullptr
               ? std::string_view()
               : std::string_view(text, static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column)));
}

std::string quote_identifier(std::string_view name) {
    std::string out = "\"";
    for (const char c : name) {
        if (c == '\0') {
            throw Error(ErrorCode::refused, "a name with a NUL character cannot be used in SQLite");
        }
        if (c == '"') {
            out += '"';
        }
        out += c;
    }
    return out + '"';
}

std::string quote_literal(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) {
        constexpr char k_digits[] = "0123456789abcdef";
        std::string out = "CAST(X'";
        for (const char c : text) {
            const auto byte = static_cast<unsigned char>(c);
            out += k_digits[byte >> 4];
            out += k_digits[byte & 15];
        }
        return out + "' AS TEXT)";
    }
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') {
            out += '\'';
        }
        out += c;
    }
    return out + '\'';
}

}  // namespace migrate::session
