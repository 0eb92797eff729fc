#include "backends/postgresql/existing.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backend/merge_policy.hpp"
#include "backend/target.hpp"
#include "backends/postgresql/catalog.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/sql/existing.sql.hpp"

namespace migrate::backends::postgresql {
namespace {

void add(std::string& obstacles, const std::string& what, const std::string& names) {
    if (!names.empty()) {
        obstacles += (obstacles.empty() ? "" : "; ") + what + names;
    }
}

void note_obstacles(const session::PostgresqlRows& rows, int row, Table& table) {
    const auto text = [&](int field) { return rows.text(row, field); };
    std::string load;
    add(load, "has rules, which rewrite what is inserted: ", text(4));
    add(load, "", rows.boolean(row, 6) ? "has row-level security, which could hide rows" : "");
    add(load, "", rows.boolean(row, 14) ? "" : "the role may not SELECT, INSERT and UPDATE there");
    std::string replace;
    add(replace, "has triggers, which would stay with the old table: ", text(3));
    add(replace, "has rules: ", text(4));
    add(replace, "has policies: ", text(5));
    add(replace, "", rows.boolean(row, 6) ? "has row-level security" : "");
    add(replace, "materialized views are made from it: ", text(7));
    add(replace, "functions depend on it: ", text(8));
    add(replace, "its row type is used by: ", text(9));
    add(replace, "", rows.boolean(row, 10) ? "is part of an inheritance tree" : "");
    add(replace, "belongs to publications: ", text(11));
    add(replace, "", rows.boolean(row, 12) ? "is partitioned" : "");
    add(replace, "", rows.boolean(row, 13) ? "" : "the role does not own it");
    std::string undo;
    add(undo, "", rows.boolean(row, 16) ? "" : "the role may not DELETE there");
    add(undo, "",
        !text(3).empty() && !rows.boolean(row, 13)
            ? "it has triggers, which a rollback switches off, and the role does not own it"
            : "");
    if (!undo.empty()) {
        table.properties[backend::k_cannot_undo] = undo;
    }
    table.properties[backend::k_existing_state] = text(15);
    if (!text(2).empty()) {
        table.properties["user_triggers"] = text(2);
    }
    if (!load.empty()) {
        table.properties[backend::k_cannot_load] = load;
    }
    if (!replace.empty()) {
        table.properties[backend::k_cannot_replace] = replace;
    }
}

/// The tables of these names and their obstacles, without their rows.
Schema read_definitions(session::PostgresqlSession& session, const std::vector<QualifiedName>& names) {
    std::vector<std::string> schemas;
    std::vector<std::string> tables;
    for (const QualifiedName& name : names) {
        schemas.push_back(name.schema);
        tables.push_back(name.name);
    }
    backend::SchemaRequest request;
    request.only_tables = names;
    request.profile = false;
    request.count_rows = false;
    std::vector<std::string> once = schemas;
    std::sort(once.begin(), once.end());
    once.erase(std::unique(once.begin(), once.end()), once.end());
    Schema schema = read_catalog(session, once, request).schema;
    const auto rows =
        session.query(sql::existing, {session::array_literal(schemas), session::array_literal(tables)},
                      "looking at the tables that are there");
    for (Table& table : schema.tables) {
        for (int row = 0; row < rows.size(); ++row) {
            if (rows.view(row, 0) == table.name.schema && rows.view(row, 1) == table.name.name) {
                note_obstacles(rows, row, table);
            }
        }
    }
    return schema;
}

std::string property_of(const Table* table, const char* name) {
    const auto found = table == nullptr ? std::map<std::string, std::string>::const_iterator()
                                        : table->properties.find(name);
    return table == nullptr || found == table->properties.end() ? std::string() : found->second;
}

/// How a table is no longer what the plan was made for; empty where it still is.
std::string change_of(const Table& planned, const Table* now) {
    if (now == nullptr) {
        return "is no longer there";
    }
    const bool loads = planned.placement == Placement::load;
    const char* const way = loads ? backend::k_cannot_load : backend::k_cannot_replace;
    std::string obstacle = property_of(now, way);
    if (!obstacle.empty() && obstacle != property_of(&planned, way)) {
        return obstacle;
    }
    const std::string state = property_of(&planned, backend::k_existing_state);
    return state.empty() || state == property_of(now, backend::k_existing_state)
               ? std::string()
               : "its definition, or a trigger, rule, policy or index of it, is another";
}

}  // namespace

std::vector<Finding> changes_since_plan(session::PostgresqlSession& session, const Schema& planned,
                                        const std::set<Placement>& placements) {
    std::vector<QualifiedName> names;
    for (const Table& table : planned.tables) {
        if (placements.contains(table.placement)) {
            names.push_back(table.name);
        }
    }
    std::vector<Finding> findings;
    if (names.empty()) {
        return findings;
    }
    const Schema now = read_definitions(session, names);
    for (const Table& table : planned.tables) {
        const std::string change =
            placements.contains(table.placement) ? change_of(table, now.find_table(table.name)) : "";
        if (!change.empty()) {
            findings.push_back({Severity::blocker, "table-changed-since", "table " + table.name.display(),
                                "was changed since the plan was made: " + change,
                                "Abandon this migration, and plan it again.", 0});
        }
    }
    return findings;
}

void refuse_changes(session::PostgresqlSession& session, const Schema& planned, Placement placement) {
    for (const Finding& finding : changes_since_plan(session, planned, {placement})) {
        ErrorFacts facts{.code = ErrorCode::refused, .backend = "postgresql"};
        facts.next_step = finding.next_step;
        throw Error(facts, fmt::format("PostgreSQL: {} {}; the target is as it was.", finding.object,
                                       finding.message));
    }
}

Schema read_existing(session::PostgresqlSession& session, const std::vector<QualifiedName>& names) {
    Schema schema = read_definitions(session, names);
    for (Table& table : schema.tables) {
        const auto count = session.query("SELECT count(*) FROM " + quote_name(table.name),
                                         "counting the rows of " + table.name.display());
        table.row_estimate = static_cast<std::uint64_t>(count.integer(0, 0));
        table.row_count_exact = true;
    }
    return schema;
}

std::set<QualifiedName> names_of_replaced(session::PostgresqlSession& session, const Schema& schema) {
    std::set<QualifiedName> names;
    for (const Table& table : schema.tables) {
        if (table.placement != Placement::replace) {
            continue;
        }
        names.insert(table.name);
        const auto rows = session.query(
            "SELECT i.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
            "c.relnamespace JOIN pg_catalog.pg_index x ON x.indrelid = c.oid JOIN pg_catalog.pg_class i ON "
            "i.oid = x.indexrelid WHERE n.nspname = $1 AND c.relname = $2 UNION ALL SELECT s.relname FROM "
            "pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN "
            "pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND "
            "d.refobjid = c.oid AND d.classid = d.refclassid AND d.deptype IN ('a', 'i') JOIN "
            "pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S' WHERE n.nspname = $1 AND c.relname "
            "= $2",
            {table.name.schema, table.name.name}, "looking for what moves with a table");
        for (int row = 0; row < rows.size(); ++row) {
            names.insert({table.name.schema, rows.text(row, 0)});
        }
    }
    return names;
}

}  // namespace migrate::backends::postgresql
