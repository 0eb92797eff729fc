#include "session/postgresql_error.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace migrate::session {
namespace {

struct Condition {
    std::string_view prefix;  ///< Of the SQLSTATE; the longest that fits counts.
    ErrorCode code;
    bool message_is_safe;  ///< The primary message names objects, never values.
    std::string_view next_step;
};

constexpr std::array k_conditions{
    Condition{"08", ErrorCode::connection_lost, true, "Look at the server's log, then try again."},
    Condition{"0A", ErrorCode::unsupported, true, ""},
    Condition{"22", ErrorCode::row, false, "Look at the value, or send the row to the dead letters."},
    Condition{"23", ErrorCode::constraint, true, "Look at the rows that the constraint names."},
    Condition{"25006", ErrorCode::refused, true,
              "Name a server and role that may write: this one is read-only or in recovery."},
    Condition{"25P03", ErrorCode::connection_lost, true,
              "Raise the server's idle_in_transaction_session_timeout."},
    Condition{"28", ErrorCode::permission, true,
              "Check user and password (configuration, PGPASSWORD, ~/.pgpass) and the server's pg_hba.conf."},
    Condition{"3D", ErrorCode::not_found, true, "Create the database first, or correct its name."},
    Condition{"3F", ErrorCode::not_found, true, "Correct the schema's name."},
    Condition{"40", ErrorCode::transient, true, "Try again."},
    Condition{"42501", ErrorCode::permission, true, "Grant the role what is missing, or use another role."},
    Condition{"42P01", ErrorCode::not_found, true, "See who has dropped or renamed it."},
    Condition{"42P07", ErrorCode::exists, true, ""},
    Condition{"42P06", ErrorCode::exists, true, ""},
    Condition{"42710", ErrorCode::exists, true, ""},
    Condition{"42704", ErrorCode::not_found, true, ""},
    Condition{"42", ErrorCode::unsupported, true, ""},
    Condition{"44", ErrorCode::row, false, ""},
    Condition{"53300", ErrorCode::unreachable, true, "Wait for free connections, or raise max_connections."},
    Condition{"53", ErrorCode::resource, true, "Free disk space or memory on the server."},
    Condition{"54", ErrorCode::resource, true, ""},
    Condition{"55P03", ErrorCode::transient, true, "Wait until the other session lets go, then try again."},
    Condition{"55", ErrorCode::locked, true, ""},
    Condition{"57014", ErrorCode::cancelled, true, ""},
    Condition{"57P03", ErrorCode::unreachable, true, "The server is starting up or in recovery: try later."},
    Condition{"57P", ErrorCode::connection_lost, true, "Try again once the server is up."},
    Condition{"58", ErrorCode::io, true, "Look at the server's log and disks."},
    Condition{"XX001", ErrorCode::corrupt, true, "The server's data is damaged: restore it from a backup."},
    Condition{"XX002", ErrorCode::corrupt, true, "An index of the server is damaged: REINDEX it."},
    Condition{"72", ErrorCode::transient, true, "The snapshot is too old for this server: try again."},
};

const Condition* condition_of(std::string_view sqlstate) noexcept {
    const Condition* best = nullptr;
    for (const Condition& condition : k_conditions) {
        if (sqlstate.starts_with(condition.prefix) &&
            (best == nullptr || condition.prefix.size() > best->prefix.size())) {
            best = &condition;
        }
    }
    return best;
}

std::string field(const PGresult* result, int code) {
    const char* text = result == nullptr ? nullptr : PQresultErrorField(result, code);
    return text == nullptr ? std::string() : std::string(text);
}

std::string table_of(const PGresult* result) {
    const std::string table = field(result, PG_DIAG_TABLE_NAME);
    const std::string schema = field(result, PG_DIAG_SCHEMA_NAME);
    return table.empty() || schema.empty() ? table : schema + "." + table;
}

}  // namespace

ErrorCode error_code_of(std::string_view sqlstate) noexcept {
    const Condition* condition = condition_of(sqlstate);
    return condition == nullptr ? ErrorCode::internal : condition->code;
}

bool is_lost(PGconn* connection) noexcept {
    if (PQstatus(connection) == CONNECTION_OK) {
        static_cast<void>(PQconsumeInput(connection));
    }
    return PQstatus(connection) != CONNECTION_OK;
}

Error postgresql_error(PGconn* connection, const PGresult* result, std::string_view doing) {
    ErrorFacts facts;
    facts.backend = "postgresql";
    facts.sqlstate = field(result, PG_DIAG_SQLSTATE);
    facts.table = table_of(result);
    facts.column = field(result, PG_DIAG_COLUMN_NAME);
    if (facts.sqlstate.empty() && is_lost(connection)) {
        facts.code = ErrorCode::connection_lost;
        facts.next_step = "Check the network and the server's log, then resume.";
        return {facts, fmt::format("PostgreSQL: the connection was lost while {}.", doing)};
    }
    const Condition* condition = condition_of(facts.sqlstate);
    facts.code = condition == nullptr ? ErrorCode::internal : condition->code;
    if (condition != nullptr) {
        facts.next_step = condition->next_step;
    }
    std::string why;
    if (condition != nullptr && condition->message_is_safe) {
        why = field(result, PG_DIAG_MESSAGE_PRIMARY);
    } else if (const std::string type = field(result, PG_DIAG_DATATYPE_NAME); !type.empty()) {
        why = "a value does not fit type " + type;
    } else if (condition != nullptr) {
        why = "a value does not fit";
    }
    if (why.empty()) {
        why = "the server gave no reason that may be shown";
    }
    return {facts, fmt::format("PostgreSQL: {} failed: {} (SQLSTATE {}).", doing, why,
                               facts.sqlstate.empty() ? "unknown" : facts.sqlstate)};
}

CopyPosition copy_position(const PGresult* result, std::string_view relation,
                           const std::vector<std::string>& columns) {
    CopyPosition position;
    const std::string context = field(result, PG_DIAG_CONTEXT);
    std::size_t start = 0;
    // Triggers and domains add lines of their own; COPY's has the relation's name right after its first word.
    for (; start < context.size(); start = context.find('\n', start) + 1) {
        const std::size_t space = context.find(' ', start);
        if (space != std::string::npos &&
            std::string_view(context).substr(space + 1).starts_with(std::string(relation) + ",")) {
            start = space + 1 + relation.size();
            break;
        }
        if (context.find('\n', start) == std::string::npos) {
            return position;
        }
    }
    std::size_t at = context.find_first_of("0123456789", start);
    for (; at < context.size() && context[at] >= '0' && context[at] <= '9'; ++at) {
        position.line = position.line * 10 + static_cast<std::uint64_t>(context[at] - '0');
    }
    if (at < context.size() && context.compare(at, 2, ", ") == 0) {
        const std::size_t word = context.find(' ', at + 2);
        const std::string_view rest =
            word == std::string::npos ? std::string_view() : std::string_view(context).substr(word + 1);
        std::size_t longest = 0;
        for (const std::string& column : columns) {
            const bool ends =
                rest.size() == column.size() ||
                (rest.size() > column.size() && (rest[column.size()] == ':' || rest[column.size()] == '\n'));
            if (rest.starts_with(column) && ends && column.size() >= longest) {
                longest = column.size();
                position.column = column;
            }
        }
    }
    return position;
}

}  // namespace migrate::session
