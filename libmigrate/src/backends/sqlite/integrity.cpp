#include "backends/sqlite/integrity.hpp"

#include <algorithm>
#include <map>

#include <sqlite3.h>

#include <migrate/error.hpp>

#include "backend/damage.hpp"
#include "session/sqlite_statement.hpp"
#include "util/human.hpp"

namespace migrate::backends::sqlite {
namespace {

using session::quote_identifier;
using session::SqliteSession;
using session::SqliteStatement;

/// Up to this size the check that also compares indexes with their tables is quick enough to always run.
constexpr std::int64_t k_full_check_bytes = 256LL * 1024 * 1024;
/// The release that no longer loses pages when a write and a checkpoint in WAL mode coincide.
constexpr int k_wal_safe_version = 3'051'003;

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : ", ") + name;
    }
    return out;
}

bool begins_with(const std::vector<std::string>& index, const std::vector<std::string>& columns) {
    return index.size() >= columns.size() && std::equal(columns.begin(), columns.end(), index.begin());
}

/// Rows against their declaration are no damage; and of a WITHOUT ROWID table whose key is not its first
/// column, SQLite 3.40 says that NOT NULL columns hold NULL where they do not.
bool is_damage(std::string_view line) {
    return line != "ok" && line.find("constraint failed") == std::string_view::npos &&
           line.find("value in") == std::string_view::npos;
}

/// Whether "NULL value in TABLE.COLUMN" is untrue: the column is asked itself, and not by IS NULL, which
/// SQLite answers from the declaration.
bool is_false_alarm(const SqliteSession& session, const Schema& schema, std::string_view line) {
    constexpr std::string_view k_said = "NULL value in ";
    if (!line.starts_with(k_said)) {
        return false;
    }
    const std::string_view what = line.substr(k_said.size());
    for (const Table& table : schema.tables) {
        for (const Column& column : table.columns) {
            if (what == table.name.name + "." + column.name) {
                return session.query_integer("SELECT EXISTS (SELECT 1 FROM main." +
                                             quote_identifier(table.name.name) + " WHERE typeof(" +
                                             quote_identifier(column.name) + ") = 'null')") == 0;
            }
        }
    }
    return false;
}

bool is_small(const SqliteSession& session) {
    return session.query_integer("PRAGMA main.page_count") * session.query_integer("PRAGMA main.page_size") <=
           k_full_check_bytes;
}

void check_pages(const SqliteSession& session, const Schema& schema, std::vector<Finding>& findings) {
    SqliteStatement check(
        session, is_small(session) ? "PRAGMA main.integrity_check(20)" : "PRAGMA main.quick_check(20)",
        "check");
    while (check.step()) {
        const std::string_view line = check.text(0);
        if (line == "ok" || is_false_alarm(session, schema, line)) {
            continue;
        }
        const bool damage = is_damage(line);
        findings.push_back({damage ? Severity::blocker : Severity::risk,
                            damage ? backend::k_database_damaged : "constraint-violated", session.path(),
                            std::string(line),
                            damage ? "Restore a backup, or save what can be read with the sqlite3 shell's "
                                     ".recover."
                                   : "",
                            1});
    }
}

/// What is wrong with pages comes before what is said of rows.
std::string damage_found_by(const SqliteSession& session, const std::string& pragma) {
    SqliteStatement check(session, pragma, "check");
    while (check.step()) {
        if (is_damage(check.text(0))) {
            return std::string(check.text(0));
        }
    }
    return "";
}

/// Of a file whose checks, indexes or generated columns use functions or collations of an application: what
/// can be looked at without them.
std::string damage_of_tables(const SqliteSession& session) {
    std::vector<std::string> names;
    SqliteStatement tables(session, "SELECT name FROM main.sqlite_schema WHERE type = 'table'", "check");
    while (tables.step()) {
        names.emplace_back(tables.text(0));
    }
    for (const std::string& name : names) {
        try {
            const std::string damage =
                damage_found_by(session, "PRAGMA main.quick_check(" + quote_identifier(name) + ")");
            if (!damage.empty()) {
                return damage;
            }
        } catch (const Error& error) {
            if (error.code() != ErrorCode::unsupported) {
                throw;
            }
        }
    }
    return "";
}

/// What is wrong with its pages; empty if nothing is.
std::string damage_of(const SqliteSession& session, const char* pragma) {
    try {
        return damage_found_by(session, pragma);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::unsupported) {
            throw;
        }
        return damage_of_tables(session);
    }
}

[[noreturn]] void throw_damaged(ErrorCode code, const std::string& what, const std::string& next_step) {
    ErrorFacts facts;
    facts.code = code;
    facts.backend = "sqlite";
    facts.next_step = next_step;
    throw Error(std::move(facts), what);
}

const char* check_of(const SqliteSession& session, bool thorough) {
    return thorough && is_small(session) ? "PRAGMA main.integrity_check(100)"
                                         : "PRAGMA main.quick_check(100)";
}

constexpr const char* k_look_at_disk = "Check the disk and the memory of this machine, then try again.";

void check_version(const SqliteSession& session, std::vector<Finding>& findings) {
    if (sqlite3_libversion_number() < k_wal_safe_version &&
        session.query_text("PRAGMA main.journal_mode") == "wal") {
        findings.push_back({Severity::note, "sqlite-version", session.path(),
                            std::string("SQLite ") + sqlite3_libversion() +
                                " can lose pages when a write and a checkpoint in WAL mode coincide",
                            "Use SQLite 3.51.3 or later where several programs write.", 0});
    }
}

}  // namespace

bool has_index_on(const Table& table, const std::vector<std::string>& columns) {
    if (table.primary_key && begins_with(table.primary_key->columns, columns)) {
        return true;
    }
    for (const Key& key : table.unique_keys) {
        if (begins_with(key.columns, columns)) {
            return true;
        }
    }
    return std::any_of(table.indexes.begin(), table.indexes.end(), [&](const Index& index) {
        std::vector<std::string> parts;
        for (const IndexPart& part : index.parts) {
            parts.push_back(part.column);
        }
        return index.predicate.empty() && begins_with(parts, columns);
    });
}

std::vector<Finding> find_orphans(const SqliteSession& session, const Table& table, Severity severity) {
    std::vector<Finding> findings;
    if (table.foreign_keys.empty()) {
        return findings;
    }
    std::map<std::int64_t, std::pair<std::string, std::uint64_t>> counts;
    try {
        SqliteStatement check(session,
                              "PRAGMA main.foreign_key_check(" + quote_identifier(table.name.name) + ")",
                              "check the foreign keys of");
        while (check.step()) {
            auto& [parent, count] = counts[check.integer(3)];
            parent = check.text(2);
            ++count;
        }
    } catch (const Error& error) {
        // A mismatch of the key with the table it points to is an error of the statement.
        if (error.code() != ErrorCode::unsupported) {
            throw;
        }
        findings.push_back({severity, "foreign-key-unusable", "table " + table.name.display(), error.what(),
                            "Give the referenced columns a unique key.", 0});
    }
    for (const auto& [id, orphans] : counts) {
        findings.push_back({severity, "foreign-key-orphans", "table " + table.name.display(),
                            util::human_rows(orphans.second, "points", "point") + " to rows of " +
                                orphans.first + " that are not there",
                            "Delete the rows or add what they point to.", orphans.second});
    }
    return findings;
}

std::vector<backend::BrokenRule> broken_rules(const SqliteSession& session, const Schema& schema) {
    std::vector<backend::BrokenRule> broken;
    const backend::RuleDialect dialect{
        session::quote_identifier,
        [](const std::string& column) { return "typeof(" + column + ") = 'null'"; },
        [](const Table& table) { return "main." + quote_identifier(table.name.name) + " NOT INDEXED"; },
        false};
    for (backend::RuleQuery& query : backend::rule_queries(schema, dialect)) {
        SqliteStatement count(session, query.sql, "count the rows that break rules in");
        count.step();
        for (std::size_t i = 0; i < query.rules.size(); ++i) {
            query.rules[i].rows = static_cast<std::uint64_t>(count.integer(static_cast<int>(i)));
            if (query.rules[i].rows > 0) {
                broken.push_back(std::move(query.rules[i]));
            }
        }
    }
    for (const Table& table : schema.tables) {
        for (const Finding& finding : find_orphans(session, table, Severity::risk)) {
            broken.push_back(
                {table.name, "foreign keys", "each row points to one that is there", finding.count});
        }
    }
    return broken;
}

std::vector<Finding> check_integrity(const SqliteSession& session, const Schema& schema) {
    std::vector<Finding> findings;
    check_pages(session, schema, findings);
    check_version(session, findings);
    for (const Table& table : schema.tables) {
        for (Finding& finding : find_orphans(session, table, Severity::risk)) {
            findings.push_back(std::move(finding));
        }
        for (const ForeignKey& key : table.foreign_keys) {
            if (!has_index_on(table, key.columns)) {
                findings.push_back({Severity::risk, "foreign-key-without-index",
                                    "table " + table.name.display() + ", column " + joined(key.columns),
                                    "a foreign key to " + key.referenced_table.display() +
                                        " has no index: deleting there scans this table",
                                    "Build one with --index-foreign-keys.", 0});
            }
        }
    }
    return findings;
}

void require_quick_check(const SqliteSession& session) {
    const std::string damage = damage_of(session, check_of(session, false));
    if (!damage.empty()) {
        throw_damaged(ErrorCode::corrupt, session.path() + " is damaged: " + damage, k_look_at_disk);
    }
}

void require_sound_staging(const SqliteSession& session, bool thorough) {
    std::string damage;
    try {
        damage = damage_of(session, check_of(session, thorough));
    } catch (const Error& error) {
        if (error.code() != ErrorCode::corrupt) {
            throw;
        }
        damage = error.what();
    }
    if (!damage.empty()) {
        throw_damaged(ErrorCode::differs, "what was staged is damaged, and nothing was shown: " + damage,
                      k_look_at_disk);
    }
}

void refuse_damaged_target(const SqliteSession& session, bool thorough) {
    const std::string damage = damage_of(session, check_of(session, thorough));
    if (!damage.empty()) {
        throw_damaged(ErrorCode::refused,
                      "the target " + session.path() + " is damaged, and nothing is written to it: " + damage,
                      "Restore a backup, or save what can be read with the sqlite3 shell's .recover.");
    }
}

}  // namespace migrate::backends::sqlite
