#include "session/sqlite_error.hpp"

#include <cerrno>

#include <sqlite3.h>

#include <migrate/error.hpp>

namespace migrate::session {
namespace {

struct Meaning {
    ErrorCode code;
    const char* what;  ///< Replaces the driver's message; null keeps it.
    const char* next_step;
};

Meaning meaning_of_cantopen(int system_error) {
    switch (system_error) {
        case EACCES:
        case EPERM:
        case EROFS:
            return {ErrorCode::permission, "permission denied",
                    "Check the permissions of the file and of its directory."};
        case ENOENT:
            return {ErrorCode::not_found, "no such file or directory", "Check the path."};
        default:
            return {ErrorCode::unreachable, nullptr,
                    "Check that the file and its directory can be read and that no limit on open files is "
                    "reached."};
    }
}

Meaning meaning_of(int result, int system_error) {
    switch (result & 0xff) {
        case SQLITE_NOTADB:
            return {ErrorCode::corrupt, "it is not a SQLite database, or it is encrypted",
                    "Decrypt it with the program that wrote it, or name another file."};
        case SQLITE_CORRUPT:
            return {ErrorCode::corrupt, nullptr,
                    "The database is damaged: restore a backup, or save what can be read with the sqlite3 "
                    "shell's .recover."};
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return {ErrorCode::locked, "another program holds a lock on it",
                    "Wait until the other program has finished its transaction, or stop it, and try again."};
        case SQLITE_CANTOPEN:
            return meaning_of_cantopen(system_error);
        case SQLITE_READONLY:
            return {ErrorCode::permission, nullptr,
                    "Check the permissions of the file and of its directory."};
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return {ErrorCode::permission, nullptr, "Check the permissions of the file."};
        case SQLITE_FULL:
            return {ErrorCode::resource, "the disk is full", "Free some space and try again."};
        case SQLITE_NOMEM:
            return {ErrorCode::resource, "out of memory", "Give the process more memory."};
        case SQLITE_TOOBIG:
            return {ErrorCode::resource, nullptr, "A value or statement is larger than this SQLite allows."};
        case SQLITE_IOERR:
            return {ErrorCode::io, nullptr, "Check the disk and the file system."};
        case SQLITE_CONSTRAINT:
            return {ErrorCode::constraint, nullptr, ""};
        case SQLITE_MISMATCH:
            return {ErrorCode::row, nullptr, ""};
        case SQLITE_INTERRUPT:
            return {ErrorCode::cancelled, "it was cancelled", ""};
        default:
            return {ErrorCode::unsupported, nullptr, ""};
    }
}

}  // namespace

void throw_sqlite_error(sqlite3* db, int result, std::string_view doing, const std::string& where) {
    const int system_error = db != nullptr ? sqlite3_system_errno(db) : 0;
    const bool disk_full = (result & 0xff) == SQLITE_IOERR && system_error == ENOSPC;
    const Meaning meaning = meaning_of(disk_full ? SQLITE_FULL : result, system_error);
    ErrorFacts facts;
    facts.code = meaning.code;
    facts.backend = "sqlite";
    facts.native_code = db != nullptr ? sqlite3_extended_errcode(db) : result;
    facts.next_step = meaning.next_step;
    std::string message = "cannot ";
    message.append(doing).append(" ").append(where).append(": ");
    if (meaning.what != nullptr) {
        message += meaning.what;
    } else {
        message += db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(result);
    }
    throw Error(std::move(facts), message);
}

}  // namespace migrate::session
