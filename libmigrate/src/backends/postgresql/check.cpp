#include "backends/postgresql/check.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/sql/invalid_indexes.sql.hpp"
#include "backends/postgresql/sql/readable.sql.hpp"

namespace migrate::backends::postgresql {
namespace {

constexpr int k_oldest_version = 120000;

void check_server(session::PostgresqlSession& session, std::vector<Finding>& findings) {
    if (session.server_version() < k_oldest_version) {
        findings.push_back({Severity::blocker, "server-too-old", "the server",
                            fmt::format("PostgreSQL {} is older than 12.", session.server_version() / 10000),
                            "Upgrade the server.", 0});
    }
    const auto rows =
        session.query("SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('server_encoding')",
                      "asking for the server's state");
    if (rows.boolean(0, 0)) {
        findings.push_back({Severity::note, "server-in-recovery", "the server",
                            "The server is a standby: it can be read but not written.", "", 0});
    }
    if (rows.view(0, 1) == "SQL_ASCII") {
        findings.push_back({Severity::risk, "encoding-sql-ascii", "the database",
                            "The database's encoding is SQL_ASCII: its text may be in any encoding.",
                            "Make sure that all of its text is UTF-8.", 0});
    }
}

void check_readable(session::PostgresqlSession& session, const std::optional<std::string>& schemas,
                    std::vector<Finding>& findings) {
    const auto rows = session.query(sql::readable, {schemas}, "checking privileges");
    for (int row = 0; row < rows.size(); ++row) {
        const QualifiedName name{rows.text(row, 0), rows.text(row, 1)};
        if (rows.boolean(row, 2)) {
            findings.push_back({Severity::blocker, "table-not-readable", "table " + name.display(),
                                "The role may not read this table.",
                                "GRANT USAGE on its schema and SELECT on it, or leave the table out.", 0});
        } else {
            findings.push_back({Severity::blocker, "row-security-active", "table " + name.display(),
                                "Row-level security would hide rows from this role.",
                                "Use the table's owner or a role with BYPASSRLS.", 0});
        }
    }
}

void check_indexes(session::PostgresqlSession& session, const std::optional<std::string>& schemas,
                   std::vector<Finding>& findings) {
    const auto rows = session.query(sql::invalid_indexes, {schemas}, "checking indexes");
    for (int row = 0; row < rows.size(); ++row) {
        findings.push_back({Severity::risk, "index-invalid",
                            fmt::format("index {} on {}", rows.text(row, 1), rows.text(row, 2)),
                            "A concurrent build of this index failed; it is not used.",
                            "REINDEX INDEX or DROP INDEX.", 0});
    }
}

bool is_prefix(const std::vector<std::string>& columns, const std::vector<std::string>& of) {
    // The order of the leading columns does not matter to a lookup by equality.
    return columns.size() <= of.size() &&
           std::is_permutation(columns.begin(), columns.end(), of.begin(),
                               of.begin() + static_cast<std::ptrdiff_t>(columns.size()));
}

bool has_index(const Table& table, const std::vector<std::string>& columns) {
    const auto key_fits = [&](const Key& key) { return is_prefix(columns, key.columns); };
    if ((table.primary_key && key_fits(*table.primary_key)) ||
        std::any_of(table.unique_keys.begin(), table.unique_keys.end(), key_fits)) {
        return true;
    }
    return std::any_of(table.indexes.begin(), table.indexes.end(), [&](const Index& index) {
        std::vector<std::string> parts;
        for (const IndexPart& part : index.parts) {
            parts.push_back(part.column);
        }
        return index.predicate.empty() && is_prefix(columns, parts);
    });
}

void check_foreign_keys(const Schema& schema, std::vector<Finding>& findings) {
    for (const Table& table : schema.tables) {
        for (const ForeignKey& key : table.foreign_keys) {
            const std::string object = fmt::format("foreign key {} of {}", key.name, table.name.display());
            if (!key.validated) {
                findings.push_back({Severity::note, "foreign-key-not-valid", object,
                                    "The key is NOT VALID: rows that violate it may exist.",
                                    "ALTER TABLE … VALIDATE CONSTRAINT.", 0});
            }
            if (!has_index(table, key.columns)) {
                findings.push_back(
                    {Severity::risk, "foreign-key-without-index", object,
                     "No index begins with the key's columns: deleting or changing a referenced "
                     "row reads the whole table.",
                     "Create one, or use --index-foreign-keys.", 0});
            }
        }
        for (const Check& check : table.checks) {
            if (!check.validated) {
                findings.push_back({Severity::note, "check-not-valid",
                                    fmt::format("check {} of {}", check.name, table.name.display()),
                                    "The check is NOT VALID: rows that violate it may exist.", "", 0});
            }
        }
    }
}

}  // namespace

backend::SourceInfo describe_server(session::PostgresqlSession& session, const Endpoint& endpoint) {
    const auto rows = session.query(
        "SELECT pg_catalog.current_setting('server_version'), pg_catalog.pg_database_size("
        "pg_catalog.current_database()), pg_catalog.current_setting('server_encoding'), "
        "pg_catalog.current_setting('wal_level'), pg_catalog.pg_is_in_recovery(), current_user, "
        "pg_catalog.current_database(), (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = "
        "current_user)",
        "asking what the server is");
    backend::SourceInfo info;
    info.engine = "postgresql";
    info.engine_version = rows.text(0, 0);
    info.display = endpoint.display();
    info.snapshot_kind = "exported snapshot, REPEATABLE READ";
    info.byte_size = static_cast<std::uint64_t>(rows.integer(0, 1));
    info.facts["server_encoding"] = rows.text(0, 2);
    info.facts["wal_level"] = rows.text(0, 3);
    info.facts["in_recovery"] = rows.boolean(0, 4) ? "yes" : "no";
    info.facts["role"] = rows.text(0, 5);
    info.facts["database"] = rows.text(0, 6);
    info.facts["superuser"] = rows.boolean(0, 7) ? "yes" : "no";
    info.facts["encrypted"] = PQsslInUse(session.native()) != 0 ? "yes" : "no";
    return info;
}

/// Two names of one server lead to the same start to the microsecond, which everybody may ask for. Its
/// standbys share the system's number, where the role may ask for that.
backend::DatabaseIdentity identity_of_server(session::PostgresqlSession& session) {
    const auto rows = session.query(
        "SELECT pg_catalog.date_part('epoch', pg_catalog.pg_postmaster_start_time()), d.oid, "
        "pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE'), "
        "pg_catalog.pg_is_in_recovery(), current_user FROM pg_catalog.pg_database d WHERE d.datname = "
        "pg_catalog.current_database()",
        "asking which database this is");
    backend::DatabaseIdentity info;
    info.self = fmt::format("postgresql:{}:{}", rows.view(0, 0), rows.view(0, 1));
    info.server = fmt::format("postgresql:{}", rows.view(0, 0));
    info.replica = rows.boolean(0, 3);
    info.role = rows.text(0, 4);
    if (rows.boolean(0, 2)) {
        const auto system = session.query("SELECT system_identifier FROM pg_catalog.pg_control_system()",
                                          "asking which server this is");
        info.cluster = fmt::format("postgresql:{}:{}", system.view(0, 0), rows.view(0, 1));
    }
    return info;
}

backend::Fingerprint fingerprint_of(session::PostgresqlSession& session) {
    const auto allowed = session.query(
        "SELECT pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') AND "
        "pg_catalog.has_function_privilege('pg_catalog.pg_control_checkpoint()', 'EXECUTE')",
        "asking for privileges");
    if (!allowed.boolean(0, 0)) {
        return {};
    }
    const auto rows = session.query(
        "SELECT s.system_identifier, c.timeline_id, d.oid, pg_catalog.txid_snapshot_xmin(snapshot), "
        "pg_catalog.txid_snapshot_xmax(snapshot), (SELECT pg_catalog.md5(coalesce(pg_catalog.string_agg("
        "pg_catalog.format('%I.%I %s', q.schemaname, q.sequencename, q.last_value), ',' ORDER BY "
        "q.schemaname, "
        "q.sequencename), '')) FROM pg_catalog.pg_sequences q) FROM pg_catalog.pg_control_system() s, "
        "pg_catalog.pg_control_checkpoint() c, pg_catalog.pg_database d, pg_catalog.txid_current_snapshot() "
        "snapshot WHERE d.datname = pg_catalog.current_database()",
        "taking the source's fingerprint");
    if (rows.view(0, 3) != rows.view(0, 4)) {
        return {};
    }
    // Numbers are mostly drawn from a sequence without a transaction's own number being taken.
    return fmt::format("postgresql:{}:{}:{}:{}:{}", rows.view(0, 0), rows.view(0, 1), rows.view(0, 2),
                       rows.view(0, 3), rows.view(0, 5));
}

std::vector<Finding> check_database(session::PostgresqlSession& session,
                                    const std::vector<std::string>& schemas, const Schema& schema) {
    std::vector<Finding> findings;
    std::optional<std::string> list;
    if (!schemas.empty()) {
        list = session::array_literal(schemas);
    }
    check_server(session, findings);
    check_readable(session, list, findings);
    check_indexes(session, list, findings);
    check_foreign_keys(schema, findings);
    return findings;
}

std::vector<backend::BrokenRule> count_broken_rules(
    session::PostgresqlSession& session, const Schema& schema,
    const std::function<std::string(const Table& table)>& relation) {
    constexpr std::string_view k_doing = "counting rows that break rules";
    // An index that is damaged, or was never checked, would agree with itself.
    const std::array settings{"enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan"};
    for (const char* setting : settings) {
        session.execute(fmt::format("SET LOCAL {} = off", setting), std::string(k_doing));
    }
    std::vector<backend::BrokenRule> broken;
    const backend::RuleDialect dialect{
        [](const std::string& name) { return quote_identifier(name); },
        [](const std::string& column) { return "pg_catalog.num_nulls(" + column + ") = 1"; }, relation, true};
    for (backend::RuleQuery& query : backend::rule_queries(schema, dialect)) {
        const auto rows = session.query(query.sql, std::string(k_doing));
        for (std::size_t i = 0; i < query.rules.size(); ++i) {
            query.rules[i].rows = static_cast<std::uint64_t>(rows.integer(0, static_cast<int>(i)));
            if (query.rules[i].rows > 0) {
                broken.push_back(std::move(query.rules[i]));
            }
        }
    }
    for (const char* setting : settings) {
        session.execute(fmt::format("RESET {}", setting), std::string(k_doing));
    }
    return broken;
}

}  // namespace migrate::backends::postgresql
