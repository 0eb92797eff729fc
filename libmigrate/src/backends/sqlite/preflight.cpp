#include "backends/sqlite/preflight.hpp"

#include <map>

#include <migrate/error.hpp>

#include "backends/sqlite/catalog.hpp"
#include "backends/sqlite/staging.hpp"
#include "io/directory.hpp"
#include "session/sqlite_file.hpp"
#include "session/sqlite_statement.hpp"
#include "util/ascii.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::SqliteSession;
using session::SqliteStatement;

[[noreturn]] void refuse(ErrorCode code, const std::string& message, const std::string& next_step) {
    ErrorFacts facts;
    facts.code = code;
    facts.backend = "sqlite";
    facts.next_step = next_step;
    throw Error(std::move(facts), message);
}

}  // namespace

std::string target_path(const Endpoint& endpoint) {
    // A lent session says where its file is. The rows are written beside it, through connections of this
    // library's own, so nothing of the session is used.
    if (endpoint.borrowed != nullptr && endpoint.location.empty()) {
        refuse(ErrorCode::unsupported, "a database in memory cannot be a target",
               "Open a file, or use the adapter to read rows into it.");
    }
    return io::trim_slashes(endpoint.location);
}

void require_usable_target(const std::string& path) {
    switch (io::kind_of(path)) {
        case io::PathKind::absent:
            if (io::kind_of(io::parent_of(path)) != io::PathKind::directory) {
                refuse(ErrorCode::not_found,
                       "cannot create the database " + path + ": there is no such directory",
                       "Make the directory " + io::parent_of(path) + " first.");
            }
            refuse_leftovers(path);
            return;
        case io::PathKind::file:
            break;
        case io::PathKind::directory:
        case io::PathKind::other:
            refuse(ErrorCode::refused, "cannot write a database to " + path + ": it is no regular file",
                   "Name a file.");
    }
    session::refuse_hot_journal(path);
    const SqliteSession session = SqliteSession::open(path, SqliteSession::Access::read, 2'000);
    static_cast<void>(session.query_integer("SELECT count(*) FROM main.sqlite_schema", "open the database"));
}

void refuse_leftovers(const std::string& path) {
    for (const char* suffix : {"-journal", "-wal", "-shm"}) {
        if (io::name_taken(path + suffix)) {
            refuse(ErrorCode::refused,
                   "cannot create the database " + path + ": " + path + suffix +
                       " lies there, which belongs to another database of this name and would be played "
                       "into the new one",
                   "Move it away, or put the database that it belongs to back; or choose another name.");
        }
    }
}

std::vector<QualifiedName> list_user_tables(const SqliteSession& session) {
    std::vector<QualifiedName> names;
    SqliteStatement list(session,
                         "SELECT name FROM main.sqlite_schema WHERE type IN ('table', 'view') ORDER BY rowid",
                         "read the catalog of");
    const OwnTables own(session);
    while (list.step()) {
        const std::string name(list.text(0));
        if (!own.contains(name) && !util::lower_ascii(name).starts_with("sqlite_")) {
            names.push_back({"", name});
        }
    }
    return names;
}

std::vector<Finding> check_place(const std::string& path, std::uint64_t bytes, bool exists) {
    std::vector<Finding> findings;
    const std::string directory = io::parent_of(path);
    if (!io::is_writable_directory(directory)) {
        findings.push_back({Severity::blocker, "directory-not-writable", directory,
                            "no files can be made in it, and the staging file must lie beside the target",
                            "Give this user the right to write there, or choose another directory.", 0});
        return findings;
    }
    // Into an existing file the rows are copied once more.
    const std::uint64_t needed = bytes * (exists ? 2 : 1);
    const std::uint64_t free = io::free_space(directory);
    if (needed > free) {
        findings.push_back({Severity::blocker, "disk-space", directory,
                            "about " + std::to_string(needed) + " bytes are needed and " +
                                std::to_string(free) + " are free",
                            "Free some space, or choose a target elsewhere.", needed - free});
    }
    for (const std::string& id : staged_migrations(path)) {
        findings.push_back({Severity::note, "unfinished-migration", staging_path(path, id),
                            "an earlier migration into this target was not finished",
                            "Drop it with abandon " + id + ".", 0});
    }
    return findings;
}

/// The indexes of a table that steps aside go with it.
void forget_replaced(const SqliteSession& session, const Schema& schema,
                     std::map<std::string, std::string>& taken) {
    for (const Table& table : schema.tables) {
        if (table.placement != Placement::replace) {
            continue;
        }
        SqliteStatement parts(
            session,
            "SELECT name FROM main.sqlite_schema WHERE type='index' AND tbl_name=?1 COLLATE "
            "NOCASE",
            "read the catalog of");
        parts.bind(1, table.name.name);
        while (parts.step()) {
            taken.erase(util::lower_ascii(parts.text(0)));
        }
    }
}

std::vector<Finding> check_collisions(const SqliteSession& session, const Schema& schema) {
    std::vector<Finding> findings;
    if (session.is_read_only()) {
        findings.push_back({Severity::blocker, "target-read-only", session.path(),
                            "the file cannot be written to", "Check its permissions.", 0});
    }
    std::map<std::string, std::string> taken;
    SqliteStatement list(session, "SELECT name, type FROM main.sqlite_schema", "read the catalog of");
    while (list.step()) {
        taken[util::lower_ascii(list.text(0))] = list.text(1);
    }
    const auto check = [&](const std::string& kind, const std::string& name) {
        const auto found = taken.find(util::lower_ascii(name));
        if (found != taken.end()) {
            findings.push_back(
                {Severity::blocker, kind == "table" ? "table-exists" : "name-exists", kind + " " + name,
                 "the target already has a " + found->second + " of this name",
                 kind == "table" ? "Load into it with --on-existing load, put a new one in its place "
                                   "with --on-existing replace, choose a new file, or leave it out with "
                                   "--exclude."
                                 : "Rename or drop it at the target.",
                 0});
        }
    };
    forget_replaced(session, schema, taken);
    for (const Table& table : schema.tables) {
        if (table.placement == Placement::load) {
            continue;
        }
        if (table.placement == Placement::create) {
            check("table", table.name.name);
        }
        for (const Index& index : table.indexes) {
            check("index", index.name);
        }
    }
    for (const SchemaObject& object : schema.objects) {
        check(object.kind, object.name.name);
    }
    return findings;
}

}  // namespace migrate::backends::sqlite
