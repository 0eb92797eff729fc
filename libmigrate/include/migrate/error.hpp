#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include <migrate/export.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// What went wrong, in the terms a caller acts on. The command's exit code follows from it.
enum class ErrorCode : std::uint8_t {
    internal,         ///< A broken invariant of this library: a bug here.
    usage,            ///< The caller's arguments or configuration are wrong.
    refused,          ///< Preflight found something in the way; nothing was changed.
    exists,           ///< The target holds what would be created.
    not_found,        ///< No such file, table, migration, host or database.
    malformed,        ///< Input that does not parse; the message says where.
    corrupt,          ///< A database or document that is damaged, truncated or encrypted.
    unreachable,      ///< A server or file that cannot be reached now.
    permission,       ///< Access denied.
    locked,           ///< Another migration, or another program, holds the lock.
    row,              ///< One row or value does not fit; the table can go on without it.
    constraint,       ///< The rows violate a key, check or foreign key.
    resource,         ///< Disk full, out of memory, a limit of the engine.
    io,               ///< A read or write failed below the engine.
    connection_lost,  ///< The session ended; retryable on a new one.
    transient,        ///< Serialization failure, deadlock, busy, lock timeout: retryable.
    cancelled,        ///< The caller's stop token was triggered.
    differs,          ///< Verification found a difference.
    unsupported,      ///< The engine or this version of it cannot do this.
};

/// Facts beside the message. Never holds row values or secrets.
struct ErrorFacts {
    ErrorCode code = ErrorCode::internal;
    std::string backend{};   ///< "sqlite", "postgresql", "json" or empty.
    int native_code = 0;     ///< The driver's own code (SQLite extended result code, errno); 0 if none.
    std::string sqlstate{};  ///< Five characters, or empty.
    std::string table{};     ///< As the side that failed spells it; empty if none.
    std::string column{};    ///< Empty if none.
    std::optional<std::uint64_t> row{};  ///< Ordinal within its scan, or line number of a text input; from 0.
    std::string next_step{};             ///< What the user can do; one sentence, may be empty.
};

/// The root of every exception that leaves this library. what() says what went wrong and where; next_step
/// says the way on.
class MIGRATE_EXPORT Error : public std::runtime_error {
  public:
    Error(ErrorCode code, const std::string& message);
    Error(ErrorFacts facts, const std::string& message);

    [[nodiscard]] const ErrorFacts& facts() const noexcept { return m_facts; }
    [[nodiscard]] ErrorCode code() const noexcept { return m_facts.code; }
    /// True where the same step may succeed when tried again (lost connection, deadlock, busy).
    [[nodiscard]] bool retryable() const noexcept;

  private:
    ErrorFacts m_facts;
};

/// A COMMIT was sent and its answer never came: the transaction may or may not have happened. Whoever
/// catches this re-reads the checkpoint before anything else, and never simply tries again.
class MIGRATE_EXPORT CommitUnknownError : public Error {
  public:
    using Error::Error;
};

/// "unreachable", "permission"…: the stable spelling used in machine-readable output.
MIGRATE_EXPORT std::string to_string(ErrorCode code);

/// The command's exit code for an operation that ended with this error (0 is never returned).
MIGRATE_EXPORT int exit_code_of(ErrorCode code) noexcept;

MIGRATE_NAMESPACE_END
