#include "support/pg.hpp"

#include <cstdlib>
#include <random>
#include <stdexcept>

#include <libpq-fe.h>

namespace migrate::test {
namespace {

[[noreturn]] void fail(PGconn* connection, const std::string& what) {
    throw std::runtime_error(what + ": " + PQerrorMessage(connection));
}

std::string random_name() {
    std::random_device device;
    std::string name = "migrate_test_";
    for (int i = 0; i < 12; ++i) {
        name += static_cast<char>('a' + device() % 26);
    }
    return name;
}

/// A conninfo value in quotes, as libpq reads it.
std::string conninfo_value(std::string_view value) {
    std::string out = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out + "'";
}

}  // namespace

void PgResult::Clear::operator()(pg_result* result) const noexcept {
    PQclear(result);
}
int PgResult::rows() const {
    return PQntuples(m_result.get());
}
int PgResult::columns() const {
    return PQnfields(m_result.get());
}
std::string PgResult::column_name(int column) const {
    return PQfname(m_result.get(), column);
}
bool PgResult::is_null(int row, int column) const {
    return PQgetisnull(m_result.get(), row, column) != 0;
}
std::string_view PgResult::value(int row, int column) const {
    return {PQgetvalue(m_result.get(), row, column),
            static_cast<std::size_t>(PQgetlength(m_result.get(), row, column))};
}

void PgConnection::Finish::operator()(pg_conn* connection) const noexcept {
    PQfinish(connection);
}

PgConnection::PgConnection(const std::string& conninfo) : m_connection(PQconnectdb(conninfo.c_str())) {
    if (PQstatus(handle()) != CONNECTION_OK) {
        fail(handle(), "cannot connect");
    }
    PQsetNoticeProcessor(
        handle(), [](void*, const char*) {}, nullptr);
}

PgResult PgConnection::result(const std::string& sql, bool binary,
                              const std::vector<std::optional<std::string>>& parameters) {
    std::vector<const char*> values;
    values.reserve(parameters.size());
    for (const auto& parameter : parameters) {
        values.push_back(parameter ? parameter->c_str() : nullptr);
    }
    PGresult* const raw = PQexecParams(handle(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                                       values.data(), nullptr, nullptr, binary ? 1 : 0);
    PgResult result(raw);
    const ExecStatusType status = PQresultStatus(raw);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        fail(handle(), sql);
    }
    return result;
}

void PgConnection::exec(const std::string& sql) {
    PGresult* const result = PQexec(handle(), sql.c_str());
    const ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) {
        fail(handle(), sql);
    }
}

PgRows PgConnection::query(const std::string& sql,
                           const std::vector<std::optional<std::string>>& parameters) {
    const PgResult found = result(sql, false, parameters);
    PgRows rows(static_cast<std::size_t>(found.rows()));
    for (int row = 0; row < found.rows(); ++row) {
        for (int column = 0; column < found.columns(); ++column) {
            std::optional<std::string> value;
            if (!found.is_null(row, column)) {
                value = found.value(row, column);
            }
            rows[static_cast<std::size_t>(row)].push_back(std::move(value));
        }
    }
    return rows;
}

std::string PgConnection::value(const std::string& sql) {
    const PgRows rows = query(sql);
    if (rows.size() != 1 || rows[0].empty()) {
        throw std::runtime_error(sql + ": not one row");
    }
    return rows[0][0].value_or("");
}

std::string PgConnection::quote(const std::string& identifier) const {
    char* const escaped = PQescapeIdentifier(handle(), identifier.data(), identifier.size());
    if (escaped == nullptr) {
        fail(handle(), "cannot quote an identifier");
    }
    std::string out = escaped;
    PQfreemem(escaped);
    return out;
}

std::optional<std::string> pg_test_conninfo() {
    const char* const value = std::getenv("MIGRATE_TEST_PG");
    if (value == nullptr || *value == '\0') {
        return std::nullopt;
    }
    return value;
}

std::string pg_conninfo_for(const std::string& conninfo, const std::string& database) {
    PQconninfoOption* const options = PQconninfoParse(conninfo.c_str(), nullptr);
    if (options == nullptr) {
        throw std::runtime_error("not a conninfo string or URI");
    }
    std::string out = "dbname=" + conninfo_value(database);
    for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
        if (option->val != nullptr && std::string_view(option->keyword) != "dbname") {
            out += std::string(" ") + option->keyword + "=" + conninfo_value(option->val);
        }
    }
    PQconninfoFree(options);
    return out;
}

PgDatabase::PgDatabase(const std::string& options) : m_name(random_name()) {
    const std::string cluster = pg_test_conninfo().value();
    m_conninfo = pg_conninfo_for(cluster, m_name);
    PgConnection(cluster).exec("CREATE DATABASE " + m_name + " " + options);
}

PgDatabase::~PgDatabase() {
    try {
        PgConnection(pg_test_conninfo().value()).exec("DROP DATABASE IF EXISTS " + m_name + " WITH (FORCE)");
    } catch (
        const std::exception&) {  // NOLINT(bugprone-empty-catch): the cluster is thrown away after the tests
    }
}

}  // namespace migrate::test
