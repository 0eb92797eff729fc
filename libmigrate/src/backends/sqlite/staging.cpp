#include "backends/sqlite/staging.hpp"

#include <algorithm>

#include <migrate/error.hpp>

#include "backends/sqlite/merge.hpp"
#include "backends/sqlite/state.hpp"
#include "io/directory.hpp"
#include "io/file.hpp"
#include "session/sqlite_file.hpp"
#include "session/sqlite_statement.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::SqliteSession;

/// The staging file is this program's alone: nobody else's lock is waited for long.
constexpr unsigned k_busy_timeout_ms = 2'000;

std::string property(const Schema& schema, const std::string& name) {
    const auto found = schema.properties.find(name);
    return found == schema.properties.end() ? std::string() : found->second;
}

bool is_number(const std::string& text) {
    return !text.empty() && std::all_of(text.begin() + (text[0] == '-' ? 1 : 0), text.end(),
                                        [](char c) { return c >= '0' && c <= '9'; });
}

/// These must come before the first table.
void set_file_properties(const SqliteSession& session, const Schema& schema) {
    for (const char* pragma : {"page_size", "auto_vacuum", "user_version", "application_id"}) {
        const std::string value = property(schema, pragma);
        if (is_number(value)) {
            session.execute(std::string("PRAGMA ") + pragma + "=" + value, "set up");
        }
    }
    const std::string encoding = property(schema, "encoding");
    if (encoding.starts_with("UTF-")) {
        session.execute("PRAGMA encoding=" + session::quote_literal(encoding), "set up");
    }
}

}  // namespace

std::string staging_path(const std::string& target, const std::string& migration) {
    return io::join(io::parent_of(target), "." + io::name_of(target) + ".migrate-" + migration);
}

std::vector<std::string> staged_migrations(const std::string& target) {
    std::vector<std::string> ids;
    const std::string directory = io::parent_of(target);
    if (io::kind_of(directory) != io::PathKind::directory) {
        return ids;
    }
    const std::string prefix = "." + io::name_of(target) + ".migrate-";
    for (const std::string& name : io::list_directory(directory)) {
        if (name.starts_with(prefix) && name.find('-', prefix.size()) == std::string::npos) {
            ids.push_back(name.substr(prefix.size()));
        }
    }
    return ids;
}

std::uint64_t remove_staging(const std::string& path) {
    std::uint64_t bytes = 0;
    for (const char* suffix : {"", "-journal", "-wal", "-shm"}) {
        bytes += session::file_size(path + suffix);
        io::remove_file(path + suffix);
    }
    return bytes;
}

SqliteSession open_staging_session(const std::string& path, std::uint64_t memory_bytes) {
    SqliteSession session = SqliteSession::open(path, SqliteSession::Access::write, k_busy_timeout_ms);
    session.execute("PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=OFF; PRAGMA secure_delete=OFF",
                    "set up");
    set_cache(session, memory_bytes);
    return session;
}

void set_cache(const SqliteSession& session, std::uint64_t memory_bytes) {
    session.execute(
        "PRAGMA cache_size=-" + std::to_string(std::max<std::uint64_t>(memory_bytes / 1024, 2'000)),
        "set up");
}

std::vector<std::string> table_statements(const Schema& schema) {
    std::vector<std::string> out;
    for (const Table& table : schema.tables) {
        out.push_back(table.placement == Placement::load ? create_load_staging(table) : table.native_sql);
    }
    return out;
}

std::vector<std::string> later_statements(const Schema& schema) {
    std::vector<std::string> out;
    for (const Table& table : schema.tables) {
        if (table.placement == Placement::load) {
            continue;
        }
        for (const Index& index : table.indexes) {
            out.push_back(index.native_sql);
        }
    }
    for (const SchemaObject& object : schema.objects) {
        out.push_back(object.native_sql);
    }
    return out;
}

void create_staging(const std::string& path, const backend::TargetPlan& plan, const std::string& encoding) {
    io::File::create_new(path).close();
    try {
        const SqliteSession session =
            SqliteSession::open(path, SqliteSession::Access::write, k_busy_timeout_ms);
        if (encoding.empty()) {
            set_file_properties(session, plan.schema);
        } else {
            session.execute("PRAGMA encoding=" + session::quote_literal(encoding), "set up");
        }
        session.execute("PRAGMA synchronous=OFF; BEGIN", "create the tables in");
        for (const std::string& statement : table_statements(plan.schema)) {
            session.execute(statement, "create a table in");
        }
        create_state_tables(session, "create the state tables in");
        insert_migration(session, plan, "loading");
        session.execute("COMMIT", "create the tables in");
    } catch (...) {
        remove_staging(path);
        throw;
    }
}

void drop_built(const SqliteSession& staging) {
    std::vector<std::string> drops;
    {
        session::SqliteStatement list(
            staging,
            "SELECT 'DROP ' || type || ' main.\"' || replace(name, '\"', '\"\"') || "
            "'\"' FROM main.sqlite_schema WHERE type IN ('trigger', 'view') OR "
            "type = 'index' AND sql IS NOT NULL ORDER BY type = 'index', type");
        while (list.step()) {
            drops.emplace_back(list.text(0));
        }
    }
    for (const std::string& drop : drops) {
        staging.execute(drop, "take back what was built in");
    }
}

}  // namespace migrate::backends::sqlite
